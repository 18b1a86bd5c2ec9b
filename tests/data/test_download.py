"""Downloads: whole or not at all, taken up where they broke, never glued together of two files."""

import errno
import hashlib
import json
import random
import socket
from pathlib import Path

import pytest

from irloom.core import files
from irloom.core.errors import DataError
from irloom.data.download import fetch_file
from irloom.data.places import is_offline
from tests.serving import Served

DATA = bytes(range(256)) * 40_000
"""Ten times the pieces in which a connection is read."""

OTHER = bytes(reversed(range(256))) * 40_000


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "set.zip"


@pytest.fixture
def url(served: Served) -> str:
    served.files["/set.zip"] = DATA
    return f"{served.url}/set.zip"


def left(target: Path) -> set[str]:
    return {path.name for path in target.parent.iterdir()}


def test_a_whole_file(target: Path, url: str) -> None:
    shown: list[tuple[str, int, int]] = []
    fetched = fetch_file(target, [url], label="set", md5=md5(DATA), progress=lambda *told: shown.append(told))
    assert target.read_bytes() == DATA
    assert (fetched.url, fetched.size, fetched.md5) == (url, len(DATA), md5(DATA))
    assert fetched.sha256 == hashlib.sha256(DATA).hexdigest()
    assert shown[-1] == ("set", len(DATA), len(DATA))
    assert left(target) == {"set.zip"}


def test_a_file_that_is_there_is_not_fetched_again(target: Path, url: str, served: Served) -> None:
    target.write_bytes(DATA)
    assert fetch_file(target, [url], label="set", md5=md5(DATA)).size == len(DATA)
    assert served.asked == []
    target.write_bytes(OTHER)
    fetch_file(target, [url], label="set", md5=md5(DATA))
    assert target.read_bytes() == DATA


@pytest.mark.parametrize("chunked", [False, True])
def test_a_broken_connection_goes_on_by_itself(target: Path, url: str, served: Served, chunked: bool) -> None:
    served.chunked, served.breaks = chunked, [3_000_000, 2_000_000]
    fetch_file(target, [url], label="set")
    assert target.read_bytes() == DATA
    starts = [int(asked.strip("bytes=-") or 0) for _, asked in served.asked]
    assert starts == sorted(set(starts))
    assert len(starts) == 3
    assert chunked or starts == [0, 3_000_000, 5_000_000]


def test_an_answer_of_untold_length(target: Path, url: str, served: Served) -> None:
    served.lengths = False
    fetch_file(target, [url], label="set")
    assert target.read_bytes() == DATA


def test_a_broken_download_goes_on_in_the_next_call(target: Path, url: str, served: Served) -> None:
    served.breaks = [3_000_000, 0]
    with pytest.raises(
        DataError, match=r"tried 1 place.*broke off after 3,000,000 of 10,240,000.*is kept as .*set\.zip\.part.*goes on from it"
    ):
        fetch_file(target, [url], label="set")
    assert left(target) == {"set.zip.part", "set.zip.part.json"}
    fetch_file(target, [url], label="set")
    assert target.read_bytes() == DATA
    assert served.asked[-1] == ("/set.zip", "bytes=3000000-")
    assert left(target) == {"set.zip"}


@pytest.mark.parametrize("blind", [False, True])
def test_a_file_that_changed_is_not_glued_to_its_old_half(target: Path, url: str, served: Served, blind: bool) -> None:
    """By If-Range where the server knows it, by the ETag of the answer where it does not."""
    served.breaks = [3_000_000, 0]
    with pytest.raises(DataError):
        fetch_file(target, [url], label="set")
    served.files["/set.zip"], served.etag, served.blind = OTHER, '"two"', blind
    fetch_file(target, [url], label="set")
    assert target.read_bytes() == OTHER


def test_without_validator_only_a_checksum_allows_to_go_on(target: Path, url: str, served: Served) -> None:
    served.etag = 'W/"weak"'
    for checksum, wanted in (("", ""), (md5(DATA), "bytes=3000000-")):
        served.breaks = [3_000_000, 0]
        with pytest.raises(DataError):
            fetch_file(target, [url], label="set", md5=checksum)
        fetch_file(target, [url], label="set", md5=checksum)
        assert served.asked[-1][1] == wanted
        assert target.read_bytes() == DATA
        target.unlink()


def test_a_changed_file_without_validator_is_fetched_once_more(target: Path, url: str, served: Served) -> None:
    served.etag, served.breaks = "", [3_000_000, 0]
    served.files["/set.zip"] = OTHER
    with pytest.raises(DataError):
        fetch_file(target, [url], label="set", md5=md5(DATA))
    served.files["/set.zip"] = DATA
    fetch_file(target, [url], label="set", md5=md5(DATA))
    assert target.read_bytes() == DATA
    assert [asked for _, asked in served.asked[-2:]] == ["bytes=3000000-", ""]


def test_the_date_is_a_validator(target: Path, url: str, served: Served) -> None:
    served.etag, served.date, served.breaks = "", "Wed, 21 Oct 2015 07:28:00 GMT", [3_000_000]
    fetch_file(target, [url], label="set")
    assert target.read_bytes() == DATA
    assert served.asked[-1][1] == "bytes=3000000-"


def test_a_server_without_ranges_starts_again(target: Path, url: str, served: Served) -> None:
    served.ranges, served.breaks = False, [3_000_000]
    fetch_file(target, [url], label="set")
    assert target.read_bytes() == DATA


def test_a_part_that_is_whole(target: Path, url: str, served: Served) -> None:
    """The process ended between the last byte and the new name."""
    part = target.with_name("set.zip.part")
    state = {"url": url, "validator": served.etag, "total": len(DATA)}
    for held, total in ((DATA, len(DATA)), (DATA + b"more", 0)):
        part.write_bytes(held)
        target.with_name("set.zip.part.json").write_text(json.dumps({**state, "total": total}))
        fetch_file(target, [url], label="set")
        assert target.read_bytes() == DATA
        target.unlink()


@pytest.mark.parametrize("state", ["", "[]", '{"url": "elsewhere", "validator": "x"}'])
def test_a_part_of_something_else_is_thrown_away(target: Path, url: str, served: Served, state: str) -> None:
    target.with_name("set.zip.part").write_bytes(OTHER[:1000])
    target.with_name("set.zip.part.json").write_text(state)
    fetch_file(target, [url], label="set")
    assert target.read_bytes() == DATA
    assert served.asked == [("/set.zip", "")]


def test_a_wrong_checksum_leaves_nothing(target: Path, url: str) -> None:
    with pytest.raises(DataError, match=rf"its MD5 is {md5(DATA)}, expected {'0' * 32} \(10,240,000 bytes\); it was thrown away"):
        fetch_file(target, [url], label="set", md5="0" * 32)
    assert left(target) == set()
    with pytest.raises(DataError, match="its SHA-256 is"):
        fetch_file(target, [url], label="set", sha256="0" * 64)
    assert left(target) == set()


def test_mirrors_in_their_order(target: Path, url: str, served: Served) -> None:
    """One is down, one has no such file, one has another file, one is right."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        down = f"http://127.0.0.1:{free.getsockname()[1]}/set.zip"
    served.files["/other.zip"] = OTHER
    urls = [down, f"{served.url}/none.zip", f"{served.url}/other.zip", url]
    assert fetch_file(target, urls, label="set", md5=md5(DATA)).url == url
    target.unlink()
    with pytest.raises(DataError) as error:
        fetch_file(target, urls[:3], label="set", md5=md5(DATA))
    said = str(error.value)
    assert said.startswith("set could not be fetched (tried 3 places): ")
    assert f"{down}: " in said
    assert "none.zip: HTTP 404 Not Found" in said
    assert "other.zip: its MD5 is" in said
    assert "kept" not in said
    assert left(target) == set()


def test_a_mirror_that_is_down_costs_nothing_of_what_came_before(target: Path, url: str, served: Served) -> None:
    """The first place breaks off and fails, the second is down: the part stays. With a checksum another place goes on with it."""
    for down, size in (("http://127.0.0.1:9/set.zip", 3_000_000), (f"{served.url}/none.zip", 6_000_000)):
        served.breaks = [3_000_000, 0]
        with pytest.raises(DataError, match="is kept as"):
            fetch_file(target, [url, down], label="set")
        assert target.with_name("set.zip.part").stat().st_size == size
    served.files["/mirror.zip"] = DATA
    fetch_file(target, [f"{served.url}/mirror.zip"], label="set", md5=md5(DATA))
    assert served.asked[-1] == ("/mirror.zip", "bytes=6000000-")
    assert target.read_bytes() == DATA


def test_without_checksum_another_place_starts_again(target: Path, url: str, served: Served) -> None:
    served.breaks = [3_000_000, 0]
    served.files["/mirror.zip"] = OTHER
    fetch_file(target, [url, f"{served.url}/mirror.zip"], label="set")
    assert target.read_bytes() == OTHER
    assert served.asked[-1] == ("/mirror.zip", "")


def test_answers_that_are_no_files(target: Path, url: str, served: Served) -> None:
    served.status = 503
    with pytest.raises(DataError, match="HTTP 503"):
        fetch_file(target, [url], label="set")
    served.status, served.files["/set.zip"] = 200, b""
    with pytest.raises(DataError, match="sent an empty file"):
        fetch_file(target, [url], label="set")
    with pytest.raises(DataError, match="neither http:// nor https://"):
        fetch_file(target, ["file:///etc/hostname"], label="set")
    with pytest.raises(DataError, match="no address is known"):
        fetch_file(target, [], label="set")


@pytest.mark.parametrize(("value", "offline"), [("1", True), ("true", True), ("0", False), ("", False), ("no", False)])
def test_offline(target: Path, url: str, served: Served, monkeypatch: pytest.MonkeyPatch, value: str, offline: bool) -> None:
    monkeypatch.setenv("IRLOOM_OFFLINE", value)
    assert is_offline() == offline
    if offline:
        with pytest.raises(DataError, match="set is not here, and IRLOOM_OFFLINE forbids to fetch it"):
            fetch_file(target, [url], label="set")
        assert served.asked == []


def test_any_course_of_faults_ends_in_the_file_or_in_nothing(target: Path, served: Served) -> None:
    """Connections break, the file changes, ranges and conditions come and go: what gets the name is what the server has."""
    url, chance = f"{served.url}/set.zip", random.Random(7)
    ended = 0
    for course in range(20):
        for step in range(4):
            data = chance.randbytes(5_000) if step == 0 or chance.random() < 0.3 else served.files["/set.zip"]
            served.files["/set.zip"] = data
            served.etag = f'"{md5(data)}"' if chance.random() < 0.8 else ""
            served.ranges, served.blind = chance.random() < 0.7, chance.random() < 0.3
            served.breaks = [chance.randrange(5_000) for _ in range(chance.randrange(3))]
            known = chance.random() < 0.5
            try:
                fetch_file(target, [url], label="set", md5=md5(data) if known or not served.etag else "")
            except DataError:
                assert not target.exists()
                continue
            assert target.read_bytes() == data, (course, step)
            target.unlink()
            ended += 1
    assert ended > 30


def test_a_full_disk(target: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(action: str, path: Path) -> None:
        if action == "write" and path.suffix == ".part":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(files, "fail_points", [refuse])
    with pytest.raises(OSError, match="No space left"):
        fetch_file(target, [url], label="set")
    assert not target.exists()
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1_000})())
    with pytest.raises(DataError, match=r"set needs 10,240,000 bytes more, and .* has 1,000 free"):
        fetch_file(target, [url], label="set")
