"""Head sets as JSON files, and whether one fits a model."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from irloom.core.errors import BadValue, DataError, ModelError
from irloom.core.files import replacing
from irloom.models.decoders.decoder import Decoder
from irloom.rerankers.attention.head_set import PUBLISHED, HeadSet, head_ids, parse_head
from irloom.rerankers.attention.scoring import HeadId

FORMAT: Final = "irloom heads 1"


def write_heads(heads: HeadSet, path: str | Path) -> None:
    """Writes a head set, whole or not at all."""
    scores = heads.scores or (None,) * len(heads.heads)
    body = {
        "format": FORMAT,
        "method": heads.method,
        "model": heads.model,
        "fingerprint": heads.fingerprint,
        "layers": heads.layers,
        "heads_in_a_layer": heads.width,
        "settings": dict(heads.settings),
        "heads": [[f"{layer}-{head}", score] for (layer, head), score in zip(heads.heads, scores, strict=True)],
    }
    with replacing(Path(path)) as file:
        file.write(json.dumps(body, indent=1).encode() + b"\n")


def read_heads(path: str | Path) -> HeadSet:
    """Reads a head set.

    Raises:
        DataError: the file cannot be read or is no head set.
    """
    try:
        body = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); 'irloom heads learn' makes such a file") from None
    except ValueError as error:
        raise DataError(f"{path}: not JSON ({error}); 'irloom heads learn' makes a file of heads") from None
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise DataError(f"{path}: no head set of the format {FORMAT!r}; 'irloom heads learn' makes one")
    try:
        return _head_set(body)
    except (KeyError, TypeError, ValueError, BadValue) as error:
        raise DataError(f"{path}: a head set that cannot be used ({error})") from None


def _head_set(body: dict[str, Any]) -> HeadSet:
    entries = [(parse_head(str(name)), score) for name, score in body["heads"]]
    known = all(score is not None for _, score in entries)
    return HeadSet(
        tuple(head for head, _ in entries),
        tuple(float(score) for _, score in entries) if known else (),
        method=str(body["method"]),
        model=str(body["model"]),
        fingerprint=str(body["fingerprint"]),
        layers=int(body["layers"]),
        width=int(body["heads_in_a_layer"]),
        settings=dict(body["settings"]),
    )


def find_heads(heads: str | Path | HeadSet | Sequence[str | HeadId]) -> HeadSet:
    """A head set out of what a reranker may be given.

    Args:
        heads: the name of a published set, a file, a set, or heads such as "13-18".

    Raises:
        DataError: the file cannot be read or is no head set.
        BadValue: a list is empty, names a head twice, or holds something else.
    """
    if isinstance(heads, HeadSet):
        return heads
    if isinstance(heads, str) and heads.lower() in PUBLISHED:
        return PUBLISHED[heads.lower()]
    if isinstance(heads, str | Path):
        return read_heads(heads)
    return HeadSet(head_ids(heads))


def check_fit(heads: HeadSet, decoder: Decoder, *, methods: Sequence[str]) -> None:
    """Refuses heads that were found for other weights, or with another prompt.

    Args:
        heads: the set.
        decoder: the model that is to use them.
        methods: the ways to find heads that go with the prompt.

    Raises:
        ModelError: they do not fit.
    """
    advice = "learn them for this model with 'irloom heads learn', or set force=True to use them all the same"
    shape = decoder.shape
    if heads.layers and (heads.layers, heads.width) != (shape.layers, shape.heads):
        raise ModelError(
            f"the heads were found in a model of {heads.layers} layers with {heads.width} heads ({heads.model}); "
            f"this one has {shape.layers} with {shape.heads}; {advice}"
        )
    if heads.fingerprint and heads.fingerprint != decoder.weights:
        raise ModelError(f"the heads were found in {heads.model}, and the weights or the tokenizer of {decoder.model} are others; {advice}")
    if heads.method and heads.method not in methods:
        raise ModelError(f"the heads were found by {heads.method!r}, whose prompt is another; expected {' or '.join(methods)}; {advice}")
