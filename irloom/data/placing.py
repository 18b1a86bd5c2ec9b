"""A collection of the catalogue brought to its folder: fetched, checked, unpacked, checked again, and then placed in one step."""

import json
import os
import shutil
import warnings
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from irloom.core.errors import DataError
from irloom.core.files import Progress, no_progress, place_folder, replacing
from irloom.core.locks import FileLock
from irloom.data.checked import count, difference
from irloom.data.download import Fetched, fetch_file
from irloom.data.entry import Download, Entry
from irloom.data.layouts import open_path
from irloom.data.places import OFFLINE, is_offline
from irloom.data.unpack import unpack

MIRRORS = "IRLOOM_MIRRORS"
"""Environment variable: addresses, separated by blanks, that are tried before the public ones. Under each, a file is at UNIT/FILE, such
as beir/scifact/scifact.zip."""

_WORK = ".downloads"


def place(entry: Entry, root: Path, *, progress: Progress = no_progress) -> Path:
    """Fetches an entry's unit into `root` where it is not there yet.

    Each source is tried in turn, and in it each address. An archive is checked against its published MD5 before it is opened. Where none
    is published, the counts of the catalogue must be met, the SHA-256 is written into `<unit>.sums.json` beside the folder, a warning says
    so, and a later download must give the same. The folder appears whole or not at all; one process at a time works at it.

    Args:
        entry: what is wanted.
        root: the folder of datasets.
        progress: called with the bytes so far and in all.

    Returns:
        The folder of the unit.

    Raises:
        DataError: no source gives it, each with its reason; IRLOOM_OFFLINE is set; or it may not be passed on.
        Locked: another process is fetching it.
    """
    folder = root / entry.unit
    if folder.exists():
        return folder
    if not entry.sources:
        raise DataError(f"{entry.name} is not here and cannot be fetched: {entry.how}, and put it into {entry.folder} under IRLOOM_DATA")
    if is_offline():
        advice = f"unset {OFFLINE}, or put it into {entry.folder} under IRLOOM_DATA"
        raise DataError(f"{entry.name} is not here, and {OFFLINE} forbids to fetch it; {advice}")
    work = root / _WORK / entry.unit.replace("/", "+")
    work.mkdir(parents=True, exist_ok=True)
    with FileLock(work / ".lock"):
        if not folder.exists():
            _place_locked(entry, root, work, progress)
    with suppress(OSError):  # another process may wait at it already
        shutil.rmtree(work)
        work.parent.rmdir()
    return folder


def sums_path(entry: Entry, root: Path) -> Path:
    """Where the checksums of an entry's files are recorded."""
    return root / f"{entry.unit}.sums.json"


def _place_locked(entry: Entry, root: Path, work: Path, progress: Progress) -> None:
    reasons: list[str] = []
    for source in entry.sources:
        made = work / "made"
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir()
        try:
            sums = _bring(entry, source, root, work, made, progress)
            _check(entry, source, made, progress)
        except DataError as error:
            shutil.rmtree(made, ignore_errors=True)
            reasons.append(str(error))
            continue
        _record(entry, root, source, sums, reasons)
        place_folder(made, root / entry.unit)
        return
    raise DataError("; then ".join(reasons))


def _bring(entry: Entry, source: tuple[Download, ...], root: Path, work: Path, made: Path, progress: Progress) -> dict[str, Fetched]:
    """Fetches and unpacks into `made`; the sums by file."""
    known = _known(entry, root)
    sums: dict[str, Fetched] = {}
    fetched: list[tuple[Download, Path]] = []
    for download in source:
        public = download.urls[0]
        name = PurePosixPath(public).name
        urls = [*(f"{mirror.rstrip('/')}/{entry.unit}/{name}" for mirror in os.environ.get(MIRRORS, "").split()), *download.urls]
        target = work / (download.path or name).replace("/", "+")
        recorded = known.get(public, {}).get("sha256", "") if not download.md5 else ""
        label = f"{entry.unit} {download.path or name}"
        sums[public] = fetch_file(target, urls, label=label, md5=download.md5, sha256=recorded, progress=progress)
        fetched.append((download, target))
    for download, target in fetched:
        if download.path:
            (made / download.path).parent.mkdir(parents=True, exist_ok=True)
            os.replace(target, made / download.path)
        else:
            unpack(target, made, wanted=entry.wanted, label=entry.unit, progress=progress)
    return sums


def _check(entry: Entry, source: tuple[Download, ...], made: Path, progress: Progress) -> None:
    """Refuses what does not hold the entry's split or, where no checksum is published, another number of anything than expected."""
    inner = made / PurePosixPath(entry.folder).relative_to(entry.unit)
    dataset = open_path(entry.name, inner, entry.protocol)
    if entry.protocol.split not in dataset.splits:
        raise DataError(
            f"{entry.name}: what was fetched has no judgments {entry.protocol.split!r}, only {', '.join(dataset.splits) or 'none'}"
        )
    if not all(download.md5 for download in source):
        wrong = difference(count(dataset, progress=progress), entry.counts)
        if wrong:
            raise DataError(f"{entry.name}: what was fetched without a published checksum holds {wrong}; it was thrown away")


def _record(entry: Entry, root: Path, source: tuple[Download, ...], sums: dict[str, Fetched], reasons: list[str]) -> None:
    checked = {download.urls[0]: bool(download.md5) for download in source}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    lines = {
        name: {**asdict(fetched), "checked": "published MD5" if checked[name] else "none published: recorded here", "at": now}
        for name, fetched in sums.items()
    }
    path = sums_path(entry, root)
    with replacing(path) as file:
        file.write(json.dumps({**_known(entry, root), **lines}, indent=1).encode())
    unchecked = [name for name in sums if not checked[name]]
    if unchecked:
        before = f"{'; '.join(reasons)}; it came from elsewhere: " if reasons else ""
        problem = f"no checksum is published for {len(unchecked)} of its files; their SHA-256 is recorded in {path}"
        warnings.warn(f"{before}{entry.unit}: {problem}", UserWarning, stacklevel=4)


def _known(entry: Entry, root: Path) -> dict[str, Any]:
    """The sums that were recorded before, by address."""
    path = sums_path(entry, root)
    try:
        known = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError:
        raise DataError(f"{path} is not JSON; it records checksums: restore or delete it") from None
    return known if isinstance(known, dict) else {}
