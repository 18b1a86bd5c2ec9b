"""`irloom components`: what can be built."""

import json

from irloom.core.registry import COMPONENTS

NAMES = {"bm25", "dense", "rrf", "weighted", "cross_encoder", "maxsim", "passages"}


def test_json(irloom) -> None:
    listed = json.loads(irloom("components", "--json").out)
    assert {entry["name"] for entry in listed} >= NAMES
    assert all(set(entry) >= {"name", "kind", "extra", "paper", "file"} for entry in listed)
    assert len(listed) >= len(COMPONENTS)


def test_table(irloom) -> None:
    out = irloom("components").out
    assert all(name in out for name in NAMES)
