"""A folder of .md and .txt files as a dataset: one document a file."""

import os
import re
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
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
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


class TextFolder(Dataset):
    """The .md and .txt files under a folder, sorted by path; hidden files and folders are left out.

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
        """Streams the files.

        Raises:
            BadLine: a file is not UTF-8.
            DataError: there is no file.
        """
        empty = True
        for path in text_files(self.path):
            empty = False
            text = _read(path)
            yield Document(_id(path.relative_to(self.path)), text, _title(path, text))
        if empty:
            raise DataError(f"{self.path} is an empty corpus: it holds no .md or .txt file")

    def all_queries(self) -> list[Query]:
        raise DataError(f"dataset {self.name!r} has no queries; it is a folder of texts: {self.path}")

    def _judgments(self, split: str) -> dict[str, dict[str, int]]:
        raise DataError(f"dataset {self.name!r} has no judgments")

    @cached_property
    def fingerprint(self) -> str:
        return short_hash(*(part for document in self.documents() for part in (document.id, document.text)))

    @property
    def content_hash(self) -> str:
        return self.fingerprint


def holds_texts(folder: Path) -> bool:
    """Whether a folder holds a .md or .txt file, at any depth."""
    return bool(list(islice(text_files(folder), 1)))


def text_files(folder: Path) -> Iterator[Path]:
    """The .md and .txt files under a folder, sorted by path."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                yield Path(place) / name


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
