"""FAISS's files: written through our seam, and looked at before FAISS reads them, since it trusts what it reads.

Beside each lies a line of text with its size, the number of bytes that FAISS reads when it opens it, and their CRC-32. What comes after
them, the inverted lists, is mapped; whatever stands there gives wrong hits at worst, which are found by their places.
"""

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from irloom.core.errors import Corrupt
from irloom.core.files import SyncedFile, open_for_write, write_bytes
from irloom.indexing.ann.library import faiss

_PIECE = 1 << 20


class SummedFile:
    """A file that FAISS or we write to, with the CRC-32 of its beginning."""

    def __init__(self, file: SyncedFile) -> None:
        self._file, self.crc, self.head = file, 0, 0
        self._in_head, self._error = True, False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Appends bytes."""
        if self._in_head:
            self.crc, self.head = zlib.crc32(data, self.crc), self.head + len(data)
        self._file.write(data)

    def end_head(self) -> None:
        """What is written from now on is mapped when the file is read."""
        self._in_head = False

    def write_with(self, write: Callable[[Any], None]) -> None:
        """Lets FAISS write to a writer of its own kind."""
        writer = faiss().PyCallbackIOWriter(self.write, _PIECE)
        write(writer)
        del writer  # writes what it still holds


@contextmanager
def summed_file(path: Path) -> Iterator[SummedFile]:
    """A new file for FAISS; its sums are written when the block ends well."""
    with open_for_write(path) as file:
        summed = SummedFile(file)
        yield summed
        size = file.tell()
    write_bytes(_sums(path), f"{size} {summed.head} {summed.crc}\n".encode())


def write_index(path: Path, index: Any, *, flags: int = 0) -> None:
    """Writes an index of FAISS, of vectors or of bits."""
    library = faiss()
    with summed_file(path) as file:
        if isinstance(index, library.IndexBinary):
            file.write_with(lambda writer: library.write_index_binary(index, writer))
        else:
            file.write_with(lambda writer: library.write_index(index, writer, flags))


def read_index(path: Path, *, binary: bool = False, flags: int = 0) -> Any:
    """What `write_index` wrote.

    Raises:
        Corrupt: the file is missing or damaged.
    """
    library = faiss()
    if binary:
        return checked(path, lambda: library.read_index_binary(str(path), flags))
    return checked(path, lambda: library.read_index(str(path), flags))


def checked(path: Path, read: Callable[[], Any]) -> Any:
    """What FAISS reads, after sizes and sums were compared.

    Raises:
        Corrupt: the file is missing or damaged, or FAISS cannot read it.
    """
    try:
        size, head, crc = map(int, _sums(path).read_bytes().split())
        found = path.stat().st_size
    except FileNotFoundError as error:
        raise Corrupt(error.filename, "the file is missing") from None
    except ValueError:
        raise Corrupt(_sums(path), "it does not hold the size and the sum of a file") from None
    if found != size:
        raise Corrupt(path, f"{found} bytes, expected {size}")
    if _crc_of(path, head) != crc:
        raise Corrupt(path, "its checksum differs, its content has changed")
    try:
        return read()
    except (RuntimeError, MemoryError) as error:
        raise Corrupt(path, f"FAISS cannot read it ({str(error).rpartition('Error: ')[2][:200]})") from None


def _sums(path: Path) -> Path:
    return path.with_name(f"{path.name}.sum")


def _crc_of(path: Path, count: int) -> int:
    crc = 0
    with path.open("rb") as file:
        while count > 0 and (piece := file.read(min(count, _PIECE))):
            crc = zlib.crc32(piece, crc)
            count -= len(piece)
    return crc
