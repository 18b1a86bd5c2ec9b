"""Archives opened with distrust: only wanted plain files come out, inside their folder, and no more than text could unpack to."""

import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from gzip import BadGzipFile
from pathlib import Path, PurePosixPath
from typing import IO

from irloom.core.errors import DataError
from irloom.core.files import Progress, no_progress, open_for_write

_CHUNK = 1 << 20
_PACKING = (zlib.error, lzma.LZMAError, BadGzipFile, EOFError)
_RATIO, _FLOOR = 100, 1 << 28
"""Text shrinks to a tenth, hardly to a hundredth: what unpacks to more is a trap."""


def unpack(archive: Path, folder: Path, *, wanted: Sequence[str] = (), label: str = "", progress: Progress = no_progress) -> list[Path]:
    """Writes the wanted files of a zip or tar archive into a folder; a single folder around all of them is left out.

    Args:
        archive: the file; its content tells what it is.
        folder: where the files go; it is there, and its caller throws it away after an error.
        wanted: patterns of paths in the archive, such as "*/corpus.jsonl"; () for all.
        label: what it is, for progress.
        progress: called with the bytes written so far.

    Returns:
        The files, in the archive's order.

    Raises:
        DataError: it is no whole zip or tar archive, a member's path is absolute or leads out of the folder, a wanted member is a link
            or a device or stands there twice, nothing is wanted, or more bytes come out than 100 times its size.
    """
    limit = max(_FLOOR, _RATIO * archive.stat().st_size)
    written: list[Path] = []
    done = 0
    with _members(archive) as members:
        chosen = _choose(archive, members, wanted)
        for path, member in chosen.items():
            target = folder.joinpath(*path.parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            with member.open() as source, open_for_write(target) as file:
                while chunk := source.read(_CHUNK):
                    done += file.write(chunk)
                    if done > limit:
                        raise DataError(f"{archive} unpacks to more than {limit:,} bytes, {_RATIO} times its size: it was not trusted")
                    progress(f"{label} unpacked", done, 0)
            written.append(target)
    progress(f"{label} unpacked", done, done)
    return written


class _Member:
    """One entry of either kind of archive."""

    def __init__(self, archive: zipfile.ZipFile | tarfile.TarFile, info: zipfile.ZipInfo | tarfile.TarInfo) -> None:
        self._archive, self._info = archive, info
        self.name = info.filename if isinstance(info, zipfile.ZipInfo) else info.name

    @property
    def is_folder(self) -> bool:
        return self._info.is_dir() if isinstance(self._info, zipfile.ZipInfo) else self._info.isdir()

    @property
    def is_plain(self) -> bool:
        """Whether it is a file of its own: no link, no device."""
        if isinstance(self._info, tarfile.TarInfo):
            return self._info.isreg()
        kind = stat.S_IFMT(self._info.external_attr >> 16)
        return kind in (0, stat.S_IFREG)

    def open(self) -> IO[bytes]:
        if isinstance(self._archive, zipfile.ZipFile):
            return self._archive.open(self.name)
        assert isinstance(self._info, tarfile.TarInfo)
        source = self._archive.extractfile(self._info)
        assert source is not None
        return source


@contextmanager
def _members(archive: Path) -> Iterator[list[_Member]]:
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as zipped:
                yield [_Member(zipped, info) for info in zipped.infolist()]
        else:
            with tarfile.open(archive) as tarred:
                yield [_Member(tarred, info) for info in tarred.getmembers()]
    except (zipfile.BadZipFile, tarfile.TarError, *_PACKING, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{archive} is no whole zip or tar archive ({error}); fetch it again") from None


def _choose(archive: Path, members: Sequence[_Member], wanted: Sequence[str]) -> dict[PurePosixPath, _Member]:
    """The members to write by their path, once every path is found to be harmless."""
    found: dict[PurePosixPath, _Member] = {}
    for member in members:
        path = PurePosixPath(member.name)
        if path.is_absolute() or ".." in path.parts or "\\" in member.name or "\0" in member.name or ":" in (path.parts or ("",))[0]:
            raise DataError(f"{archive}: member {member.name!r} leads out of the folder; nothing was unpacked")
        if member.is_folder or (wanted and not any(fnmatchcase(path.as_posix(), pattern) for pattern in wanted)):
            continue
        if not member.is_plain:
            raise DataError(f"{archive}: member {member.name!r} is a link or a device, no file; nothing was unpacked")
        if path in found:
            raise DataError(f"{archive}: member {member.name!r} is there twice; nothing was unpacked")
        found[path] = member
    if not found:
        held = ", ".join(repr(member.name) for member in members[:5]) or "nothing"
        raise DataError(f"{archive} holds none of the expected files ({', '.join(wanted) or 'any'}); it holds {held}")
    tops = {path.parts[0] for path in found if len(path.parts) > 1}
    around = len(tops) == 1 and all(len(path.parts) > 1 for path in found)
    return {PurePosixPath(*path.parts[1:]) if around else path: member for path, member in found.items()}
