"""The hash of a document's content: equal for equal documents, so that what changed is known without comparing texts."""

import json
from hashlib import blake2b

from irloom.core.types import Document


def content_hash(document: Document) -> int:
    """The 8-byte BLAKE2b of all fields, 0 to 2^64 - 1; the order of the metadata does not matter.

    >>> content_hash(Document("a", "text")) == content_hash(Document("a", "text", "title"))
    False
    """
    fields = [piece.encode("utf-8", "surrogatepass") for piece in (document.id, document.title, document.text)]
    rest = b""
    if document.parent or document.span or document.meta or document.images:
        images = [str(image) for image in document.images]
        rest = json.dumps([document.parent, document.span, images, dict(document.meta)], sort_keys=True).encode()
    lengths = b"".join(len(field).to_bytes(8, "little") for field in fields)
    return int.from_bytes(blake2b(b"".join([lengths, *fields, rest]), digest_size=8).digest(), "little")
