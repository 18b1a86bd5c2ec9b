"""Documents as a caller gives them, checked before anything is written of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from irloom.core.errors import BadValue, DataError
from irloom.core.types import Document, MetaValue

_PLAIN = (str, bool, int, float)
_VALUES = "a text, a number, true or false, or a tuple of texts"


def checked_documents(documents: Iterable[Document]) -> Iterator[Document]:
    """The documents with numpy's numbers in their metadata as Python's, and lists of texts as tuples.

    Raises:
        DataError: an id is empty.
        BadValue: an item is no document, or a field of one is of another type than it must be; the text names both.
    """
    for number, document in enumerate(documents, start=1):
        if not isinstance(document, Document):
            raise BadValue(f"document {number}", document, "a Document")
        if document.id == "":
            raise DataError(f"document {number} has an empty id; each document needs one")
        for field in ("id", "text", "title", "parent"):
            if not isinstance(getattr(document, field), str):
                raise BadValue(f"{field} of document {number} (id {document.id!r})", getattr(document, field), "a text")
        if not isinstance(document.meta, Mapping):
            raise BadValue(f"meta of document {document.id!r}", document.meta, "a mapping of names to values")
        if all(type(name) is str and type(value) in _PLAIN for name, value in document.meta.items()):
            yield document
        else:
            yield replace(document, meta={name: _value(document.id, name, value) for name, value in document.meta.items()})


def _value(doc_id: str, name: object, value: object) -> MetaValue:
    if not isinstance(name, str):
        raise BadValue(f"a name in the metadata of document {doc_id!r}", name, "a text")
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, _PLAIN):
        return plain
    if isinstance(plain, list | tuple) and all(isinstance(item, str) for item in plain):
        return tuple(plain)
    raise BadValue(f"metadata {name!r} of document {doc_id!r}", value, _VALUES)
