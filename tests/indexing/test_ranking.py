"""Ranks over segments against a sort of all ids."""

from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from irloom.indexing.ranking import joined_ranks
from tests.fakes import id_table

IDS = st.lists(st.lists(st.text("abé\ud800", min_size=1, max_size=3), unique=True, min_size=1, max_size=6), min_size=1, max_size=5)


@given(IDS)
def test_equals_a_sort_of_all_ids(segments: list[list[str]]) -> None:
    with TemporaryDirectory() as folder:
        tables = [id_table(Path(folder) / str(number), ids) for number, ids in enumerate(segments)]
        ranks = joined_ranks(tables)
        for first in range(1, len(tables)):
            assert (joined_ranks(tables, known=joined_ranks(tables[:first])) == ranks).all()
    keys = [(doc_id.encode("utf-8", "surrogatepass"), segment) for segment, ids in enumerate(segments) for doc_id in ids]
    order = sorted(range(len(keys)), key=keys.__getitem__, reverse=True)  # of equal ids the later segment's comes first
    assert np.argsort(ranks).tolist() == order
    assert ranks.dtype == np.int32


def test_no_segment() -> None:
    assert joined_ranks([]).tolist() == []
