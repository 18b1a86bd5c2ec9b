"""The fusion methods by name: what each reads, what it does about missing documents, and how it scores."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from irloom.core.errors import BadValue, UnknownName
from irloom.fusion.align import Aligned
from irloom.fusion.condorcet import condorcet
from irloom.fusion.normalise import Scores
from irloom.fusion.ranks import borda_points, inverse_squares, log_inverse_squares, rank_biased_centroid, reciprocal_ranks
from irloom.fusion.scoring import (
    check_missing,
    check_normalisers,
    check_weights,
    greatest,
    least,
    mean_of_present,
    middle,
    normalised,
    times_found,
    weighted_sum,
)

_ADDING = ("zero", "min")
_CHOOSING = ("skip", "zero", "min")


@dataclass(frozen=True, slots=True)
class Settings:
    """A method's arguments; see `irloom.fusion.fuse.fuse`."""

    c: float = 60
    phi: float = 0.8
    weights: Sequence[float] | None = None
    normalise: str | Sequence[str] | None = None
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """A fusion method.

    Attributes:
        score: gives float64 (n,), the fused score of each document.
        policies: what can be done about missing documents, the usual first; none where the method reads ranks alone.
    """

    score: Callable[[Aligned, Settings], Scores]
    policies: tuple[str, ...] = ()


def _by_score(combine: Callable[[Scores], Scores], policies: tuple[str, ...]) -> Method:
    return Method(lambda aligned, settings: combine(_columns(aligned, settings, policies)), policies)


def _columns(aligned: Aligned, settings: Settings, policies: tuple[str, ...]) -> Scores:
    return normalised(aligned, normalise=settings.normalise or "minmax", missing=settings.missing or policies[0])


def _sum(columns: Scores) -> Scores:
    return weighted_sum(columns, [1.0] * len(columns))


def _weighted(aligned: Aligned, settings: Settings) -> Scores:
    weights = settings.weights if settings.weights is not None else [1 / len(aligned.parts)] * len(aligned.parts)
    return weighted_sum(_columns(aligned, settings, _ADDING), weights)


METHODS: Mapping[str, Method] = {
    "rrf": Method(lambda aligned, settings: reciprocal_ranks(aligned, c=settings.c)),
    "isr": Method(lambda aligned, _settings: inverse_squares(aligned)),
    "log_isr": Method(lambda aligned, _settings: log_inverse_squares(aligned)),
    "rbc": Method(lambda aligned, settings: rank_biased_centroid(aligned, phi=settings.phi)),
    "borda": Method(lambda aligned, _settings: borda_points(aligned)),
    "condorcet": Method(lambda aligned, _settings: condorcet(aligned)),
    "weighted": Method(_weighted, _ADDING),
    "combsum": _by_score(_sum, _ADDING),
    "combmnz": Method(lambda aligned, settings: _sum(_columns(aligned, settings, _ADDING)) * times_found(aligned), _ADDING),
    "combanz": _by_score(mean_of_present, _CHOOSING),
    "combmax": _by_score(greatest, _CHOOSING),
    "combmin": _by_score(least, _CHOOSING),
    "combmed": _by_score(middle, _CHOOSING),
}


def checked_method(name: str, settings: Settings, *, runs: int) -> Method:
    """The method of that name, once its settings are in range.

    Raises:
        UnknownName: the method, a normaliser or the policy is unknown.
        BadValue: a setting is out of its range, or the method does not read it.
    """
    if name not in METHODS:
        raise UnknownName("fusion method", name, METHODS)
    method = METHODS[name]
    if not 0 <= settings.c < float("inf"):
        raise BadValue("c", settings.c, "0 or more")
    if not 0 < settings.phi < 1:
        raise BadValue("phi", settings.phi, "a number between 0 and 1")
    if settings.weights is not None:
        if name != "weighted":
            raise BadValue("weights", list(settings.weights), f"none: the method {name!r} has no weights; 'weighted' has")
        check_weights(settings.weights, runs)
    for setting, value in (("normalise", settings.normalise), ("missing", settings.missing)):
        if value is not None and not method.policies:
            raise BadValue(setting, value, f"none: the method {name!r} reads ranks, not scores")
    if settings.normalise is not None:
        check_normalisers(settings.normalise, runs)
    if settings.missing is not None:
        check_missing(settings.missing, method.policies, method=name)
    return method
