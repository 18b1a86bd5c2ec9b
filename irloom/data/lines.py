"""Lines of text files, plain or gzipped: read with their numbers, written whole or not at all."""

import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from gzip import BadGzipFile, GzipFile
from pathlib import Path
from typing import BinaryIO, cast

from irloom.core.errors import BadLine, DataError
from irloom.core.files import replacing

BOM = b"\xef\xbb\xbf"
"""The mark that some editors put before UTF-8; it is no part of the text."""
_BUFFER = 1 << 20


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """A file opened for bytes; one that ends in `.gz` is decompressed.

    Raises:
        DataError: the file is missing, is a folder, cannot be read, or is not whole gzip data.
    """
    try:
        with path.open("rb") as file:
            if path.suffix == ".gz":
                with GzipFile(fileobj=file) as unpacked:
                    yield cast(BinaryIO, unpacked)
            else:
                yield file
    except FileNotFoundError:
        raise DataError(f"{path} does not exist") from None
    except IsADirectoryError:
        raise DataError(f"{path} is a folder; expected a file") from None
    except (BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{path} is not a whole gzip file ({error}); fetch or copy it again") from None
    except PermissionError:
        raise DataError(f"{path} cannot be read: permission denied") from None


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yields the number, from 1, and the text of each line that is not blank. Only a line feed ends a line.

    Raises:
        BadLine: a line is not UTF-8.
        DataError: the file cannot be read.
    """
    with open_bytes(path) as file:
        for number, line in enumerate(file, 1):
            if number == 1:
                line = line.removeprefix(BOM)
            try:
                text = line.decode("utf-8").rstrip("\r\n")
            except UnicodeDecodeError as error:
                raise BadLine(path, number, not_utf8(error)) from None
            if text and not text.isspace():
                yield number, text


def not_utf8(error: UnicodeDecodeError) -> str:
    """The problem as a reader of the file sees it."""
    return f"not UTF-8: byte 0x{error.object[error.start]:02x} ({error.reason}); convert the file to UTF-8"


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Writes text, each item with its own line feeds; gzipped where the name ends in `.gz`.

    The file appears in one step when all is written; until then, and after an error, what was there before stays.

    Raises:
        DataError: a text holds a lone surrogate, which UTF-8 cannot express.
    """
    packer = zlib.compressobj(6, zlib.DEFLATED, 31) if path.suffix == ".gz" else None
    with replacing(path) as file:
        for block in _blocks(path, lines):
            file.write(packer.compress(block) if packer else block)
        if packer:
            file.write(packer.flush())


def _blocks(path: Path, lines: Iterable[str]) -> Iterator[bytes]:
    buffer = bytearray()
    for line in lines:
        try:
            buffer += line.encode("utf-8")
        except UnicodeEncodeError as error:
            raise DataError(f"{path}: the text {line[:60]!r} cannot be written as UTF-8 ({error.reason})") from None
        if len(buffer) >= _BUFFER:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer)
