"""Queries that could not be reranked: they keep the order given and are counted in one warning, unless there are no others."""

import logging
from collections.abc import Sequence

from irloom.core.errors import ModelError, shortened
from irloom.core.notes import ORDER_GIVEN, kept_order
from irloom.rerankers.head import Head, Scored

_log = logging.getLogger(__name__)


class NoneAsked(ModelError):
    """Of all queries of a call none left room for documents, so that the model was asked nothing."""


def tell_failures(heads: Sequence[Head], scored: Sequence[Scored], *, error: ModelError | None = None) -> None:
    """Warns of the queries whose note `fallback` says that the order given was kept.

    Args:
        heads: the queries.
        scored: what was found for each, with its notes.
        error: what to raise where all failed; the first one's reason when left out.

    Raises:
        ModelError: every query failed; NoneAsked where none was asked.
    """
    failed = [(query, one) for (query, _), one in zip(heads, scored, strict=True) if kept_order(one.notes)]
    if not failed:
        return
    query, first = failed[0]
    reason = str(first.notes["fallback"]).removeprefix(f"{ORDER_GIVEN}: ")
    if len(failed) == len(heads):
        problem = f"all {len(failed)} queries failed; the first, {query.id!r}: {reason}"
        if error is None and not any(one.notes.get("calls") for _, one in failed):
            raise NoneAsked(f"{problem}; name a model of a longer context, or shorten the query, which is never cut")
        raise error or ModelError(problem)
    _log.warning(
        "%d of %d queries failed and keep the order given; the first, %r: %s", len(failed), len(heads), query.id, shortened(reason)
    )
