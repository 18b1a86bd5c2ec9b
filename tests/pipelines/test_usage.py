"""What work costs."""

from pathlib import Path

import pytest

from irloom.pipelines.usage import EnergyMeter, Stopwatch, peak_memory


def counter(root: Path, name: str, value: int, *, most: int = 1_000_000) -> Path:
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "energy_uj").write_text(f"{value}\n")
    (folder / "max_energy_range_uj").write_text(f"{most}\n")
    return folder / "energy_uj"


def test_time_and_memory() -> None:
    watch = Stopwatch()
    sum(range(100_000))
    spent = watch.read()
    assert spent.cpu_s > 0
    assert spent.wall_s > 0
    assert 1 << 20 < peak_memory() < 1 << 40


def test_energy_of_the_packages_wraps_around(tmp_path: Path) -> None:
    first, second = counter(tmp_path, "intel-rapl:0", 900_000), counter(tmp_path, "intel-rapl:1", 10)
    counter(tmp_path, "intel-rapl:0:0", 5)  # a core within a package is not counted twice
    meter = EnergyMeter(tmp_path)
    first.write_text("950000")
    meter.sample()
    first.write_text("49999")  # 50,001 to the end of the range, and as many again less two
    second.write_text("1010")
    assert meter.read() == pytest.approx((50_000 + 100_000 + 1000) / 1e6)
    assert meter.reason == ""


def test_a_machine_without_counters_says_so(tmp_path: Path) -> None:
    meter = EnergyMeter(tmp_path / "none")
    assert meter.read() is None
    assert meter.reason == "this machine shows no RAPL counters"


def test_a_counter_that_breaks_off(tmp_path: Path) -> None:
    path = counter(tmp_path, "intel-rapl:0", 5)
    meter = EnergyMeter(tmp_path)
    path.write_text("nonsense")
    assert meter.read() is None
    assert meter.reason == "the RAPL counters cannot be read"
