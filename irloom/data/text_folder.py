"""A folder of .md and .txt files as a dataset: one document a file."""

import errno
import os
import re
import stat
import warnings
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from irloom.core.errors import BadLine, DataError
from irloom.core.files import short_hash
from irloom.core.types import Document, Query
from irloom.data.dataset import Dataset
from irloom.data.lines import not_utf8

SUFFIXES = (".md", ".txt")
_RAW = "surrogateescape"
_BYTES = frozenset(map(chr, range(0xDC80, 0xDD00)))
"""How Python shows the bytes of a file's name that is not UTF-8."""
_GONE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
"""What the system says of a path without a file behind it."""
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


class TextFolder(Dataset):
    """The .md and .txt files under a folder, sorted by path; hidden files and folders are left out, and what is no plain file.

    A document's id is the path relative to the folder, with `/`; blanks in it become `%20`, and bytes that are not UTF-8 `%FF` and
    the like, because a TREC run cannot hold them. Its title is the first heading of a .md file, otherwise the file's name without
    the suffix. Its text is the file.
    """

    def __init__(self, name: str, path: str | Path) -> None:
        super().__init__(name, description=f"a folder of .md and .txt files: {path}")
        self.path = Path(path)

    @property
    def splits(self) -> tuple[str, ...]:
        return ()

    def documents(self) -> Iterator[Document]:
        """Streams the files; at their end a warning of links without an end and of files that are gone when they are to be read.

        Raises:
            BadLine: a file is not UTF-8.
            DataError: there is no file.
        """
        gone: list[Path] = []
        yield from self._read_all(gone)
        if gone:
            count = f"{len(gone):,} listed and not there to be read, such as {_id(gone[0].relative_to(self.path))!r}"
            warnings.warn(f"{self.path}: {count}; what is gone is left out", UserWarning, stacklevel=2)

    def _read_all(self, gone: list[Path]) -> Iterator[Document]:
        """The documents; paths without a file behind them are put into `gone`."""
        empty = True
        for path in _listed(self.path):
            try:
                if not _is_plain(path):
                    continue
                text = _read(path)
            except OSError as error:
                if error.errno not in _GONE:
                    raise
                gone.append(path)
                continue
            empty = False
            yield Document(_id(path.relative_to(self.path)), text, _title(path, text))
        if empty:
            raise DataError(f"{self.path} is an empty corpus: it holds no .md or .txt file")

    def all_queries(self) -> list[Query]:
        raise DataError(f"dataset {self.name!r} has no queries; it is a folder of texts: {self.path}")

    def _judgments(self, split: str) -> dict[str, dict[str, int]]:
        raise DataError(f"dataset {self.name!r} has no judgments")

    @cached_property
    def fingerprint(self) -> str:
        return short_hash(*(part for document in self._read_all([]) for part in (document.id, document.text)))

    @property
    def content_hash(self) -> str:
        return self.fingerprint


def holds_texts(folder: Path) -> bool:
    """Whether a folder holds a .md or .txt file, at any depth."""
    return any(_is_there(path) for path in _listed(folder))


def _listed(folder: Path) -> Iterator[Path]:
    """What is called .md or .txt under a folder, sorted by path."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                yield Path(place) / name


def _is_there(path: Path) -> bool:
    try:
        return _is_plain(path)
    except OSError:
        return False


def _is_plain(path: Path) -> bool:
    """Whether a path is a plain file or a link to one: a pipe is not, which would be waited for."""
    return stat.S_ISREG(path.stat().st_mode)


def _id(path: Path) -> str:
    name = path.as_posix()
    return "".join(quote(letter, errors=_RAW) if letter.isspace() or letter == "%" or letter in _BYTES else letter for letter in name)


def _read(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise BadLine(path, data.count(b"\n", 0, error.start) + 1, not_utf8(error)) from None


def _title(path: Path, text: str) -> str:
    if path.suffix.lower() == ".md":
        heading = _HEADING.search(_FENCE.sub("", text))
        if heading and heading[1]:
            return heading[1]
    return path.stem.encode("utf-8", _RAW).decode("utf-8", "replace")
