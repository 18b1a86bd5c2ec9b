"""Ids by position and back, sorted, found and counted as Python does it with bytes."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from irloom.core.errors import Corrupt, DuplicateDocument
from irloom.core.files import write_array
from irloom.indexing.id_table import IdTable, count_greater
from tests.fakes import id_table

_LETTERS = st.text(st.sampled_from("ab\0é\ud800漢"), min_size=1, max_size=24)
_FEW = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def encoded(doc_id: str) -> bytes:
    return doc_id.encode("utf-8", "surrogatepass")


def check(table: IdTable, ids: list[str]) -> None:
    falling = sorted(range(len(ids)), key=lambda place: encoded(ids[place]), reverse=True)
    assert table.order.tolist() == falling
    assert table.rank[falling].tolist() == list(range(len(ids)))
    assert table.ids(np.arange(len(ids))) == ids
    assert table.positions(ids).tolist() == list(range(len(ids)))


@_FEW
@given(ids=st.lists(_LETTERS, min_size=1, max_size=200, unique=True))
def test_ids_are_sorted_and_found_as_bytes(tmp_path: Path, ids: list[str]) -> None:
    table = id_table(tmp_path, ids)
    check(table, ids)
    others = [doc_id + "a" for doc_id in ids if doc_id + "a" not in set(ids)]
    assert (table.positions(others) == -1).all()
    assert table.positions([]).tolist() == []
    assert table.ids(np.empty(0, np.int64)) == []


@pytest.mark.parametrize("start", ["", "a-prefix-that-all-ids-have/", "x" * 500])
@pytest.mark.parametrize("count", [1, 30, 3000])
def test_many_ids_with_a_common_beginning(tmp_path: Path, start: str, count: int) -> None:
    draw = np.random.default_rng(7)
    ids = [f"{start}{number}{'/part' * (number % 3)}" for number in draw.permutation(count).tolist()]
    check(id_table(tmp_path, ids), ids)


def test_ids_that_go_on_after_another(tmp_path: Path) -> None:
    ids = ["a" * length for length in range(1, 90)]
    check(id_table(tmp_path, ids[::2] + ids[1::2]), ids[::2] + ids[1::2])


@pytest.mark.parametrize("count", [3, 400])
def test_the_first_id_that_is_there_already_is_named(tmp_path: Path, count: int) -> None:
    ids = [f"d{number}" for number in range(count)]
    with pytest.raises(DuplicateDocument, match=r"documents 2 and 4.*'d1'") as error:
        id_table(tmp_path, [*ids[:3], "d1", *ids[3:], "d2", "d1"])
    assert error.value.doc_id == "d1"
    with pytest.raises(DuplicateDocument, match=f"documents 1 and {count + 1}"):
        id_table(tmp_path, [*ids, "d0", "d0"])


@_FEW
@given(left=st.lists(_LETTERS, min_size=1, max_size=60, unique=True), right=st.lists(_LETTERS, min_size=1, max_size=60, unique=True))
def test_count_greater(tmp_path: Path, left: list[str], right: list[str]) -> None:
    table, ids = id_table(tmp_path / "left", left), id_table(tmp_path / "right", right)
    assert count_greater(table, ids, equal=False).tolist() == [sum(encoded(a) > encoded(b) for a in left) for b in right]
    assert count_greater(table, ids, equal=True).tolist() == [sum(encoded(a) >= encoded(b) for a in left) for b in right]


def test_files_that_do_not_fit_are_found(tmp_path: Path) -> None:
    id_table(tmp_path / "a", ["one", "two"])
    id_table(tmp_path / "b", ["one", "two", "three"])
    (tmp_path / "b" / "ids_order.npy").replace(tmp_path / "a" / "ids_order.npy")
    with pytest.raises(Corrupt, match="do not fit"):
        IdTable(tmp_path / "a")


@pytest.mark.parametrize(("name", "dtype"), [("ids_order.npy", np.int32), ("ids_offsets.npy", np.int64)])
@pytest.mark.parametrize("value", [-5, 1 << 30])
def test_tables_that_lead_outside_are_told(tmp_path: Path, name: str, dtype: type[np.generic], value: int) -> None:
    id_table(tmp_path, ["a", "b", "c", "d", "e"])
    array = np.array(np.load(tmp_path / name))
    array[2] = value
    write_array(tmp_path / name, array.astype(dtype))
    table = IdTable(tmp_path)
    with pytest.raises(Corrupt, match="outside of the table"):
        table.positions(["a", "b", "c", "d", "e"])
    if name == "ids_order.npy":
        with pytest.raises(Corrupt, match=r"ids_order\.npy"):
            table.checked_order()
