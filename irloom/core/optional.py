"""The one place that words a missing extra."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from irloom.core.errors import MissingExtra


def require(module: str, *, extra: str, purpose: str = "this") -> ModuleType:
    """Imports an optional module.

    Args:
        module: its dotted name, such as "torch".
        extra: the extra of irloom that brings it.
        purpose: what needs it, as the error's subject: "DenseEncoder".

    Raises:
        MissingExtra: the package is not installed.
    """
    package = module.partition(".")[0]
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.partition(".")[0] == package:
            raise MissingExtra(package, extra=extra, purpose=purpose) from None
        raise


def available(module: str) -> bool:
    """Whether an optional module is installed, without importing it."""
    return find_spec(module.partition(".")[0]) is not None
