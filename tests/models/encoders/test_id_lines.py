"""IdLines against a dictionary: in the file's order, out of it, with either line end, and where hashes collide."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import DataError, DuplicateDocument
from irloom.models.encoders import id_lines
from irloom.models.encoders.id_lines import IdLines

IDS = st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=6), unique=True, max_size=30)


@settings(max_examples=100)
@given(IDS, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.data())
def test_equals_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str], ending: str, closed: bool, data: st.DataObject
) -> None:
    text = ending.join(ids) + (ending if closed and ids else "")
    if ids and not ids[-1] and not closed:
        ids = ids[:-1]  # an empty last line without an end is none
    path = tmp_path_factory.mktemp("ids") / "x.ids"
    path.write_bytes(text.encode())
    lines, rows = IdLines(path), {name: row for row, name in enumerate(ids)}
    assert len(lines) == len(ids)
    for _ in range(3):
        start = data.draw(st.integers(0, len(ids)))
        asked = ids[start : start + data.draw(st.integers(0, 9))] + data.draw(
            st.lists(st.sampled_from([*ids, "?", "a\nb", "\ud800"]), max_size=5)
        )
        assert lines.rows(asked).tolist() == [rows.get(name, -1) for name in asked]


def test_many_lines_over_several_blocks(tmp_path: Path) -> None:
    ids = [f"doc-{number * 7919 % 100_003}" for number in range(50_000)]
    (tmp_path / "x.ids").write_text("\n".join(ids), encoding="utf-8")
    lines = IdLines(tmp_path / "x.ids")
    assert len(lines) == 50_000
    for start in range(0, 50_000, 4096):
        assert np.array_equal(lines.rows(ids[start : start + 4096]), np.arange(start, min(start + 4096, 50_000)))
    shuffled = np.random.default_rng(0).permutation(50_000)[:2000]
    assert np.array_equal(lines.rows([ids[row] for row in shuffled]), shuffled)
    assert lines.rows([]).shape == (0,)


def test_equal_hashes_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(id_lines, "_weights", lambda count: np.zeros(count, np.uint64))
    path = tmp_path / "x.ids"
    path.write_text("a\nb\nc\n", encoding="utf-8")
    assert IdLines(path).rows(["c", "d", "a"]).tolist() == [2, -1, 0]
    path.write_text("a\nb\nc\nb\na\n", encoding="utf-8")
    with pytest.raises(DuplicateDocument, match=r"x\.ids line 4: document 'b' occurs twice"):
        IdLines(path)


def test_bytes_that_are_no_text_are_told_by_their_place(tmp_path: Path) -> None:
    path = tmp_path / "x.ids"
    path.write_bytes(b"a\nbc\xff\n")
    with pytest.raises(DataError, match=r"not UTF-8 .* at byte 4"):
        IdLines(path)
