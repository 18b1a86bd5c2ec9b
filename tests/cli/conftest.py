"""The command line as a user meets it: arguments in, exit code, stdout and stderr out."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from irloom.cli.main import main


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def irloom(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Runs one command in this process; tables are as wide as where nobody says how wide the terminal is."""
    monkeypatch.delenv("COLUMNS", raising=False)

    def call(*arguments: object) -> Done:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ending:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Done(int(ending.value.code or 0), said.out, said.err)

    return call


@pytest.fixture(scope="session")
def animals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BEIR folder of four documents and three queries, the last of which nothing answers."""
    folder = tmp_path_factory.mktemp("data") / "animals"
    (folder / "qrels").mkdir(parents=True)
    texts = {
        "d1": "the cat sat on the mat",
        "d2": "a dog barks at the moon",
        "d3": "fish swim in the sea",
        "d4": "the cat and the dog fight",
    }
    lines = [json.dumps({"_id": doc_id, "title": f"about {doc_id}", "text": text}) for doc_id, text in texts.items()]
    (folder / "corpus.jsonl").write_text("\n".join(lines) + "\n")
    queries = {"q1": "cat mat", "q2": "barking dogs", "q3": "zeppelin"}
    (folder / "queries.jsonl").write_text("".join(json.dumps({"_id": query_id, "text": text}) + "\n" for query_id, text in queries.items()))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t2\nq2\td4\t1\nq3\td3\t1\n")
    return folder


@pytest.fixture(scope="session")
def _animals_indexed(animals: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from irloom.pipelines.build import index_bm25

    path = tmp_path_factory.mktemp("collections") / "animals"
    index_bm25(path, dataset=str(animals))
    return path


@pytest.fixture
def collection(_animals_indexed: Path, tmp_path: Path) -> Path:
    """A collection of the animals with a BM25 part, the test's own."""
    import shutil

    return Path(shutil.copytree(_animals_indexed, tmp_path / "animals"))


@pytest.fixture(scope="session")
def _shelf_indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from irloom.pipelines.build import index_bm25

    folder = tmp_path_factory.mktemp("shelf")
    rows = [("en", 2019, ["pets"]), ("en", 2021, ["pets", "zoo"]), ("de", 2021, ["zoo"]), (None, 2022, [])]
    lines = [
        json.dumps({"_id": f"d{n}", "text": f"a cat and {n} mice", "year": year, "tags": tags} | ({"lang": lang} if lang else {}))
        for n, (lang, year, tags) in enumerate(rows, start=1)
    ]
    (folder / "corpus.jsonl").write_text("\n".join(lines) + "\n")
    index_bm25(folder / "c", dataset=str(folder))
    return folder / "c"


@pytest.fixture
def shelf(_shelf_indexed: Path, tmp_path: Path) -> Path:
    """A collection of four documents with metadata, which all have a cat."""
    import shutil

    return Path(shutil.copytree(_shelf_indexed, tmp_path / "shelf"))


@pytest.fixture
def run_file(collection: Path, animals: Path, tmp_path: Path, irloom: Callable[..., Done]) -> Path:
    """The BM25 run of the animals' queries."""
    path = tmp_path / "bm25.trec"
    done = irloom("retrieve", collection, "--queries", animals / "queries.jsonl", "-k", 10, "--output", path)
    assert done.code == 0, done.err
    return path
