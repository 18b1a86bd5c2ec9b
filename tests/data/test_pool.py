from pathlib import Path

import pytest

from irloom.core.errors import BadLine, DataError
from irloom.data.pool import PoolItem, read_pool, write_pool


def test_written_and_read_back(tmp_path: Path) -> None:
    items = [PoolItem("q", "d", "a question", "title", "text\nof two lines é", {"bm25": 3}), PoolItem("q", "e")]
    write_pool(items, tmp_path / "pool.jsonl")
    assert read_pool(tmp_path / "pool.jsonl") == items
    assert read_pool(tmp_path / "pool.jsonl")[0].sources == {"bm25": 3}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"query_id": "q"}', "'doc_id' is missing"),
        ('{"query_id": "q", "doc_id": 5}', "'doc_id' is 5"),
        ('{"query_id": "a b", "doc_id": "d"}', "'a b'"),
        ('{"query_id": "q", "doc_id": "d", "text": null}', "'text' is None"),
        ('{"query_id": "q", "doc_id": "d", "sources": ["bm25"]}', "'sources'"),
        ('{"query_id": "q", "doc_id": "first"}', "twice"),
        ("[]", "a JSON list"),
    ],
)
def test_bad_lines(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "pool.jsonl").write_text('{"query_id": "q", "doc_id": "first"}\n' + line + "\n")
    with pytest.raises(BadLine, match=said) as raised:
        read_pool(tmp_path / "pool.jsonl")
    assert raised.value.line == 2


def test_empty(tmp_path: Path) -> None:
    (tmp_path / "pool.jsonl").write_text("\n")
    with pytest.raises(DataError, match="nothing to judge"):
        read_pool(tmp_path / "pool.jsonl")
