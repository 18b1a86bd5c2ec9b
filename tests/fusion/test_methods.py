import pytest

from irloom.core.errors import BadValue, UnknownName
from irloom.fusion.methods import METHODS, Settings, checked_method


def test_what_a_method_does_not_read_is_refused() -> None:
    for method in METHODS.values():
        assert method.policies in ((), ("zero", "min"), ("skip", "zero", "min"))
    with pytest.raises(BadValue, match="reads ranks"):
        checked_method("borda", Settings(missing="zero"), runs=2)
    with pytest.raises(BadValue, match="has no weights"):
        checked_method("combsum", Settings(weights=[1, 1]), runs=2)
    with pytest.raises(UnknownName, match="known: min, zero"):
        checked_method("combsum", Settings(missing="skip"), runs=2)
    with pytest.raises(UnknownName, match="Did you mean 'condorcet'"):
        checked_method("condorcit", Settings(), runs=2)
    assert checked_method("combmed", Settings(missing="min", normalise=["borda", "tmm(0)"]), runs=2) is METHODS["combmed"]
