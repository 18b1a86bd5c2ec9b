from pathlib import Path

import pytest

from irloom.core.errors import BadLine, DataError
from irloom.data.click_log import read_clicks

TSV = "query\tdocument\trank\tclicked\nq\ta\t1\t1\nq\tb\t2\t0\nq\ta\t1\t0\nq\ta\t2\ttrue\n"
JSONL = (
    '{"query": "q", "document": "a", "rank": 1, "clicked": true, "session": 7}\n{"query": "q", "document": 5, "rank": 2, "clicked": 0}\n'
)


def test_tsv_is_counted(tmp_path: Path) -> None:
    (tmp_path / "log.tsv").write_text(TSV)
    log = read_clicks(tmp_path / "log.tsv")
    assert log.pairs == (("q", "a"), ("q", "b"))
    assert log.pair.tolist() == [0, 1, 0]
    assert (log.rank.tolist(), log.impressions.tolist(), log.clicks.tolist()) == ([1, 2, 2], [2, 1, 1], [1, 0, 1])


def test_without_a_header(tmp_path: Path) -> None:
    (tmp_path / "log.tsv").write_text(TSV.partition("\n")[2])
    assert read_clicks(tmp_path / "log.tsv").impressions.sum() == 4


def test_jsonl(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(JSONL)
    log = read_clicks(tmp_path / "log.jsonl")
    assert (log.pairs, log.clicks.tolist()) == ((("q", "a"), ("q", "5")), [1, 0])


@pytest.mark.parametrize(
    ("name", "line", "said"),
    [
        ("log.tsv", "q\ta\t1", "3 columns"),
        ("log.tsv", "q\t\t1\t0", "3 columns"),
        ("log.tsv", "q\ta\tfirst\t0", "rank 'first'"),
        ("log.tsv", "q\ta\t0\t0", "rank '0'"),
        ("log.tsv", "q\ta\t1.5\t0", "rank '1.5'"),
        ("log.tsv", "q\ta\t" + "9" * 5000 + "\t0", "rank"),
        ("log.tsv", "q\ta\t1\t2", "clicked is '2'"),
        ("log.jsonl", '{"query": "q", "document": "a", "rank": 1}', "'clicked' is missing"),
        ("log.jsonl", '{"query": "q", "document": null, "rank": 1, "clicked": 1}', "field 'document'"),
        ("log.jsonl", '{"query": "q", "document": "a", "rank": true, "clicked": 1}', "rank True"),
        ("log.jsonl", "{", "broken JSON"),
    ],
)
def test_bad_lines_are_named(tmp_path: Path, name: str, line: str, said: str) -> None:
    (tmp_path / name).write_text((JSONL if name.endswith("jsonl") else TSV) + line + "\n")
    with pytest.raises(BadLine, match=said) as raised:
        read_clicks(tmp_path / name)
    assert raised.value.line == (3 if name.endswith("jsonl") else 6)


def test_empty(tmp_path: Path) -> None:
    (tmp_path / "log.tsv").write_text("query\tdocument\trank\tclicked\n")
    with pytest.raises(DataError, match="no impression"):
        read_clicks(tmp_path / "log.tsv")
