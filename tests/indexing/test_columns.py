"""Columns on disk: what comes back, what is shared, and files that do not fit."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from irloom.core.errors import Corrupt
from irloom.core.files import map_array, write_array
from irloom.core.types import Document
from irloom.indexing.column_writer import ColumnsWriter, columns_of
from irloom.indexing.columns import CODES, DOCUMENTS, NAME, NUMBERS, WORD_OFFSETS, WORDS, Columns, Words, has_columns, open_columns

DOCUMENTS_WRITTEN = [
    Document("1", "t", meta={"lang": "en", "year": 2020, "tags": ("b", "a", "b")}),
    Document("2", "t", parent="1", meta={"lang": "de", "year": 2020.5, "ok": True, "parent": "mine"}),
    Document("3", "t", meta={"lang": "en", "year": 1 << 70}),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    writer = ColumnsWriter()
    for document in DOCUMENTS_WRITTEN:
        writer.add(document)
    writer.write(tmp_path)
    return tmp_path


def content(columns: Columns) -> dict[tuple[str, str], list[tuple[int, object]]]:
    """Document and value of every entry."""
    found = {}
    for key, run in columns.runs.items():
        values = [run.words[code].decode() for code in run.values.tolist()] if run.kind == "text" else run.values.tolist()
        found[key] = list(zip(run.owners().tolist(), values, strict=True))
    return found


def test_every_value_comes_back_by_field_and_kind(folder: Path) -> None:
    columns = open_columns(folder, documents=3)
    assert content(columns) == {
        ("lang", "text"): [(0, "en"), (1, "de"), (2, "en")],
        ("meta.parent", "text"): [(1, "mine")],
        ("ok", "bool"): [(1, 1)],
        ("parent", "text"): [(1, "1")],
        ("tags", "text"): [(0, "b"), (0, "a")],
        ("year", "float"): [(1, 2020.5), (2, 2.0**70)],
        ("year", "int"): [(0, 2020)],
    }
    assert content(columns_of(DOCUMENTS_WRITTEN)) == content(columns)
    assert columns.kinds()["year"] == {"int", "float"}
    assert [run.kind for run in columns.of("year")] == ["float", "int"]


def test_a_field_of_every_document_names_none(folder: Path) -> None:
    columns = open_columns(folder, documents=3)
    assert columns.runs["lang", "text"].documents is None
    assert len(map_array(folder / DOCUMENTS)) == 8


def test_documents_without_metadata_leave_one_file(tmp_path: Path) -> None:
    assert not has_columns(tmp_path)
    writer = ColumnsWriter()
    writer.add(Document("1", "t", meta={"none": ()}))
    writer.write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert has_columns(tmp_path)
    assert open_columns(tmp_path, documents=1).runs == {}


def test_words() -> None:
    words = columns_of(Document(str(n), "", meta={"w": text}) for n, text in enumerate(["b", "", "ä", "b", "ab"])).runs["w", "text"].words
    assert list(words) == [words[number] for number in range(4)] == [b"", b"ab", b"b", "ä".encode()]
    assert [words.find(word) for word in (b"", b"b", b"a", b"c")] == [0, 2, -1, -1]
    assert [words.below(word) for word in (b"", b"aa", b"b", b"\xff")] == [0, 1, 2, 4]


def test_many_words_are_read_in_blocks() -> None:
    offsets = np.arange(0, 2 * 10_000 + 1, 2)
    words = Words(np.arange(20_000).astype(np.uint8), offsets)
    assert list(words) == [words[number] for number in range(10_000)]


def change_head(change: Callable[[dict[str, object]], None]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        head = json.loads((folder / NAME).read_text())
        change(head)
        (folder / NAME).write_text(json.dumps(head))

    return damage


def run(place: int, **values: object) -> Callable[[Path], None]:
    return change_head(lambda head: head["runs"][place].update(values))  # type: ignore[index]


def change_array(name: str, change: Callable[[NDArray[np.generic]], NDArray[np.generic]]) -> Callable[[Path], None]:
    return lambda folder: write_array(folder / name, change(np.array(map_array(folder / name))))


DAMAGES: dict[str, Callable[[Path], None]] = {
    "no head": lambda folder: (folder / NAME).unlink(),
    "no JSON": lambda folder: (folder / NAME).write_text("{"),
    "deep JSON": lambda folder: (folder / NAME).write_text("[" * 100_000),
    "a list": lambda folder: (folder / NAME).write_text("[]"),
    "other documents": change_head(lambda head: head.update(documents=4)),
    "another kind": run(0, kind="date"),
    "a kind that is a list": run(0, kind=[]),
    "negative entries": run(1, entries=-1),
    "huge entries": run(1, entries=1 << 60),
    "entries that are no number": run(1, entries="1"),
    "more words": run(0, words=3),
    "texts without words": change_head(lambda head: head.update(runs=[{**head["runs"][0], "words": 0}])),  # type: ignore[index]
    "negative words": run(0, words=-2),
    "every, with too few": run(1, every=True),
    "a run twice": change_head(lambda head: head["runs"].append({**head["runs"][0], "entries": 0, "words": 0, "every": False})),  # type: ignore[attr-defined, index]
    "no codes": lambda folder: (folder / CODES).unlink(),
    "short codes": change_array(CODES, lambda old: np.zeros(1, np.int32)),
    "square codes": change_array(CODES, lambda old: old.reshape(-1, 1)),
    "other numbers": change_array(NUMBERS, lambda old: np.zeros(2, np.float64)),
    "documents out of the segment": change_array(DOCUMENTS, lambda old: old + np.int32(1)),
    "documents below zero": change_array(DOCUMENTS, lambda old: old - np.int32(1)),
    "words cut short": lambda folder: (folder / WORDS).write_bytes((folder / WORDS).read_bytes()[:-1]),
    "no offsets": change_array(WORD_OFFSETS, lambda old: np.empty(0, np.int64)),
    "wild offsets": change_array(WORD_OFFSETS, lambda old: old[::-1]),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_files_that_do_not_fit(folder: Path, damage: str) -> None:
    DAMAGES[damage](folder)
    with pytest.raises(Corrupt):
        open_columns(folder, documents=3)
