"""Kernels are compiled with a cache where there is room for one, and without one elsewhere."""

from irloom.indexing.kernels.jit import kernel


def test_no_place_for_a_cache() -> None:
    names: dict[str, object] = {}
    exec("def double(x):\n    return 2 * x", names)  # of no file, so numba finds no folder for its cache
    double = kernel(names["double"])  # type: ignore[type-var]
    assert double(21) == 42


def test_division_by_zero_is_ieee() -> None:
    @kernel
    def divide(a: float, b: float) -> float:
        return a / b

    assert divide(1.0, 0.0) == float("inf")
