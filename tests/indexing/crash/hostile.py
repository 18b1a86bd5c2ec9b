"""Collections that nobody wrote in good faith: manifests and files changed at random, signed anew so that no checksum gives them away."""

import copy
import hashlib
import json
import random
from typing import Any

Body = dict[str, Any]

VALUES: list[Any] = [
    None, True, False, -1, 0, 1, 7, 2**31, 2**62, 2**63, 2**200, 0.5, 1e308, float("nan"), "", ".", "..", "/", "/etc/passwd",
    "../outside/secret", "segments/../../outside/secret", "segments/0/../../../outside", "segments/0/link", "segments/link/secret",
    "segments", "segments/", "segments//0", "segments/0", "segments/1", "segments/1/bm25", "manifest.json", ".lock", "readers/1", "work/x",
    "trained/none", "a\0b", "segments/a\0b", "segments/\ud800", "segments/" + "x" * 5000, "segments/" + "x/" * 3000 + "x", "\u00fc", "\n",
    "0" * 64, [], {}, [[]], [None], {"": ""}, {"a": {"b": []}}, ["segments/0"], {"kind": "bm25"}, {"documents": 3, "name": "0"},
]  # fmt: skip
"""What may stand anywhere instead of what does."""


SHAPES = ("()", "(0,)", "(1,)", "(99999999999999999999,)", "(4611686018427387904, 8)", "(-1,)", "(2, 3, 4)", "(1, 1)")
"""What may stand as the shape of an array."""


def read_body(data: bytes) -> Body:
    """A manifest without its checksum."""
    body: Body = json.loads(data)
    del body["checksum"]
    return body


def signed(body: Body) -> bytes:
    """A manifest with the checksum that it would have."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return json.dumps({**body, "checksum": hashlib.sha256(text.encode()).hexdigest()}).encode()


def changed_manifest(data: bytes, chance: random.Random) -> tuple[str, bytes]:
    """A manifest that was changed in one to three places, or in its bytes, and what was done."""
    if chance.random() < 0.15:
        return changed_bytes(data, chance)
    body, done = copy.deepcopy(read_body(data)), []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        section = chance.choice(sorted(body))
        container, key, path = _somewhere(body, section, chance)
        verb = chance.choice(("set", "set", "set", "remove", "rename", "swap"))
        value = chance.choice(VALUES)
        if verb == "remove":
            del container[key]
        elif verb == "rename" and isinstance(container, dict):
            value = chance.choice([other for other in VALUES if isinstance(other, str)])
            container[value] = container.pop(key)
        elif verb == "swap":
            other, place, _ = _somewhere(body, chance.choice(sorted(body)), chance)
            container[key], other[place] = other[place], container[key]
        else:
            container[key] = value
        done.append(f"{verb} {path} {value!r}")
        if not body:
            break
    try:
        return "; ".join(done), signed(body)
    except (ValueError, RecursionError):  # a swap made a circle
        return "nothing", data


def _somewhere(body: Body, section: str, chance: random.Random) -> tuple[Any, Any, str]:
    """A container in a section of the manifest, a key of it, and the way there."""
    container, key, path = body, section, section
    while isinstance(value := container[key], dict | list) and len(value) and chance.random() < 0.8:
        container, key = value, chance.choice(sorted(value) if isinstance(value, dict) else range(len(value)))
        path += f".{str(key)[:40]}"
    return container, key, path


def changed_file(data: bytes, chance: random.Random) -> tuple[str, bytes]:
    """The bytes of a file whose header was changed, that was cut, or that goes on, and what was done."""
    if data.startswith(b"\x93NUMPY") and chance.random() < 0.6:
        text = data[10:128].decode("latin-1")
        old = chance.choice(("shape", "dtype", "order"))
        if old == "shape":
            shape = chance.choice(
                ("()", "(0,)", "(1,)", "(99999999999999999999,)", "(4611686018427387904, 8)", "(-1,)", "(2, 3, 4)", "(1, 1)")
            )
            text = text[: text.index("(")] + shape + text[text.index(")") + 1 :]
        elif old == "dtype":
            kind = chance.choice(("<f4", "<f8", "<i4", "<i8", "|u1", "<u2", "|b1", "|O", "<U4", ">i4", "<c8", "<f2"))
            text = text[: text.index("'descr': '") + 10] + kind + text[text.index("', 'fortran") :]
        else:
            text = text.replace("False", "True")
        return f"{old} {text.strip()}", data[:10] + text[:118].ljust(118).encode("latin-1") + data[128:]
    return changed_bytes(data, chance)


def changed_bytes(data: bytes, chance: random.Random) -> tuple[str, bytes]:
    """Bytes that were cut, went on, were emptied, or had some of the first 128 changed, and what was done."""
    verb = chance.choice(("cut", "extend", "empty", "flip", "flip", "zero"))
    place = chance.randrange(len(data)) if data else 0
    if verb == "cut":
        return f"cut at {place}", data[:place]
    if verb == "extend":
        return "extend", data + chance.randbytes(chance.choice((1, 8, 100)))
    if verb == "empty" or not data:
        return "empty", b""
    head = bytearray(data[:128])
    for _ in range(chance.choice((1, 1, 3))):
        head[chance.randrange(len(head))] = 0 if verb == "zero" else chance.randrange(256)
    return verb, bytes(head) + data[128:]
