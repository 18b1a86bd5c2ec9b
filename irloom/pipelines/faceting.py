"""Facets of a collection on disk: what `irloom facets` does."""

from collections.abc import Sequence
from pathlib import Path

from irloom.core.errors import BadValue
from irloom.core.types import Filter
from irloom.data.trec import read_run
from irloom.indexing.collection import Collection
from irloom.indexing.facets import TOP, Facet, count_facet
from irloom.indexing.filtering import filters_of


def facets_of(
    collection: str | Path,
    fields: Sequence[str] = (),
    *,
    where: str | None = None,
    run: str | Path | None = None,
    query: str | None = None,
    top: int | None = TOP,
) -> list[Facet]:
    """Counts the values of fields over a collection, over a filter, or over what a run found.

    Args:
        collection: its folder.
        fields: as filters name them; none for all that can be counted.
        where: only documents that this filter allows.
        run: only documents that this run file holds.
        query: only what the run holds for this query.
        top: how many values of each are given; None for all.

    Raises:
        NotACollection: there is none.
        UnknownName: no document has a field, or one of the filter.
        BadValue: a query is named without a run, the run lacks it, or a field cannot be counted.
        UnknownDocument: the run holds a document that the collection lacks.
    """
    if query is not None and run is None:
        raise BadValue("query", query, "no query without a run that holds its documents")
    narrowed = Filter(where) if where is not None else None
    doc_ids = _found(run, query) if run is not None else None
    with Collection.open(collection) as opened:
        known = [field for field in filters_of(opened).kinds if field not in ("id", "title")]
        named = list(fields) or [field for field in known if field != "parent" or _has_parents(opened)]
        return [count_facet(opened, field, where=narrowed, doc_ids=doc_ids, top=top) for field in named]


def _found(path: str | Path, query: str | None) -> Sequence[str]:
    run = read_run(path)
    if query is None:
        return run.doc_ids
    if query not in run:
        raise BadValue("query", query, f"one of the {len(run):,} queries of {path}")
    return run[query].doc_ids


def _has_parents(collection: Collection) -> bool:
    return any(("parent", "text") in columns.runs for columns in filters_of(collection).columns)
