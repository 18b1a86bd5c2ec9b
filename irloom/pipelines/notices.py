"""What is odd about data but no error: said once, as a warning with counts."""

import warnings
from collections.abc import Iterable, Iterator, Sequence

from irloom.core.errors import BadValue
from irloom.core.types import Document, Qrels, Query
from irloom.indexing.collection import Collection

LONG = 10_000
"""Characters from which a query is called long: no one typed it."""


def check_queries(queries: Sequence[Query], *, where: str) -> None:
    """Refuses ids that no run file can hold; warns of queries without text and of very long ones.

    Args:
        queries: what is about to be asked.
        where: the file or dataset that they are of.

    Raises:
        BadValue: an id holds a blank.
    """
    for query in queries:
        if len(query.id.split()) != 1 or query.id != query.id.strip():
            raise BadValue(f"{where}: query id", query.id, "text without blanks, which separate the columns of a TREC run")
    empty = [query.id for query in queries if not query.text.strip()]
    if empty:
        _say(f"{where}: {_share(empty, len(queries), 'queries')} without text; each gets an empty ranking")
    long = [query.id for query in queries if len(query.text) > LONG]
    if long:
        _say(f"{where}: {_share(long, len(queries), 'queries')} longer than {LONG:,} characters; BM25 reads it all, encoders cut it")


def with_empty_counted(documents: Iterable[Document], *, where: str) -> Iterator[Document]:
    """The documents, as they come; at their end a warning of those without text."""
    empty: list[str] = []
    count = 0
    for document in documents:
        count += 1
        if not (document.text.strip() or document.title.strip() or document.images):
            empty.append(document.id)
        yield document
    if empty:
        _say(f"{where}: {_share(empty, count, 'documents')} without text; they are kept, and no word finds them")


def warn_of_absent(qrels: Qrels, collection: Collection, *, where: str) -> None:
    """Warns of judged documents that the collection lacks."""
    judged = list(dict.fromkeys(doc_id for row in qrels.values() for doc_id in row))
    absent = collection.missing(judged)
    if absent:
        _say(f"{where}: {_share(absent, len(judged), 'judged documents')} not in the corpus; they count as not found")


def _share(ids: Sequence[str], total: int, things: str) -> str:
    verb = "is" if len(ids) == 1 else "are"
    return f"{len(ids):,} of {total:,} {things} (such as {ids[0]!r}) {verb}"


def _say(text: str) -> None:
    warnings.warn(text, UserWarning, stacklevel=3)
