"""`irloom search`: a table with snippets, or JSON."""

import json


def test_table(irloom, collection) -> None:
    done = irloom("search", collection, "cat mat", "-k", 2)
    assert done.code == 0
    rows = [line.split() for line in done.out.splitlines() if line.strip().startswith(("1 ", "2 "))]
    assert [row[2] for row in rows] == ["d1", "d4"]
    assert "the cat sat on the mat" in done.out


def test_json(irloom, collection) -> None:
    hits = json.loads(irloom("search", collection, "cat mat", "-k", 1, "--json").out)
    assert [(hit["id"], hit["title"], hit["text"]) for hit in hits] == [("d1", "about d1", "the cat sat on the mat")]


def test_nothing(irloom, collection) -> None:
    for text, k in (("zeppelin", 10), ("", 10), ("cat", 0)):
        done = irloom("search", collection, text, "-k", k)
        assert (done.code, done.out) == (0, "nothing found\n")


def test_long_texts_are_cut(irloom, tmp_path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "corpus.jsonl").write_text(json.dumps({"_id": "a", "text": "long words " * 100}) + "\n")
    irloom("index", "bm25", "--output", tmp_path / "c", "--dataset", tmp_path / "data")
    out = irloom("search", tmp_path / "c", "words").out
    assert "..." in out
    assert len(out) < 1_500


def test_pipeline(irloom, collection) -> None:
    path = collection.parent / "pipeline.yaml"
    path.write_text(f"collection: {collection.name}\npipeline: {{bm25: {{k1: 1.2}}}}\n")
    assert "d1" in irloom("search", path, "mat").out
    path.write_text(f"collection: {collection.name}\npipeline: {{bm25: {{k2: 1.2}}}}\n")
    done = irloom("search", path, "mat")
    assert done.code == 2
    assert "'k2'" in done.err
    assert "Did you mean 'k1'?" in done.err


def test_no_collection(irloom, tmp_path) -> None:
    done = irloom("search", tmp_path / "none", "cat")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "not a collection" in done.err


def test_unknown_part(irloom, collection) -> None:
    done = irloom("search", collection, "cat", "--part", "bm52")
    assert done.code == 2
    assert "Did you mean 'bm25'?" in done.err


def test_truncated_file(irloom, collection) -> None:
    path = max(collection.glob("segments/**/*.npy"), key=lambda path: path.stat().st_size)
    path.write_bytes(path.read_bytes()[:-1])
    done = irloom("search", collection, "cat")
    assert done.code == 2
    assert path.name in done.err


def test_within_a_filter(irloom, shelf) -> None:
    hits = json.loads(irloom("search", shelf, "cat", "--where", 'lang == "en" and year >= 2020', "--json").out)
    assert [hit["id"] for hit in hits] == ["d2"]
    assert irloom("search", shelf, "cat", "-w", "year > 3000").out == "nothing found\n"
    path = shelf.parent / "english.yaml"
    path.write_text("collection: shelf\npipeline: {bm25: {}}\nwhere: lang == 'en'\n")
    hits = json.loads(irloom("search", path, "cat", "--where", "year < 2020", "--json").out)
    assert [hit["id"] for hit in hits] == ["d1"]


def test_a_filter_that_cannot_be(irloom, shelf) -> None:
    for text, said in (
        ("lang = 'en'", "expected '==' at character 6, found '='"),
        ("land == 'en'", "Did you mean 'lang'?"),
        ("lang == 3", "expected text, which is what that field holds"),
    ):
        done = irloom("search", shelf, "cat", "--where", text)
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert said in done.err
