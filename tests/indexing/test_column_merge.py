"""Merged columns are, byte for byte, those of the live documents written at once."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.types import Document
from irloom.indexing.column_merge import merge_columns
from irloom.indexing.column_writer import columns_of, segment_columns, write_columns

WORDS = st.text(st.sampled_from("abü"), max_size=2)
VALUES = WORDS | st.integers(-2, 2) | st.sampled_from([1 << 70, 0.5, -0.0]) | st.booleans() | st.lists(WORDS, max_size=3).map(tuple)
DOCUMENTS = st.builds(
    lambda parent, meta: Document("id", "text", parent=parent, meta=meta),
    st.sampled_from(["", "p"]),
    st.dictionaries(st.sampled_from(["x", "y", "title"]), VALUES, max_size=3) | st.just({"x": "a"}),
)
SEGMENTS = st.lists(st.lists(st.tuples(DOCUMENTS, st.booleans()), min_size=1, max_size=5), min_size=1, max_size=4)


@given(SEGMENTS, st.booleans())
@settings(max_examples=50)
def test_a_merge_is_a_rebuild(segments: list[list[tuple[Document, bool]]], all_live: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        root, sources = Path(name), []
        for number, rows in enumerate(segments):
            folder, documents = root / str(number), [document for document, _ in rows]
            folder.mkdir()
            if number % 2 == 0:  # the others are of format version 1: they have no columns
                write_columns(folder, columns_of(documents))
            live = None if all_live else np.array([alive for _, alive in rows])
            sources.append((segment_columns(folder, documents), live))
        merged, rebuilt = root / "merged", root / "rebuilt"
        merged.mkdir()
        rebuilt.mkdir()
        merge_columns(sources, merged)
        write_columns(rebuilt, columns_of(document for rows in segments for document, alive in rows if alive or all_live))
        assert {path.name: path.read_bytes() for path in merged.iterdir()} == {path.name: path.read_bytes() for path in rebuilt.iterdir()}


def test_many_words_are_written_in_blocks(tmp_path: Path) -> None:
    halves = [[Document(str(n), "", meta={"url": f"https://example.org/{n}"}) for n in range(start, 10_000, 2)] for start in (0, 1)]
    merge_columns([(columns_of(half), None) for half in halves], tmp_path)
    run = segment_columns(tmp_path, [*halves[0], *halves[1]]).runs["url", "text"]
    assert [run.words[code].decode() for code in run.values.tolist()] == [str(doc.meta["url"]) for half in halves for doc in half]
