"""`irloom datasets`: the datasets that have a name."""

import json


def test_named(irloom, animals, monkeypatch) -> None:
    monkeypatch.setenv("IRLOOM_DATA", str(animals.parent))
    done = irloom("datasets")
    assert done.code == 0
    assert "python-stdlib" in done.out
    listed = {entry["name"]: entry for entry in json.loads(irloom("datasets", "--json").out)}
    assert {name for name in listed if "/" not in name} == {"animals", "python-packages", "python-stdlib"}
    assert (listed["animals"]["kind"], listed["animals"]["splits"]) == ("beir", ["test"])
