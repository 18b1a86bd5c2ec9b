"""One file from the first place that gives it: streamed beside its target, taken up where it broke, checked before it gets its name."""

import hashlib
import http.client
import json
import os
import shutil
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irloom.core.errors import DataError
from irloom.core.files import Progress, fsync_folder, no_progress, open_for_write, remove_file, write_bytes
from irloom.data.places import OFFLINE, is_offline

_CHUNK = 1 << 20
_TIMEOUT = 60.0
_PAUSE = 0.1
"""Seconds between two reports of progress."""

_MOST_PIECES = 1000
_PART, _STATE = ".part", ".part.json"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that came whole.

    Attributes:
        url: the place that gave it.
        size: its bytes.
        md5: of them, in hex.
        sha256: of them, in hex.
    """

    url: str
    size: int
    md5: str
    sha256: str


class _Refused(Exception):
    """Why a place gave no file; the next one is asked."""


def fetch_file(
    target: Path, urls: Sequence[str], *, label: str, md5: str = "", sha256: str = "", progress: Progress = no_progress
) -> Fetched:
    """Brings a file from the first of several places that gives it whole.

    What has arrived lies beside the target as `NAME.part`, and stays there when all places fail: the next call goes on from it,
    where the place can prove by its ETag, its date or the checksum that the file has not changed; else it starts again. A file that has
    the target's name already is taken where its sums are right.

    Args:
        target: the file to make; its folder is there.
        urls: http or https addresses of the same bytes, in the order in which they are tried.
        label: what it is, for errors and progress.
        md5: the expected sum in hex; "" where there is none.
        sha256: the same.
        progress: called with the bytes so far and in all.

    Raises:
        DataError: no place gave it, each with its reason, or IRLOOM_OFFLINE is set. Nothing has the target's name.
    """
    if target.exists():
        found = _sums(target, urls[0])
        if not _wrong(found, md5, sha256):
            return found
        remove_file(target)
    if is_offline():
        raise DataError(f"{label} is not here, and {OFFLINE} forbids to fetch it; unset {OFFLINE}, or put it there by hand")
    reasons = []
    for url in urls:
        try:
            fetched = _fetch_from(target, url, label=label, md5=md5, sha256=sha256, progress=progress)
        except _Refused as reason:
            reasons.append(f"{url}: {reason}")
            continue
        os.replace(_beside(target, _PART), target)
        fsync_folder(target.parent)
        _beside(target, _STATE).unlink(missing_ok=True)
        return fetched
    kept = _beside(target, _PART)
    rest = f"; what arrived is kept as {kept}, and the next try goes on from it" if kept.exists() and kept.stat().st_size else ""
    tried = f"tried {len(urls)} place{'s' if len(urls) != 1 else ''}"
    raise DataError(f"{label} could not be fetched ({tried}): {'; '.join(reasons) or 'no address is known'}{rest}")


def _beside(target: Path, ending: str) -> Path:
    return target.with_name(target.name + ending)


def _fetch_from(target: Path, url: str, *, label: str, md5: str, sha256: str, progress: Progress, once_more: bool = True) -> Fetched:
    """All of the file as `.part`, whose sums are right."""
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise _Refused("neither http:// nor https://")
    part, resume = _beside(target, _PART), _can_go_on(target, url, checked=bool(md5 or sha256))
    pieces = int(resume)
    while not _go_on(target, url, resume=resume, label=label, progress=progress):
        pieces, resume = pieces + 1, True
        if pieces > _MOST_PIECES:
            raise _Refused(f"broke off {pieces} times")
    found = _sums(part, url)
    wrong = _wrong(found, md5, sha256)
    if wrong:
        _start_again(target)
        if pieces and once_more:  # halves of different files, perhaps
            return _fetch_from(target, url, label=label, md5=md5, sha256=sha256, progress=progress, once_more=False)
        raise _Refused(f"its {wrong} ({found.size:,} bytes); it was thrown away")
    return found


def _wrong(found: Fetched, md5: str, sha256: str) -> str:
    """The sum that is not as expected, for people; "" where both are."""
    for name, expected, has in (("MD5", md5.lower(), found.md5), ("SHA-256", sha256.lower(), found.sha256)):
        if expected and has != expected:
            return f"{name} is {has}, expected {expected}"
    return ""


def _can_go_on(target: Path, url: str, *, checked: bool) -> bool:
    """Whether a part is there that fits: of the same place with what proves it unchanged, or of any place where a checksum will tell."""
    part, state = _beside(target, _PART), _read_state(target)
    there = part.exists() and part.stat().st_size > 0
    return there and (checked or (state.get("url") == url and bool(state.get("validator"))))


def _read_state(target: Path) -> dict[str, Any]:
    try:
        state = json.loads(_beside(target, _STATE).read_bytes())
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def _go_on(target: Path, url: str, *, resume: bool, label: str, progress: Progress) -> bool:
    """One request, from where the part ends or from the beginning; whether the file is whole then. False where it is worth another one.

    A part that cannot be gone on with stays until this place has answered.

    Raises:
        _Refused: the place does not answer, refuses, or broke off without a new byte.
    """
    part, state = _beside(target, _PART), _read_state(target)
    start = part.stat().st_size if resume and part.exists() else 0
    validator = str(state.get("validator", "")) if start and state.get("url") == url else ""
    try:
        with _ask(url, start, validator) as answer:
            return _take(answer, target, url, start, validator, label=label, progress=progress)
    except urllib.error.HTTPError as error:
        with error:
            code, reason = error.code, error.reason
        if code != http.client.REQUESTED_RANGE_NOT_SATISFIABLE or not start:
            raise _Refused(f"HTTP {code} {reason}") from None
        if start == state.get("total"):
            return True
        _start_again(target)
        return False
    except (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
        raise _Refused(str(getattr(error, "reason", "") or error) or type(error).__name__) from None


def _ask(url: str, start: int, validator: str) -> Any:
    request = urllib.request.Request(url, headers={"User-Agent": "irloom", "Accept-Encoding": "identity"})  # noqa: S310 (checked: http or https)
    if start:
        request.add_header("Range", f"bytes={start}-")
        if validator:
            request.add_header("If-Range", validator)
    return urllib.request.urlopen(request, timeout=_TIMEOUT)  # noqa: S310


def _take(answer: Any, target: Path, url: str, start: int, expected: str, *, label: str, progress: Progress) -> bool:
    part, validator = _beside(target, _PART), _validator(answer)
    goes_on = answer.status == http.client.PARTIAL_CONTENT
    if goes_on and (_range_start(answer) != start or (validator and expected and validator != expected)):
        _start_again(target)  # another file or another piece than was asked for
        if not start:
            raise _Refused("sent a piece where the whole was asked for")
        return False
    done = start if goes_on else 0
    length = answer.headers.get("Content-Length", "")
    total = done + int(length) if length.isdigit() else 0
    free = shutil.disk_usage(target.parent).free
    if total - done > free:
        raise DataError(f"{label} needs {total - done:,} bytes more, and {target.parent} has {free:,} free")
    if not goes_on:
        part.unlink(missing_ok=True)  # before its state changes, so that no end in between joins it to another file
    write_bytes(_beside(target, _STATE), json.dumps({"url": url, "validator": validator, "total": total}).encode())
    shown, broken, chunk = 0.0, False, b" "
    with open_for_write(part, append=goes_on) as file:
        while chunk and not broken:
            chunk, broken = _read(answer)
            done += file.write(chunk)
            if time.monotonic() - shown > _PAUSE:
                shown = time.monotonic()
                progress(label, done, total)
    if broken or (total and done != total):
        if done > start:
            return False
        raise _Refused(f"broke off after {done:,}{f' of {total:,}' if total else ''} bytes")
    if not done:
        raise _Refused("sent an empty file")
    progress(label, done, done)
    return True


def _read(answer: Any) -> tuple[bytes, bool]:
    """The next bytes, and whether the connection broke after them: what came before is good."""
    try:
        return bytes(answer.read(_CHUNK)), False
    except http.client.IncompleteRead as error:
        return bytes(error.partial), True
    except (TimeoutError, ConnectionError, ssl.SSLError):
        return b"", True


def _validator(answer: Any) -> str:
    """What proves later that the file is still the same: a strong ETag, else its date."""
    etag = str(answer.headers.get("ETag", ""))
    return etag if etag and not etag.startswith("W/") else str(answer.headers.get("Last-Modified", ""))


def _range_start(answer: Any) -> int:
    unit, _, rest = answer.headers.get("Content-Range", "").partition(" ")
    first = rest.partition("-")[0]
    return int(first) if unit == "bytes" and first.isdigit() else -1


def _start_again(target: Path) -> None:
    remove_file(_beside(target, _PART))
    _beside(target, _STATE).unlink(missing_ok=True)


def _sums(path: Path, url: str) -> Fetched:
    md5, sha256, size = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            md5.update(chunk)
            sha256.update(chunk)
            size += len(chunk)
    return Fetched(url, size, md5.hexdigest(), sha256.hexdigest())
