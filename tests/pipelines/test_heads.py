"""Finding heads on a dataset: what is read, what is stored, and what cannot be learnt from."""

import json
from pathlib import Path

import pytest

from irloom.core.errors import BadValue, DataError, UnknownName
from irloom.core.run import Run
from irloom.pipelines.heads import HeadSearch, head_search, learn_heads
from irloom.rerankers.attention.qrhead import QRHead
from tests.fakes_llm import FakeDecoder

TEXTS = {
    "d0": "fox lives in the wood",
    "d1": "owl lives in the barn",
    "d2": "bee lives in the hive",
    "d3": "cat lives in the house",
}


@pytest.fixture
def zoo(tmp_path: Path) -> Path:
    """Four documents; two queries with a relevant one, one of them in the training split, and one without."""
    folder = tmp_path / "zoo"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text("".join(json.dumps({"_id": n, "text": text}) + "\n" for n, text in TEXTS.items()))
    queries = {"q1": "where lives the fox", "q2": "where lives the bee", "q3": "where lives the cat"}
    (folder / "queries.jsonl").write_text("".join(json.dumps({"_id": n, "text": text}) + "\n" for n, text in queries.items()))
    head = "query-id\tcorpus-id\tscore\n"
    (folder / "qrels" / "test.tsv").write_text(head + "q1\td0\t1\n")
    (folder / "qrels" / "train.tsv").write_text(head + "q2\td2\t1\nq3\td3\t0\n")
    return folder


def test_qrhead(zoo: Path) -> None:
    decoder = FakeDecoder()
    found = learn_heads(decoder, str(zoo), HeadSearch())
    assert sorted(found.heads) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert found.scores == (1.0, 1.0, 1.0, 1.0)  # each head of the fake finds the word
    assert (found.method, found.fingerprint, found.layers, found.width) == ("qrhead", decoder.weights, 2, 2)
    assert (found.settings["split"], found.settings["queries"], found.settings["dataset"]) == ("train", ["q2"], "zoo")
    assert QRHead(decoder, {}, heads=found, top=3).chosen.of(decoder) == found.heads[:3]  # type: ignore[arg-type]
    assert learn_heads(decoder, str(zoo), HeadSearch(split="test")).settings["queries"] == ["q1"]


def test_core_heads(zoo: Path) -> None:
    found = learn_heads(FakeDecoder(), str(zoo), HeadSearch(method="core_heads"))
    assert found.method == "core_heads"
    assert all(1 / 4 < score < 1 for score in found.scores)
    assert found.heads[0] == (1, 1)  # the sharpest of the fake's
    assert found.settings["layout"]["past"] == 0  # type: ignore[index, call-overload]


def test_candidates_of_a_run(zoo: Path) -> None:
    run = Run.from_dict({"q2": {"d0": 2.0, "d1": 1.0}})
    found = learn_heads(FakeDecoder(), str(zoo), HeadSearch(depth=2), run=run)  # the relevant one is put in the place of the last
    assert found.scores == (1.0, 1.0, 1.0, 1.0)
    with pytest.raises(DataError, match="none of the 1 queries"):
        learn_heads(FakeDecoder(), str(zoo), HeadSearch(), run=Run.from_dict({"q9": {"d0": 1.0}}))


def test_nothing_to_learn_from(zoo: Path) -> None:
    with pytest.raises(DataError, match="heads cannot be found"):
        learn_heads(FakeDecoder(context=40), str(zoo), HeadSearch())
    with pytest.raises(UnknownName, match="split"):
        learn_heads(FakeDecoder(), str(zoo), HeadSearch(split="dev"))
    with pytest.raises(DataError, match="copies too little"):
        learn_heads(FakeDecoder(context=400), str(zoo), HeadSearch(method="retrieval", lengths=1, depths=1))


def test_settings() -> None:
    assert head_search({"method": "core_heads", "tau": 1, "words": None}) == HeadSearch(method="core_heads", tau=1, words=None)
    assert head_search({"layout": {"separator": "\n"}}).layout == {"separator": "\n"}
    with pytest.raises(UnknownName, match="tau"):
        head_search({"taw": 1})
    for bad in (
        {"method": "icr"},
        {"queries": 0},
        {"queries": True},
        {"depth": 1},
        {"tau": 0},
        {"tau": float("nan")},
        {"seed": "x"},
        {"criterion": "map"},
        {"signal": "keys"},
        {"lengths": 0},
        {"depths": 0},
        {"split": 3},
    ):
        with pytest.raises(BadValue):
            head_search(bad)
