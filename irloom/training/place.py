"""Where trained models are kept."""

from pathlib import Path

from irloom.data.named import cache_folder
from irloom.models.loading import MODELS


def model_place(name: str) -> Path:
    """The folder in irloom's cache in which a model is found by its name alone."""
    return cache_folder() / MODELS / name
