"""The hash of a document's content: equal for equal documents, so that what changed is known without comparing texts."""

import json
from hashlib import blake2b
from struct import Struct

from irloom.core.types import Document
from irloom.indexing.strings import encode

_LENGTHS = Struct("<3Q")


def content_hash(document: Document) -> int:
    """The 8-byte BLAKE2b of all fields, 0 to 2^64 - 1; the order of the metadata does not matter.

    >>> content_hash(Document("a", "text")) == content_hash(Document("a", "text", "title"))
    False
    """
    doc_id, title, text = encode(document.id), encode(document.title), encode(document.text)
    rest = b""
    if document.parent or document.span or document.meta or document.images:
        images = [str(image) for image in document.images]
        rest = json.dumps([document.parent, document.span, images, dict(document.meta)], sort_keys=True).encode()
    lengths = _LENGTHS.pack(len(doc_id), len(title), len(text))
    return int.from_bytes(blake2b(b"".join((lengths, doc_id, title, text, rest)), digest_size=8).digest(), "little")
