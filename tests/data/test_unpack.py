"""Archives: what is wanted comes out, what is dangerous is refused before a byte is written."""

import io
import random
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from irloom.core.errors import DataError
from irloom.data import unpack as unpack_module
from irloom.data.unpack import unpack

WANTED = ("*/corpus.jsonl", "*/qrels/*.tsv", "corpus.jsonl")


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def tarred(path: Path, members: dict[str, bytes | tarfile.TarInfo]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            info = data if isinstance(data, tarfile.TarInfo) else tarfile.TarInfo(name)
            if isinstance(data, bytes):
                info.size = len(data)
            archive.addfile(info, io.BytesIO(data) if isinstance(data, bytes) else None)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def held(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("make", [zipped, tarred])
def test_the_folder_around_is_left_out(tmp_path: Path, folder: Path, make) -> None:
    """As in BEIR's archives; what is not wanted stays in the archive."""
    archive = make(
        tmp_path / "a", {"set/corpus.jsonl": b"c", "set/qrels/test.tsv": b"q", "set/README.md": b"r", "__MACOSX/set/._corpus.jsonl": b"m"}
    )
    written = unpack(archive, folder, wanted=WANTED)
    assert held(folder) == {"corpus.jsonl": b"c", "qrels/test.tsv": b"q"}
    assert [path.relative_to(folder).as_posix() for path in written] == ["corpus.jsonl", "qrels/test.tsv"]


def test_files_without_a_folder_around(tmp_path: Path, folder: Path) -> None:
    """As in MS MARCO's."""
    unpack(tarred(tmp_path / "a", {"./collection.tsv": b"c", "./queries.tsv": b"q"}), folder)
    assert held(folder) == {"collection.tsv": b"c", "queries.tsv": b"q"}


def test_folders_below_the_one_around_stay(tmp_path: Path, folder: Path) -> None:
    """As in CQADupStack's."""
    unpack(zipped(tmp_path / "a", {"c/android/corpus.jsonl": b"a", "c/gis/corpus.jsonl": b"g"}), folder, wanted=WANTED)
    assert held(folder) == {"android/corpus.jsonl": b"a", "gis/corpus.jsonl": b"g"}


@pytest.mark.parametrize("make", [zipped, tarred])
@pytest.mark.parametrize("name", ["../corpus.jsonl", "/corpus.jsonl", "set/../../corpus.jsonl", "..\\corpus.jsonl", "C:/corpus.jsonl"])
def test_paths_that_lead_out(tmp_path: Path, folder: Path, make, name: str) -> None:
    archive = make(tmp_path / "a", {"set/corpus.jsonl": b"c", name: b"evil"})
    with pytest.raises(DataError, match="leads out of the folder; nothing was unpacked"):
        unpack(archive, folder, wanted=WANTED)
    assert held(folder) == {}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "out"]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_in_a_tar(tmp_path: Path, folder: Path, kind: bytes) -> None:
    info = tarfile.TarInfo("set/corpus.jsonl")
    info.type, info.linkname = kind, "/etc/passwd"
    with pytest.raises(DataError, match="is a link or a device"):
        unpack(tarred(tmp_path / "a", {"link": info, "set/qrels/test.tsv": b"q"}), folder, wanted=WANTED)
    assert held(folder) == {}


def test_a_link_in_a_zip(tmp_path: Path, folder: Path) -> None:
    info = zipfile.ZipInfo("set/corpus.jsonl")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(DataError, match="is a link or a device"):
        unpack(tmp_path / "a", folder, wanted=WANTED)


def test_a_member_twice(tmp_path: Path, folder: Path) -> None:
    archive = tmp_path / "a"
    with tarfile.open(archive, "w") as made:
        for data in (b"1", b"2"):
            info = tarfile.TarInfo("set/corpus.jsonl")
            info.size = 1
            made.addfile(info, io.BytesIO(data))
    with pytest.raises(DataError, match="is there twice"):
        unpack(archive, folder, wanted=WANTED)


def test_a_bomb(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four megabytes of nothing in some kilobytes."""
    archive = zipped(tmp_path / "a", {"set/corpus.jsonl": bytes(4 << 20)})
    assert archive.stat().st_size < 1 << 14
    monkeypatch.setattr(unpack_module, "_FLOOR", 1 << 20)
    with pytest.raises(DataError, match="unpacks to more than 1,048,576 bytes"):
        unpack(archive, folder, wanted=WANTED)


def test_nothing_wanted(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(DataError, match=r"holds none of the expected files \(\*/corpus.*it holds 'a.txt'"):
        unpack(zipped(tmp_path / "a", {"a.txt": b""}), folder, wanted=WANTED)
    with pytest.raises(DataError, match="it holds nothing"):
        unpack(zipped(tmp_path / "b", {}), folder, wanted=WANTED)


@pytest.mark.parametrize("data", [b"", b"<html>no such page</html>", b"PK\x03\x04 broken", b"\x1f\x8b broken"])
def test_no_archive(tmp_path: Path, folder: Path, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(DataError, match="is no whole zip or tar archive"):
        unpack(tmp_path / "a", folder)


def test_a_damaged_member(tmp_path: Path, folder: Path) -> None:
    archive = zipped(tmp_path / "a", {"set/corpus.jsonl": b"text " * 1000})
    data = bytearray(archive.read_bytes())
    data[60] ^= 0xFF
    archive.write_bytes(data)
    with pytest.raises(DataError, match="is no whole zip or tar archive"):
        unpack(archive, folder, wanted=WANTED)
    whole = tarred(tmp_path / "t", {"set/corpus.jsonl": random.Random(0).randbytes(100_000)})
    whole.write_bytes(whole.read_bytes()[:50_000])
    with pytest.raises(DataError, match="is no whole zip or tar archive"):
        unpack(whole, folder, wanted=WANTED)
