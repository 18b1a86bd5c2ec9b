"""Names and links that would lead out of a collection."""

from pathlib import Path

import pytest

from irloom.core.errors import Corrupt
from irloom.indexing.places import check_links, check_names, refuse_links, size_of


@pytest.mark.parametrize(
    "name",
    ["", "segments", "segments/", "segments//x", "segments/./x", "segments/../x", "../segments/x", "/segments/x", "/etc/passwd", "other/x",
     "segments/a\0b", "segments/\ud800", "segments/x/..", "./segments/x"],
)  # fmt: skip
def test_names_that_lie_elsewhere(name: str) -> None:
    with pytest.raises(Corrupt, match="outside"):
        check_names(Path("manifest.json"), ["segments/0", name], folders=("segments", "ranks"))


def test_names_that_lie_inside() -> None:
    check_names(Path("manifest.json"), ["segments/0", "segments/0/a..b", "ranks/1", "segments/\u00fc/x y"], folders=("segments", "ranks"))


def test_links_that_leave(tmp_path: Path) -> None:
    root = tmp_path / "c"
    (root / "segments" / "0").mkdir(parents=True)
    (tmp_path / "c2").mkdir()
    (root / "segments" / "1").symlink_to(root / "segments" / "0")
    (root / "segments" / "0" / "circle").symlink_to(root / "segments" / "0" / "circle")
    check_links(root, ["segments/0/x", "segments/1/x", "segments/0/circle", "segments/none/x"])
    for number, target in enumerate((tmp_path / "c2", tmp_path, Path("/etc/passwd"))):
        (root / "segments" / f"out{number}").symlink_to(target)
        for name in (f"segments/out{number}", f"segments/out{number}/x"):
            with pytest.raises(Corrupt, match="leaves"):
                check_links(root, [name])
    (tmp_path / "link").symlink_to(root)
    check_links(tmp_path / "link", ["segments/0/x"])


def test_own_files_are_no_links(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    refuse_links(tmp_path, ["work", "none"])
    (tmp_path / "readers").symlink_to(tmp_path / "work")
    with pytest.raises(Corrupt, match="link"):
        refuse_links(tmp_path, ["work", "readers"])


def test_only_plain_files_have_a_size(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("abc")
    assert size_of(tmp_path, "f") == 3
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    for name in ("none", "f/x", ".", "circle", "x" * 5000):
        with pytest.raises(Corrupt):
            size_of(tmp_path, name)
