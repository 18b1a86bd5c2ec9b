"""The collections that have a name wherever irloom runs, and the names that stand for several of them."""

from irloom.core.errors import DataError
from irloom.data import beir, nano, passages
from irloom.data.dataset import Protocol
from irloom.data.entry import Entry

CATALOGUE: dict[str, Entry] = {entry.name: entry for entry in (*beir.BEIR, *passages.PASSAGES, *nano.NANO)}
GROUPS: dict[str, tuple[str, ...]] = {**beir.GROUPS, **nano.GROUPS}


def expand_dataset(name: str) -> list[str]:
    """The collections that a name stands for: those of a group, whose figure is the mean over them, or the name alone.

    >>> expand_dataset("beir/cqadupstack")[:2]
    ['beir/cqadupstack/android', 'beir/cqadupstack/english']
    >>> expand_dataset("beir/scifact")
    ['beir/scifact']
    """
    return list(GROUPS.get(name, (name,)))


def protocol_of(name: str) -> Protocol | None:
    """The protocol of an id of ir_datasets or a repository of the Hub: that of the longest beginning of it that is a name here.

    BEIR's sets are the same under BeIR/ and mteb/ at the Hub. All years of TREC DL on MS MARCO's passages count grades from 2 as relevant.

    >>> protocol_of("beir/quora/dev").remove_self_hits
    True
    >>> protocol_of("mteb/arguana").remove_self_hits
    True
    >>> protocol_of("msmarco-passage-v2/trec-dl-2022/judged").min_grade
    2
    """
    owner, _, rest = name.partition("@")[0].partition("/")
    parts = ["beir" if owner in ("BeIR", "mteb") else owner, *rest.split("/")]
    for length in range(len(parts), 0, -1):
        entry = CATALOGUE.get("/".join(parts[:length]))
        if entry is not None:
            return entry.protocol
    if name.startswith("msmarco-passage") and any(part.startswith("trec-dl-") for part in parts):
        return Protocol(min_grade=2)
    return None


def refuse_group(name: str) -> None:
    """Refuses a group where one collection is wanted.

    Raises:
        DataError: the name stands for several.
    """
    if name in GROUPS:
        listed = ", ".join(GROUPS[name])
        advice = "name one of them, or give the group as an experiment's dataset, which takes the mean"
        raise DataError(f"{name!r} is a group of {len(GROUPS[name])} datasets ({listed}); {advice}")
