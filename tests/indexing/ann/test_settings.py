"""Settings by k, and their file."""

from pathlib import Path

import pytest

from irloom.core.errors import BadValue, Corrupt, FormatMismatch
from irloom.indexing.ann.settings import SegmentRecord, Setting

RECORD = SegmentRecord(5000, {10: Setting(8, 16.0), 100: Setting(20, 2.0)}, {10: 0.97, 100: 0.98}, 2.25)


def test_by_k() -> None:
    assert RECORD.setting(10) == Setting(8, 16.0)
    assert RECORD.setting(1) == Setting(8, 160.0)  # as many candidates as for 10
    assert RECORD.setting(20) == Setting(20, 8.0)  # 160 candidates: no fewer than for 10
    assert RECORD.setting(100) == Setting(20, 2.0)
    assert RECORD.setting(300) == Setting(60, 2.0)
    assert RECORD.setting(10, times=2) == Setting(16, 32.0)
    assert RECORD.setting(100, times=0.01) == Setting(1, 1.0)
    plain = SegmentRecord(5000, {10: Setting(8), 100: Setting(20)}, {10: 1.0, 100: 1.0})
    assert [plain.setting(k) for k in (1, 10, 11, 200)] == [Setting(8), Setting(8), Setting(20), Setting(40)]


def test_bad_settings() -> None:
    for effort, factor in ((0, 1.0), (-1, 1.0), (1, 0.5), (1, float("nan")), (1, 1e7)):
        with pytest.raises(BadValue):
            Setting(effort, factor)


def test_file(tmp_path: Path) -> None:
    RECORD.write(tmp_path)
    assert SegmentRecord.read(tmp_path) == RECORD
    path = tmp_path / "ann.json"
    whole = path.read_text()
    for old, new in (
        (whole, "{}"),
        (whole, "["),
        (whole, "3"),
        ("irloom", "other"),
        ("16.0", "1e999"),
        ("[10,", "[[],"),
        ("8, 16", "0, 16"),
    ):
        path.write_text(whole.replace(old, new))
        with pytest.raises(Corrupt):
            SegmentRecord.read(tmp_path)
    path.write_text(whole.replace('"version": 1', '"version": 2'))
    with pytest.raises(FormatMismatch):
        SegmentRecord.read(tmp_path)
    SegmentRecord(5, {}, {}).write(tmp_path)
    with pytest.raises(Corrupt, match="no settings"):
        SegmentRecord.read(tmp_path)
