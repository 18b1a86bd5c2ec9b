"""One pass over a dataset for the documents that are named."""

from pathlib import Path

import pytest

from irloom.core.errors import UnknownDocument
from irloom.data.named import load_dataset
from irloom.pipelines.dataset_corpus import DatasetCorpus, documents_named


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "corpus.jsonl").write_text("".join(f'{{"_id": "d{number}", "text": "text {number}"}}\n' for number in range(5)))
    return tmp_path


def test_a_corpus_of_what_a_run_names(folder: Path) -> None:
    corpus = DatasetCorpus(load_dataset(folder), ["d3", "d1"])
    assert [document.id for document in corpus.fetch(["d1", "d3", "d1"])] == ["d1", "d3", "d1"]
    with pytest.raises(UnknownDocument, match="'d2'"):
        corpus.fetch(["d2"])


def test_what_is_not_there_is_left_out_or_told(folder: Path) -> None:
    dataset = load_dataset(folder)
    assert list(documents_named(dataset, ["d4", "none", "d0"])) == ["d0", "d4"]
    assert documents_named(dataset, []) == {}
    with pytest.raises(UnknownDocument, match="'none'"):
        DatasetCorpus(dataset, ["d4", "none"])


def test_the_pass_ends_with_the_last_document_wanted(folder: Path) -> None:
    with (folder / "corpus.jsonl").open("a") as file:
        file.write("no JSON\n")
    dataset = load_dataset(folder)
    assert documents_named(dataset, ["d1"])["d1"].text == "text 1"
