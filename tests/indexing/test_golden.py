"""Collections of every version of the format, kept as they were written: they open, are sound, and give the runs of their day, for ever."""

import json
import shutil
from pathlib import Path

import pytest

from irloom.core.types import Document
from irloom.indexing.collection import Collection
from irloom.indexing.manifest import VERSION
from irloom.indexing.writer import CollectionWriter
from tests.golden.make import builders, runs

GOLDEN = Path(__file__).parent.parent / "golden"
VERSIONS = sorted(path.stem for path in GOLDEN.glob("v*.json"))


@pytest.fixture(params=VERSIONS)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, object]]:
    """A copy of a golden collection, and what is known of it."""
    shutil.copytree(GOLDEN / request.param, tmp_path / "c")
    return tmp_path / "c", json.loads((GOLDEN / f"{request.param}.json").read_text())


def check(root: Path, facts: dict[str, object]) -> None:
    with Collection.open(root) as collection:
        assert collection.manifest.damage(root) == []
        assert len(collection) == len(list(collection.documents())) == facts["documents"]
        for name, run in runs(collection).items():
            for query, hits in run.items():
                expected = facts["runs"][name][query]  # type: ignore[index]
                assert [doc_id for doc_id, _ in hits] == [doc_id for doc_id, _ in expected]
                assert [score for _, score in hits] == pytest.approx([score for _, score in expected], abs=1e-6)


def test_every_version_is_kept() -> None:
    assert [f"v{number}" for number in range(1, VERSION + 1)] == VERSIONS


def test_it_gives_what_it_gave(kept: tuple[Path, dict[str, object]]) -> None:
    check(*kept)
    with Collection.open(kept[0]) as collection:
        (found,) = collection.fetch(["\u00fc"])
        assert (found.parent, found.span, found.meta["tags"], found.meta["year"]) == ("d2", (3, 8), ("a", "b"), 2020)


def test_it_can_grow(kept: tuple[Path, dict[str, object]]) -> None:
    root, facts = kept
    with Collection.open(root) as collection:
        own = {name: builder for name, builder in builders().items() if name in collection.parts}
    with CollectionWriter(root) as writer:
        writer.add([Document("new", "cat dog bird")], own)
        writer.commit()
    with CollectionWriter(root) as writer:
        writer.delete(["new"])
        writer.commit()
    check(root, facts)
    with CollectionWriter(root) as writer:
        assert writer.compact()
        writer.commit()
    check(root, facts)
