"""The short way in, and targets."""

import gc
import subprocess
import sys
from pathlib import Path

import pytest

import irloom
from irloom.core.errors import BadFilter, BadValue, CollectionError, ConfigError, DuplicateDocument, NotACollection, UnknownName
from irloom.core.types import Filter
from irloom.pipelines.build import build_collection, index_bm25
from irloom.pipelines.target import open_target


def test_three_lines() -> None:
    searcher = irloom.index(["the cat sat on the mat", "dogs chase cats", "stocks fell"])
    hits = searcher.search("cat", k=10)
    assert [(hit.id, hit.text) for hit in hits] == [("1", "dogs chase cats"), ("0", "the cat sat on the mat")]
    assert hits[0].score == hits[1].score > 0  # three terms each, once the stop words are out: the larger id wins
    assert searcher.search("") == []
    assert searcher.search("cat", k=0) == []
    assert len(searcher) == 3


def test_documents_of_ones_own() -> None:
    searcher = irloom.index([irloom.Document("a", "text", title="Heading"), irloom.Document("b", "other")])
    (hit,) = searcher.search("heading")
    assert (hit.id, hit.title) == ("a", "Heading")
    with pytest.raises(DuplicateDocument):
        irloom.index([irloom.Document("a", "x"), irloom.Document("a", "y")])
    with pytest.raises(BadValue, match="a list of texts"):
        irloom.index("one text")


def test_the_folder_goes_with_the_searcher() -> None:
    searcher = irloom.index(["text"])
    root = searcher.collection.root
    assert root.exists()
    del searcher
    gc.collect()
    assert not root.exists()


def test_a_collection_is_opened_by_path_and_part(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "c"
    assert index_bm25(path, dataset=str(folder)).made == ("bm25",)
    assert len(irloom.open(path).search("ant bee", k=3)) == 3
    assert index_bm25(path, dataset=str(folder)).kept == ("bm25",)
    assert index_bm25(path, analyzer="unicode").made == ("bm25-unicode",)
    with pytest.raises(CollectionError, match="bm25, bm25-unicode; name the one"):
        irloom.open(path)
    assert irloom.open(path, part="bm25-unicode").search("ant", k=1)
    with pytest.raises(UnknownName, match="Did you mean 'bm25'"):
        irloom.open(path, part="bm255")


def test_other_documents_are_refused(folder: Path, tmp_path: Path) -> None:
    index_bm25(tmp_path / "c", dataset=str(folder))
    with (folder / "corpus.jsonl").open("a") as file:
        file.write('{"_id": "new", "text": "newt"}\n')
    with pytest.raises(CollectionError, match="another folder"):
        index_bm25(tmp_path / "c", dataset=str(folder))
    with pytest.raises(ConfigError, match="--dataset"):
        index_bm25(tmp_path / "none")


def test_a_collection_without_parts_says_so(folder: Path, tmp_path: Path) -> None:
    build_collection(tmp_path / "c", irloom.load_dataset(str(folder)), [])
    with pytest.raises(CollectionError, match="no part to search"):
        irloom.open(tmp_path / "c")
    with pytest.raises(NotACollection):
        irloom.open(tmp_path / "none")


def test_a_pipeline_yaml_is_a_target(folder: Path, tmp_path: Path) -> None:
    index_bm25(tmp_path / "c", dataset=str(folder))
    yaml = tmp_path / "p.yaml"
    yaml.write_text("collection: c\nsystems: {flat: {bm25: {b: 0}}}\npipeline: {rrf: {of: [flat, {bm25: {k1: 2}}]}}\n")
    assert len(irloom.open(yaml).search("ant bee", k=4)) == 4
    with pytest.raises(BadValue, match="names its own"):
        open_target(yaml, part="bm25")
    yaml.write_text("collection: c\npipelin: {bm25: {}}\n")
    with pytest.raises(UnknownName, match="Did you mean 'pipeline'"):
        open_target(yaml)


def test_what_is_no_text_is_named() -> None:
    with pytest.raises(BadValue, match=r"documents\[1\] is 7; expected a text or a Document"):
        irloom.index(["a", 7])
    searcher = irloom.index(["a"])
    with pytest.raises(BadValue, match="text is None"):
        searcher.search(None)
    for k in (-1, 1.5, "3"):
        with pytest.raises(BadValue, match=r"k is .* a whole number of 0 or more"):
            searcher.search("a", k=k)


def test_a_forked_child_leaves_the_folder_to_its_parent() -> None:
    program = (
        "import os, sys, irloom\n"
        "searcher = irloom.index(['a cat', 'a dog'])\n"
        "child = os.fork()\n"
        "if not child: sys.exit(0)\n"
        "os.waitpid(child, 0)\n"
        "print(searcher.collection.root.exists(), [hit.id for hit in searcher.search('dog')])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert done.stdout == "True ['1']\n", done.stderr


def test_within_a_filter() -> None:
    searcher = irloom.index(
        [irloom.Document("a", "text", meta={"year": 2019}), irloom.Document("b", "text", meta={"year": 2021}), irloom.Document("c", "text")]
    )
    assert [hit.id for hit in searcher.search("text", where="year >= 2020")] == ["b"]
    assert [hit.id for hit in searcher.search("text", k=1, where=Filter("not year exists"))] == ["c"]
    with pytest.raises(BadFilter, match="character 6"):
        searcher.search("text", where="year = 2020")
    with pytest.raises(UnknownName, match="Did you mean 'year'"):
        searcher.search("text", where="years > 2020")


def test_a_pipeline_within_a_filter(folder: Path, tmp_path: Path) -> None:
    index_bm25(tmp_path / "c", dataset=str(folder))
    whole = irloom.open(tmp_path / "c").search("ant bee", k=3)
    (tmp_path / "p.yaml").write_text(f"collection: c\npipeline: {{bm25: {{}}}}\nwhere: id != '{whole[0].id}'\n")
    assert [hit.id for hit in irloom.open(tmp_path / "p.yaml").search("ant bee", k=2)] == [hit.id for hit in whole[1:]]
    (tmp_path / "p.yaml").write_text("collection: c\npipeline: {bm25: {}}\nwhere: id = 3\n")
    with pytest.raises(BadValue, match="expected '=='"):
        open_target(tmp_path / "p.yaml")


def test_a_collection_of_texts_that_stays_and_grows(tmp_path) -> None:
    path = tmp_path / "notes"
    assert [hit.id for hit in irloom.index(["a cat", "a dog"], path).search("dog")] == ["1"]
    with pytest.raises(CollectionError, match="holds documents already"):
        irloom.index(["a fox"], path)
    held = irloom.open(path)
    irloom.add(path, [irloom.Document("fox", "a red fox")])
    irloom.update(path, [irloom.Document("1", "a wolf")])
    irloom.delete(path, ["0"])
    assert len(held) == 2  # a snapshot: what was opened before stays as it was
    now = irloom.open(path)
    assert sorted(hit.id for hit in now.search("fox wolf cat")) == ["1", "fox"]
    assert irloom.compact(path).merged == 3
    assert sorted(hit.id for hit in irloom.open(path).search("fox wolf cat")) == ["1", "fox"]


def test_a_filter_that_is_none() -> None:
    with pytest.raises(BadValue, match="where is 5"):
        irloom.index(["a text"]).search("text", where=5)  # type: ignore[arg-type]
