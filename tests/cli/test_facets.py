"""`irloom facets`: fields and how often their values occur."""

import json


def rows(out: str) -> list[list[str]]:
    return [line.split() for line in out.splitlines() if line.strip() and "─" not in line]


def test_overview(irloom, shelf) -> None:
    done = irloom("facets", shelf)
    assert done.code == 0, done.err
    assert rows(done.out) == [
        ["4", "documents"],
        ["field", "documents", "values", "most", "frequent"],
        ["lang", "3", "2", '"en",', '"de"'],
        ["tags", "3", "2", '"pets",', '"zoo"'],
        ["year", "4", "3", "2021,", "2019,", "2022"],
    ]


def test_values_of_fields(irloom, shelf) -> None:
    done = irloom("facets", shelf, "year", "lang", "--top", 2)
    assert rows(done.out) == [
        ["year:", "3", "values", "in", "4", "of", "4", "documents"],
        ["year", "documents", "share"],
        ["2021", "2", "50.0", "%"],
        ["2019", "1", "25.0", "%"],
        ["lang:", "2", "values", "in", "3", "of", "4", "documents"],
        ["lang", "documents", "share"],
        ['"en"', "2", "50.0", "%"],
        ['"de"', "1", "25.0", "%"],
    ]


def test_over_a_filter_and_a_run(irloom, shelf, tmp_path) -> None:
    def counts(*options: object) -> dict[str, int]:
        done = irloom("facets", shelf, "tags", "--json", *options)
        assert done.code == 0, done.err
        (facet,) = json.loads(done.out)
        return {count["value"]: count["documents"] for count in facet["counts"]}

    assert counts() == {"pets": 2, "zoo": 2}
    assert counts("--where", "year < 2020") == {"pets": 1}
    (tmp_path / "run.trec").write_text("q1 Q0 d1 1 2.0 x\nq1 Q0 d3 2 1.0 x\nq2 Q0 d3 1 2.0 x\n")
    assert counts("--run", tmp_path / "run.trec") == {"pets": 1, "zoo": 1}
    assert counts("--run", tmp_path / "run.trec", "--query", "q2") == {"zoo": 1}
    assert counts("--run", tmp_path / "run.trec", "--where", "lang != 'de'") == {"pets": 1}


def test_without_metadata(irloom, collection) -> None:
    assert irloom("facets", collection).out == "no document has metadata; filters can name id, parent and title\n"


def test_what_cannot_be_counted(irloom, shelf, tmp_path) -> None:
    (tmp_path / "run.trec").write_text("q1 Q0 d9 1 2.0 x\n")
    for arguments, said in (
        (["years"], "Did you mean 'year'?"),
        (["id"], "nearly every document has its own"),
        (["lang", "--where", "lang ="], "expected"),
        (["lang", "--query", "q1"], "expected no query without a run"),
        (["lang", "--run", tmp_path / "run.trec"], "document 'd9' is not in"),
        (["lang", "--run", tmp_path / "run.trec", "--query", "q7"], "one of the 1 queries"),
        (["lang", "--run", tmp_path / "none.trec"], "none.trec"),
    ):
        done = irloom("facets", shelf, *arguments)
        assert (done.code, done.err.count("\n")) == (2, 1), done.err
        assert said in done.err
