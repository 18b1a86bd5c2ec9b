"""Settings: what is left out passes, what is out of range is named."""

import pytest

from irloom.core.errors import BadValue
from irloom.models.settings import at_least, one_of


def test_what_is_left_out_or_known_passes() -> None:
    for value in (None, "mean"):
        one_of("pooling", value, ("mean", "cls"))
    for number in (None, 1, 2):
        at_least("max_tokens", number, 1)


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(BadValue, match="pooling is 'mena'; expected one of mean, cls"):
        one_of("pooling", "mena", ("mean", "cls"))
    with pytest.raises(BadValue, match="max_tokens is 0; expected 1 or more"):
        at_least("max_tokens", 0, 1)
