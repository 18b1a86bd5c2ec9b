"""`irloom retrieve`: a run file of many queries."""

import json

import pytest

from irloom.data.trec import read_run


def test_run_file(run_file) -> None:
    run = read_run(run_file)
    assert run["q1"].doc_ids == ["d1", "d4"]
    assert set(run["q2"].doc_ids) == {"d2", "d4"}


def test_dataset_as_queries(irloom, collection, animals, tmp_path) -> None:
    done = irloom("retrieve", collection, "--queries", animals, "-k", 1, "--output", tmp_path / "run.trec.gz")
    assert (done.code, done.out) == (0, f"3 queries, 2 documents in {tmp_path / 'run.trec.gz'}\n")
    assert len(read_run(tmp_path / "run.trec.gz")) == 2


def test_bad_queries_keep_the_old_run(irloom, collection, run_file, tmp_path) -> None:
    before = run_file.read_bytes()
    (tmp_path / "broken.jsonl").write_text('{"_id": "q1", "text": "x"}\n{"_id": \n')
    done = irloom("retrieve", collection, "--queries", tmp_path / "broken.jsonl", "--output", run_file)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "broken.jsonl line 2" in done.err
    assert run_file.read_bytes() == before


def test_query_twice(irloom, collection, tmp_path) -> None:
    (tmp_path / "twice.jsonl").write_text('{"_id": "q1", "text": "x"}\n{"_id": "q1", "text": "y"}\n')
    done = irloom("retrieve", collection, "--queries", tmp_path / "twice.jsonl", "--output", tmp_path / "run.trec")
    assert done.code == 2
    assert "'q1'" in done.err


def test_an_output_that_cannot_be_is_told_before_the_work(irloom, collection, animals, tmp_path) -> None:
    for place in (tmp_path, animals / "corpus.jsonl" / "run.trec"):
        done = irloom("retrieve", collection, "--queries", animals, "--output", place)
        assert done.code == 2
        assert done.err.count("\n") == 1  # and no progress
        assert str(place if place == tmp_path else animals / "corpus.jsonl") in done.err
        assert ".tmp" not in done.err


@pytest.mark.filterwarnings("default::UserWarning")
def test_odd_queries_are_counted_and_the_rest_is_answered(irloom, collection, tmp_path) -> None:
    (tmp_path / "odd.jsonl").write_text('{"_id": "e", "text": ""}\n{"_id": "l", "text": "' + "cat " * 25_000 + '"}\n')
    done = irloom("retrieve", collection, "--queries", tmp_path / "odd.jsonl", "--output", tmp_path / "odd.trec")
    assert done.code == 0
    assert done.out.startswith("2 queries")
    assert "warning: " in done.err
    assert "1 of 2 queries (such as 'e') is without text" in done.err
    assert "1 of 2 queries (such as 'l') is longer" in done.err
    assert list(read_run(tmp_path / "odd.trec")) == ["l"]  # a run file has no line for a query without hits


def test_queries_that_cannot_be_asked(irloom, collection, animals, tmp_path) -> None:
    (tmp_path / "none.jsonl").touch()
    done = irloom("retrieve", collection, "--queries", tmp_path / "none.jsonl", "--output", tmp_path / "x.trec")
    assert (done.code, "none.jsonl holds no query" in done.err) == (2, True)
    done = irloom("retrieve", collection, "--queries", animals / "queries.jsonl", "--split", "dev", "--output", tmp_path / "x.trec")
    assert (done.code, "expected no split" in done.err) == (2, True)
    assert not (tmp_path / "x.trec").exists()


def test_filters_of_the_command_and_of_the_queries(irloom, shelf, tmp_path) -> None:
    filters = {"all": None, "zoo": '"zoo" in tags', "none": "year < 0"}
    lines = [json.dumps({"_id": query_id, "text": "cat", "where": where}) for query_id, where in filters.items()]
    (tmp_path / "q.jsonl").write_text("\n".join(lines) + "\n")
    irloom("retrieve", shelf, "--queries", tmp_path / "q.jsonl", "--output", tmp_path / "own.trec")
    own = read_run(tmp_path / "own.trec")
    assert {query: set(ranking.doc_ids) for query, ranking in own.items()} == {"all": {"d1", "d2", "d3", "d4"}, "zoo": {"d2", "d3"}}
    done = irloom(
        "retrieve", shelf, "--queries", tmp_path / "q.jsonl", "--where", "lang exists", "-k", 2, "--output", tmp_path / "both.trec"
    )
    assert done.out.startswith("3 queries, 4 documents")
    both = read_run(tmp_path / "both.trec")
    assert {query: set(ranking.doc_ids) for query, ranking in both.items()} == {"all": {"d2", "d3"}, "zoo": {"d2", "d3"}}


def test_a_filter_that_cannot_be_read_is_told_with_its_line(irloom, shelf, tmp_path) -> None:
    (tmp_path / "q.jsonl").write_text('{"_id": "1", "text": "cat"}\n{"_id": "2", "text": "cat", "where": "year >="}\n')
    done = irloom("retrieve", shelf, "--queries", tmp_path / "q.jsonl", "--output", tmp_path / "x.trec")
    assert done.code == 2
    assert "q.jsonl line 2: field 'where': filter is 'year >='; expected text in quotes, a number, true or false" in done.err
    assert not (tmp_path / "x.trec").exists()
