"""`irloom doctor`: whether what irloom needs is here."""

import json


def test_all_is_well(irloom) -> None:
    done = irloom("doctor")
    assert done.code == 0, done.out
    assert "index and search" in done.out
    states = {check["name"]: check["state"] for check in json.loads(irloom("doctor", "--json").out)}
    assert states["numba"] == "ok"
    assert set(states.values()) <= {"ok", "-"}


def test_a_data_folder_that_is_not_there(irloom, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("IRLOOM_DATA", str(tmp_path / "none"))
    done = irloom("doctor")
    assert done.code == 1
    assert "is not a folder" in done.out
