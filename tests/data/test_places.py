"""Where datasets lie."""

from pathlib import Path

import pytest

from irloom.data.places import cache_folder, dataset_folder, roots


def test_the_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IRLOOM_CACHE", "~/mine")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_folder() == tmp_path / "mine"
    monkeypatch.delenv("IRLOOM_CACHE")
    for platform, expected in (("darwin", "Library/Caches/irloom"), ("linux", ".cache/irloom"), ("win32", "AppData/Local/irloom")):
        monkeypatch.setattr("sys.platform", platform)
        monkeypatch.delenv("LOCALAPPDATA", raising=False)
        assert cache_folder() == tmp_path / expected
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert cache_folder() == tmp_path / "x" / "irloom"


def test_the_folders_of_datasets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IRLOOM_CACHE", str(tmp_path))
    monkeypatch.setenv("IRLOOM_DATA", "~/data")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert roots() == [tmp_path / "data", tmp_path / "datasets"]
    monkeypatch.delenv("IRLOOM_DATA")
    assert roots() == [dataset_folder()]
