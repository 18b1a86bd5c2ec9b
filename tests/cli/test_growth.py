"""`irloom add`, `update`, `delete`, `sync` and `compact` as a new user meets them: what they print, and that refusals change nothing."""

import errno
import json
import os

import pytest


@pytest.fixture
def file(tmp_path):
    """Writes a corpus file of ids and texts."""

    def write(name: str, **texts: str):
        path = tmp_path / name
        path.write_text("".join(json.dumps({"_id": doc_id, "text": text}) + "\n" for doc_id, text in texts.items()))
        return path

    return write


def manifest(collection) -> bytes:
    return (collection / "manifest.json").read_bytes()


def test_growth_from_one_end_to_the_other(irloom, collection, file, tmp_path) -> None:
    done = irloom("add", collection, "--dataset", file("new.jsonl", e1="a parrot talks", e2="an owl hoots"))
    assert (done.code, done.out) == (0, f"{collection}: 2 added; it holds 6 documents in 2 segments\n")
    assert "e1" in irloom("search", collection, "parrot").out
    done = irloom("update", collection, "--dataset", file("changed.jsonl", e1="a macaw", d1="an empty mat"))
    assert (done.code, done.out) == (0, f"{collection}: 2 replaced; it holds 6 documents in 3 segments\n")
    assert "nothing found" in irloom("search", collection, "parrot").out
    (tmp_path / "gone.txt").write_text("e2\r\n\nd2\n")
    done = irloom("delete", collection, "--ids", tmp_path / "gone.txt", "--id", "d4")
    assert (done.code, done.out) == (0, f"{collection}: 3 deleted; it holds 3 documents in 3 segments\n")
    info = irloom("info", collection)
    assert "3 documents and 5 deleted of animals, changed since" in info.out
    assert irloom("verify", collection).code == 0
    before = irloom("search", collection, "fish macaw mat", "--json").out
    done = irloom("compact", collection)
    assert done.out.startswith(f"{collection}: 3 segments became one of 3 documents, without 5 deleted documents; ")
    assert irloom("search", collection, "fish macaw mat", "--json").out == before
    assert ": nothing to do; " in irloom("compact", collection).out
    assert irloom("verify", collection).out.endswith("3 documents in 1 segment\n")


def test_sync(irloom, collection, animals, file) -> None:
    mirror = file("mirror.jsonl", d1="the cat sat on the mat", x="something new")
    before = manifest(collection)
    told = irloom("sync", collection, mirror, "--dry-run")
    assert told.out == f"{collection}: 1 added, 1 replaced, 3 deleted; nothing was written, and it would hold 2 documents\n"
    assert manifest(collection) == before
    assert irloom("sync", collection, mirror).out == f"{collection}: 1 added, 1 replaced, 3 deleted; it holds 2 documents in 2 segments\n"
    assert irloom("sync", collection, mirror).out == f"{collection}: 2 unchanged; it holds 2 documents in 2 segments\n"
    assert irloom("sync", collection, animals).code == 0
    assert irloom("index", "bm25", "--output", collection, "--dataset", animals).code == 0


@pytest.mark.parametrize("command", ["add", "update"])
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"_id": "b", "text"', ("new.jsonl line 2",)),
        ('{"text": "y"}', ("new.jsonl line 2", "_id")),
        ('{"_id": "a", "text": "y"}', ("'a'", "twice")),
    ],
    ids=["broken JSON", "no id", "id twice"],
)
def test_bad_documents(irloom, collection, tmp_path, command, line, said) -> None:
    (tmp_path / "new.jsonl").write_text(f'{{"_id": "a", "text": "x"}}\n{line}\n')
    before = manifest(collection)
    done = irloom(command, collection, "--dataset", tmp_path / "new.jsonl")
    assert done.code == 2
    for words in said:
        assert words in done.err
    assert manifest(collection) == before
    assert irloom("verify", collection).code == 0


def test_an_id_that_is_there(irloom, collection, file) -> None:
    before = manifest(collection)
    done = irloom("add", collection, "--dataset", file("new.jsonl", e1="x", d2="y"))
    assert done.code == 2
    assert "'d2'" in done.err
    assert "update" in done.err
    assert manifest(collection) == before


def test_ids_that_are_not_there(irloom, collection, tmp_path) -> None:
    before = manifest(collection)
    done = irloom("delete", collection, "--id", "d1", "--id", "zebra")
    assert (done.code, manifest(collection)) == (2, before)
    assert "'zebra'" in done.err
    assert "1 of 2 ids" in done.err
    done = irloom("delete", collection, "--id", "d1", "--id", "zebra", "--ignore-missing")
    assert done.out == f"{collection}: 1 deleted, 1 not there; it holds 3 documents in 1 segment\n"
    assert irloom("delete", collection).code == 2
    (tmp_path / "ids.txt").write_text("\n\n")
    assert "holds no id" in irloom("delete", collection, "--ids", tmp_path / "ids.txt").err
    assert irloom("delete", collection, "--ids", tmp_path / "none.txt").code == 2


@pytest.mark.parametrize(
    "words", [("add", "-d", "x.jsonl"), ("update", "-d", "x.jsonl"), ("delete", "--id", "x"), ("sync", "x.jsonl"), ("compact",)]
)
def test_no_collection(irloom, tmp_path, words) -> None:
    command, *rest = words
    done = irloom(command, tmp_path / "none", *rest)
    assert done.code == 2
    assert "is not a collection" in done.err
    assert not (tmp_path / "none").exists()


def test_encoders_for_parts_that_are_not_there(irloom, collection, file) -> None:
    new = file("new.jsonl", e1="x")
    before = manifest(collection)
    for option in ("--encoder", "--vectors"):
        done = irloom("add", collection, "--dataset", new, option, "minilm")
        assert done.code == 2
        assert "no dense part" in done.err
    assert manifest(collection) == before


def test_a_second_writer_is_told_who_writes(irloom, collection, file) -> None:
    from irloom.indexing.writer import CollectionWriter

    with CollectionWriter(collection):
        done = irloom("add", collection, "--dataset", file("new.jsonl", e1="x"))
    assert done.code == 2
    assert f"locked by process {os.getpid()}" in done.err


@pytest.mark.parametrize("ending", ["full", "interrupt"])
def test_full_disk_and_interrupt_leave_the_old_state(irloom, collection, file, monkeypatch, ending) -> None:
    from irloom.core import files

    def stop(action, path) -> None:
        if action == "write" and "segments" in path.parts:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) if ending == "full" else KeyboardInterrupt

    before = manifest(collection)
    new = file("new.jsonl", e1="x")
    monkeypatch.setattr(files, "fail_points", [stop])
    done = irloom("add", collection, "--dataset", new)
    assert done.code == (2 if ending == "full" else 130)
    assert ("No space left on device" if ending == "full" else "interrupted") in done.err
    assert "what was there before is untouched" in done.err
    monkeypatch.setattr(files, "fail_points", [])
    assert manifest(collection) == before
    assert irloom("add", collection, "--dataset", new).code == 0
    assert irloom("verify", collection).code == 0


def test_many_segments_are_said(irloom, collection, file, monkeypatch) -> None:
    monkeypatch.setattr("irloom.cli.growth._MANY", 3)
    assert "irloom compact" not in irloom("add", collection, "--dataset", file("new.jsonl", e1="x")).out
    assert f"'irloom compact {collection}'" in irloom("add", collection, "--dataset", file("new.jsonl", e2="x")).out


def test_near_duplicates(irloom, file, tmp_path) -> None:
    sea = "the cat sat on the mat and looked out over the sea"
    output, found = tmp_path / "c", tmp_path / "near.jsonl"
    done = irloom(
        "index", "bm25", "-o", output, "-d", file("a.jsonl", a=sea, b=sea, c="x y z"), "--duplicates", "report", "--duplicates-to", found
    )
    assert done.out.splitlines()[-1] == f"near-duplicates: 1 (such as 'b' of 'a', 1.00), indexed like all others; listed in {found}"
    assert [json.loads(line) for line in found.read_text().splitlines()] == [{"id": "b", "of": "a", "jaccard": 1.0}]
    done = irloom("add", output, "-d", file("more.jsonl", d=f"{sea} again", e="other words altogether"), "--duplicates", "fold")
    assert done.out.splitlines() == [
        f"{output}: 1 added, 1 folded; it holds 4 documents in 2 segments",
        "near-duplicates: 1 (such as 'd' of 'a', 0.91), not indexed, named by the documents that stand for them",
    ]
    assert irloom("search", output, "cat").code == 0  # the part of the near-duplicates is none to search
    assert "no retriever searches" in irloom("search", output, "cat", "--part", "minhash").err
    assert irloom("update", output, "-d", file("more.jsonl", e="words"), "--duplicates", "report").out.endswith("no near-duplicates\n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--duplicates", "forget"), "report, fold"),
        (("--duplicates", "fold", "--similarity", "2"), "at most 1"),
        (("--similarity", "0.5"), "--duplicates"),
        (("--duplicates-to", "x.jsonl"), "--duplicates"),
        (("--duplicates", "report", "--duplicates-to", "/"), "folder"),
        (("--max-memory", "much"), "2GB"),
        (("--max-memory", "1MB"), "512 MB or more"),
    ],
)
def test_options_that_cannot_be(irloom, collection, file, options, said) -> None:
    before = manifest(collection)
    done = irloom("add", collection, "--dataset", file("new.jsonl", e1="x"), *options)
    assert done.code == 2
    assert said in done.err
    assert manifest(collection) == before
