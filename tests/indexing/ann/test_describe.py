"""One line on an index."""

from pathlib import Path

from irloom.indexing.ann.describe import describe_index
from irloom.indexing.ann.wish import AnnWish
from tests.indexing.ann.parts import make_part, vectors_of


def test_line(tmp_path: Path) -> None:
    part = make_part(tmp_path / "a", [vectors_of(1200, 24, 1), vectors_of(50, 24, 2)], AnnWish("ivf"))
    line = describe_index(part)
    assert line.startswith("ivf over 1,200 of 1,250 documents, finds 0.9")
    assert line.endswith("of the best 10; the rest is scanned")
    assert describe_index(make_part(tmp_path / "b", [vectors_of(90, 24, 1)], AnnWish())) == "flat: all 90 documents are scanned"
