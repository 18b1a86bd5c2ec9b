"""Corpora and query files, JSONL and TSV, plain and packed."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import BadLine, BadValue, DataError, DuplicateDocument
from irloom.core.types import Document, Query
from irloom.data.corpus import read_corpus, read_queries, write_corpus, write_queries

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
NAMES = ["c.jsonl", "c.jsonl.gz", "c.tsv", "c.tsv.gz"]


@pytest.mark.parametrize("name", NAMES)
def test_round_trips(tmp_path: Path, name: str) -> None:
    documents = [Document("1", "first text"), Document("ü", "")]
    write_corpus(documents, tmp_path / name)
    assert list(read_corpus(str(tmp_path / name))) == documents
    queries = [Query("1", "first"), Query("2", "zweite Frage ß")]
    write_queries(queries, tmp_path / name)
    assert read_queries(tmp_path / name) == queries


@settings(max_examples=40)
@given(st.lists(st.tuples(TEXT.filter(bool), TEXT, TEXT), min_size=1, max_size=5, unique_by=lambda row: row[0]))
def test_jsonl_holds_any_text(rows: list[tuple[str, str, str]]) -> None:
    documents = [Document(*row) for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.jsonl"
        write_corpus(documents, path)
        assert list(read_corpus(path)) == documents


def test_ms_marco_has_no_header(tmp_path: Path) -> None:
    (tmp_path / "collection.tsv").write_text("0\tThe presence of communication\n1\tThe Manhattan Project\n")
    assert [(document.id, document.text) for document in read_corpus(tmp_path / "collection.tsv")][1] == ("1", "The Manhattan Project")


@pytest.mark.parametrize("line", ["3", "3\ta\tb", "\ttext"])
def test_tsv_of_other_columns(tmp_path: Path, line: str) -> None:
    (tmp_path / "c.tsv").write_text(f"1\ta\n\n{line}\n")
    with pytest.raises(BadLine, match=r"c\.tsv line 3: \d columns; each line needs an id, a tab and the text"):
        list(read_corpus(tmp_path / "c.tsv"))


@pytest.mark.parametrize(("name", "line"), [("c.jsonl", '{{"_id": "{}", "text": "t"}}\n'), ("c.tsv", "{}\tt\n")])
def test_duplicate_ids_name_both_lines(tmp_path: Path, name: str, line: str) -> None:
    (tmp_path / name).write_text("".join(line.format(doc_id) for doc_id in "abcb"))
    with pytest.raises(DuplicateDocument, match="lines 2 and 4: document 'b' occurs twice"):
        list(read_corpus(tmp_path / name))
    with pytest.raises(BadLine, match="line 4: query 'b' is on line 2 already"):
        read_queries(tmp_path / name)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_corpus(tmp_path: Path, name: str) -> None:
    write_corpus([], tmp_path / name)
    with pytest.raises(DataError, match="is an empty corpus"):
        list(read_corpus(tmp_path / name))
    assert read_queries(tmp_path / name) == []


def test_broken_json_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text('{"_id": "1", "text": "t"}\n{"_id": "2", "text": \n')
    with pytest.raises(BadLine, match=r"c\.jsonl line 2: broken JSON") as caught:
        list(read_corpus(tmp_path / "c.jsonl"))
    assert (caught.value.path, caught.value.line) == (tmp_path / "c.jsonl", 2)


def test_reading_is_streamed(tmp_path: Path) -> None:
    """The first documents come although a later line is broken."""
    (tmp_path / "c.jsonl").write_text('{"_id": "1", "text": "t"}\nbroken\n')
    assert next(read_corpus(tmp_path / "c.jsonl")).id == "1"


def test_what_tsv_cannot_hold(tmp_path: Path) -> None:
    for document in (Document("1", "a\tb"), Document("1", "a\nb"), Document("1\t", "a"), Document("1", "a", "title")):
        with pytest.raises(BadValue, match=r"use \.jsonl"):
            write_corpus([document], tmp_path / "c.tsv")
    assert not list(tmp_path.iterdir())


def test_an_unknown_ending(tmp_path: Path) -> None:
    with pytest.raises(BadValue, match=r"expected a file that ends in \.jsonl"):
        list(read_corpus(tmp_path / "c.csv"))


def test_a_first_line_that_names_the_columns_is_no_record(tmp_path: Path) -> None:
    """As T2Ranking has it; a record of the same words further down stays, and so does a first one of other words."""
    path = tmp_path / "c.tsv"
    path.write_text("pid\ttext\n1\ta\nid\ttext\n")
    assert [document.id for document in read_corpus(path)] == ["1", "id"]
    path.write_text("pid\tanother text\n")
    assert [document.id for document in read_corpus(path)] == ["pid"]
