"""Collections of the catalogue from a server to their folder: whole or not at all."""

import gzip
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest

from irloom.core import files
from irloom.core.errors import DataError, Locked
from irloom.core.locks import FileLock
from irloom.data.dataset import Protocol
from irloom.data.entry import Counts, Download, Entry
from irloom.data.placing import place, sums_path
from tests.serving import Served

CORPUS = b'{"_id": "d1", "title": "", "text": "a cat"}\n{"_id": "d2", "title": "", "text": "a dog"}\n'
QUERIES = b'{"_id": "q", "text": "cat"}\n{"_id": "unjudged", "text": "?"}\n'
QRELS = b"query-id\tcorpus-id\tscore\nq\td1\t1\n"
COUNTS = Counts(2, 1, 1)


def archive(top: str = "tiny") -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        for name, content in {"corpus.jsonl": CORPUS, "queries.jsonl": QUERIES, "qrels/test.tsv": QRELS}.items():
            made.writestr(f"{top}/{name}", content)
    return data.getvalue()


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def entry(*sources: tuple[Download, ...], counts: Counts = COUNTS, split: str = "test") -> Entry:
    wanted = ("*/corpus.jsonl", "*/queries.jsonl", "*/qrels/*.tsv")
    return Entry("beir/tiny", "beir/tiny", "beir/tiny", "beir", Protocol(split=split), counts, "none", sources, wanted)


def packed(served: Served, *, checksum: str = "") -> tuple[Download, ...]:
    data = archive()
    served.files["/tiny.zip"] = data
    return (Download("", (f"{served.url}/tiny.zip",), checksum or md5(data)),)


def single(served: Served) -> tuple[Download, ...]:
    """The same as single files, of which no checksum is known."""
    served.files.update({"/c.jsonl.gz": gzip.compress(CORPUS), "/q.jsonl": QUERIES, "/test.tsv": QRELS})
    paths = {"corpus.jsonl.gz": "c.jsonl.gz", "queries.jsonl": "q.jsonl", "qrels/test.tsv": "test.tsv"}
    return tuple(Download(path, (f"{served.url}/{name}",)) for path, name in paths.items())


def held(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


WHOLE = {"beir/tiny/corpus.jsonl", "beir/tiny/queries.jsonl", "beir/tiny/qrels/test.tsv", "beir/tiny.sums.json"}


def test_an_archive(tmp_path: Path, served: Served) -> None:
    shown: set[str] = set()
    folder = place(entry(packed(served)), tmp_path, progress=lambda label, _done, _total: shown.add(label))
    assert folder == tmp_path / "beir" / "tiny"
    assert held(tmp_path) == WHOLE
    assert shown == {"beir/tiny tiny.zip", "beir/tiny unpacked"}
    assert place(entry(), tmp_path) == folder
    recorded = json.loads(sums_path(entry(), tmp_path).read_bytes())[f"{served.url}/tiny.zip"]
    assert (recorded["md5"], recorded["checked"]) == (md5(archive()), "published MD5")


def test_files_without_a_published_checksum(tmp_path: Path, served: Served) -> None:
    """Their sums are recorded and said; a later download must give the same."""
    source = single(served)
    with pytest.warns(
        UserWarning, match=r"beir/tiny: no checksum is published for 3 of its files; their SHA-256 is recorded in .*sums\.json"
    ):
        place(entry(source), tmp_path)
    assert held(tmp_path) == {name.replace("corpus.jsonl", "corpus.jsonl.gz") for name in WHOLE}
    for path in sorted((tmp_path / "beir" / "tiny").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (tmp_path / "beir" / "tiny").rmdir()
    served.files["/test.tsv"] = QRELS.replace(b"d1", b"d2")
    with pytest.raises(DataError, match=r"test\.tsv: its SHA-256 is .*, expected"):
        place(entry(source), tmp_path)
    served.files["/test.tsv"] = QRELS
    with pytest.warns(UserWarning, match="no checksum is published"):
        place(entry(source), tmp_path)


def test_wrong_counts_without_a_checksum(tmp_path: Path, served: Served) -> None:
    with pytest.raises(DataError, match=r"holds 2 documents, expected 3, 1 judgments, expected 9; it was thrown away"):
        place(entry(single(served), counts=Counts(3, 1, 9)), tmp_path)
    assert not any(name.startswith("beir/") for name in held(tmp_path))


def test_the_second_source(tmp_path: Path, served: Served) -> None:
    """A checksum that fails leaves nothing; the other source is taken, and why is said."""
    source = packed(served, checksum="0" * 32)
    with pytest.raises(DataError, match=rf"^beir/tiny tiny\.zip could not be fetched.*its MD5 is {md5(archive())}, expected 0000"):
        place(entry(source), tmp_path)
    assert held(tmp_path) == {".downloads/beir+tiny/.lock"}
    with pytest.warns(UserWarning, match=r"its MD5 is .*; it came from elsewhere: beir/tiny: no checksum"):
        place(entry(source, single(served)), tmp_path)
    assert (tmp_path / "beir" / "tiny" / "corpus.jsonl.gz").is_file()


def test_every_source_fails(tmp_path: Path, served: Served) -> None:
    served.status = 500
    gone = (Download("", (f"{served.url}/gone.zip",), "0" * 32),)
    with pytest.raises(DataError, match=r"gone\.zip: HTTP 500.*; then .*c\.jsonl\.gz: HTTP 500"):
        place(entry(gone, single(served)), tmp_path)


def test_what_was_fetched_is_not_lost_with_what_was_not(tmp_path: Path, served: Served) -> None:
    source = single(served)
    qrels = served.files.pop("/test.tsv")
    with pytest.raises(DataError, match="HTTP 404"):
        place(entry(source), tmp_path)
    served.files["/test.tsv"] = qrels
    served.asked.clear()
    with pytest.warns(UserWarning, match="no checksum"):
        place(entry(source), tmp_path)
    assert [path for path, _ in served.asked] == ["/test.tsv"]


def test_mirrors_of_ones_own_come_first(tmp_path: Path, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRLOOM_MIRRORS", f"http://127.0.0.1:9/down {served.url}/mine/")
    public = (Download("", ("http://127.0.0.1:9/tiny.zip",), md5(archive())),)
    served.files["/mine/beir/tiny/tiny.zip"] = archive()
    place(entry(public), tmp_path)
    assert held(tmp_path) == WHOLE


def test_the_wrong_archive(tmp_path: Path, served: Served) -> None:
    with pytest.raises(DataError, match=r"has no judgments 'dev', only test"):
        place(entry(packed(served), split="dev"), tmp_path)
    assert not any(name.startswith("beir/") for name in held(tmp_path))


def test_one_process_at_a_time(tmp_path: Path, served: Served) -> None:
    work = tmp_path / ".downloads" / "beir+tiny"
    work.mkdir(parents=True)
    with FileLock(work / ".lock"), pytest.raises(Locked, match=r"beir\+tiny is locked by process \d+; wait"):
        place(entry(packed(served)), tmp_path)


def test_an_end_at_any_moment_leaves_all_or_nothing(tmp_path: Path, served: Served) -> None:
    """Ends at each write, sync and rename in turn, as a kill does; the next try comes to the end."""

    class End(BaseException):
        pass

    source, moments = packed(served), 0
    while True:
        root, left = tmp_path / str(moments), [moments]

        def end(_action: str, _path: Path, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise End

        files.fail_points.append(end)
        try:
            place(entry(source), root)
            break
        except End:
            pass
        finally:
            files.fail_points.remove(end)
        here = {name for name in held(root) if name.startswith("beir/tiny/")}
        assert here in (set(), WHOLE - {"beir/tiny.sums.json"})
        place(entry(source), root)
        assert held(root) >= WHOLE
        moments += 1
    assert moments > 10


def test_offline(tmp_path: Path, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRLOOM_OFFLINE", "1")
    with pytest.raises(
        DataError, match="beir/tiny is not here, and IRLOOM_OFFLINE forbids to fetch it; unset IRLOOM_OFFLINE, or put it into"
    ):
        place(entry(packed(served)), tmp_path)
    assert held(tmp_path) == set()


def test_what_may_not_be_passed_on(tmp_path: Path) -> None:
    private = Entry("beir/p", "beir/p", "beir/p", "beir", Protocol(), COUNTS, "private", how="ask its publisher")
    with pytest.raises(
        DataError, match="beir/p is not here and cannot be fetched: ask its publisher, and put it into beir/p under IRLOOM_DATA"
    ):
        place(private, tmp_path)


def test_a_broken_record_of_sums(tmp_path: Path, served: Served) -> None:
    sums_path(entry(), tmp_path).parent.mkdir(parents=True)
    sums_path(entry(), tmp_path).write_text("{")
    with pytest.raises(DataError, match=r"tiny\.sums\.json is not JSON"):
        place(entry(packed(served)), tmp_path)
