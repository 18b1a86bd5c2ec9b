"""`irloom info`: what a collection holds."""

import json


def test_table_and_json(irloom, collection) -> None:
    done = irloom("info", collection)
    assert done.code == 0
    assert "4 documents" in done.out
    found = json.loads(irloom("info", collection, "--json").out)
    assert found["documents"] == 4
    assert [(part["name"], part["kind"]) for part in found["parts"]] == [("bm25", "bm25")]
    on_disk = sum(path.stat().st_size for path in collection.glob("segments/**/*") if path.is_file())
    assert found["bytes"] == on_disk
    assert 0 < found["parts"][0]["bytes"] < on_disk


def test_nothing_there(irloom, tmp_path) -> None:
    assert irloom("info", tmp_path).code == 2
