"""What the first documents of a ranking show, whatever stage brought them: holes, likely false negatives, near-duplicates."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from irloom.core.run import Run
from irloom.core.types import Qrels
from irloom.eval.suspects import Suspect, SuspectRule, find_suspects
from irloom.text.minhash import NearDuplicate


@dataclass(frozen=True, slots=True)
class Shown:
    """What the first documents of one query's ranking show by themselves.

    Attributes:
        least: the lowest grade within the cut; 0 for an unjudged document and an empty place.
        holes: the unjudged documents within the cut, best first.
        suspects: the likely false negatives.
        duplicates: near-duplicates within the cut.
        causes: what is to be said of the query for these.
    """

    least: int
    holes: tuple[str, ...]
    suspects: tuple[Suspect, ...]
    duplicates: tuple[NearDuplicate, ...]
    causes: frozenset[str]


def look_at(
    run: Run,
    voters: Sequence[Run],
    qrels: Qrels,
    *,
    rule: SuspectRule,
    cut: int,
    min_grade: int,
    similar: Mapping[str, Mapping[str, float]],
) -> Iterator[Shown]:
    """What the ranking of each judged query shows, in the judgments' order.

    Args:
        run: the system's.
        voters: the runs whose agreement makes a likely false negative; those that begin alike for every query have one vote.
        qrels: grades by query, then document.
        rule: what makes a likely false negative.
        cut: within which a document counts as shown.
        min_grade: the lowest grade that is relevant.
        similar: the similarity of near-duplicates, by document, then document.
    """
    shown = run.cut(max(cut, rule.within, rule.top))
    tops = [voter.cut(rule.top) for voter in _distinct(voters, depth=max(rule.within, rule.top))]
    for query_id, row in qrels.items():
        ranked = list(shown[query_id].doc_ids) if query_id in shown else []
        within = ranked[:cut]
        holes = tuple(doc_id for doc_id in within if doc_id not in row)
        agreeing = [top[query_id].doc_ids for top in tops if query_id in top]
        suspects = find_suspects(ranked, row, min_grade=min_grade, rule=rule, similar=similar, tops=agreeing)
        twins = _twins(within, similar)
        least = min((max(row.get(doc_id, 0), 0) for doc_id in within), default=0) if len(within) == cut else 0
        said = {"empty": not ranked, "holes": holes, "false_negatives": suspects, "near_duplicates": twins}
        yield Shown(least, holes, suspects, twins, frozenset(cause for cause, found in said.items() if found))


def _twins(within: Sequence[str], similar: Mapping[str, Mapping[str, float]]) -> tuple[NearDuplicate, ...]:
    """The near-duplicates among documents, in their order."""
    places = {doc_id: place for place, doc_id in enumerate(within)}
    pairs = [
        (place, places[other], value)
        for doc_id, place in places.items()
        for other, value in similar.get(doc_id, {}).items()
        if places.get(other, -1) > place
    ]
    return tuple(NearDuplicate(within[first], within[second], value) for first, second, value in sorted(pairs))


def _distinct(runs: Sequence[Run], *, depth: int) -> list[Run]:
    """The runs without those whose first documents equal another's: a system that is a stage of another one has one vote."""
    heads = (frozenset((query_id, tuple(ranking.doc_ids)) for query_id, ranking in run.cut(depth).items()) for run in runs)
    return list(dict(zip(heads, runs, strict=True)).values())
