"""What work costs: wall and CPU time, peak memory, and energy where the machine tells it."""

import resource
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

POWERCAP = Path("/sys/class/powercap")
"""Where Linux shows the counters of RAPL."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of wall time and of all processor cores together."""

    wall_s: float
    cpu_s: float


class Stopwatch:
    """Measures from the moment that it is made."""

    def __init__(self) -> None:
        self._wall, self._cpu = perf_counter(), process_time()

    def read(self) -> Spent:
        """What was spent so far."""
        return Spent(perf_counter() - self._wall, process_time() - self._cpu)


def peak_memory() -> int:
    """The most bytes of memory that this process held at once since it began, mapped files included."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


class EnergyMeter:
    """Joules of the processor packages by RAPL's counters, which wrap around; of all that the machine does, not of this process alone.

    A counter that wraps twice between two calls of `sample` has lost a round.

    Args:
        root: the folder of the counters.

    Attributes:
        reason: why nothing can be told, or "".
    """

    def __init__(self, root: Path = POWERCAP) -> None:
        self.reason, self._joules = "", 0.0
        packages = sorted(path for path in root.glob("*-rapl:*") if path.name.count(":") == 1)
        self._counters = {path / "energy_uj": 0 for path in packages if (path / "energy_uj").is_file()}
        if not self._counters:
            self.reason = "this machine shows no RAPL counters"
        self._last = self._read()

    def sample(self) -> None:
        """Adds what was spent since the last time; call it now and then in long work."""
        now = self._read()
        for path, value in now.items():
            spent = value - self._last[path]
            self._joules += (spent if spent >= 0 else spent + _range_of(path)) / 1e6
        self._last = now

    def read(self) -> float | None:
        """Joules so far, or None with a `reason`."""
        self.sample()
        return None if self.reason else self._joules

    def _read(self) -> dict[Path, int]:
        if self.reason:
            return {}
        try:
            return {path: int(path.read_text()) for path in self._counters}
        except PermissionError:
            self.reason = "the RAPL counters can be read by root only"
        except (OSError, ValueError):
            self.reason = "the RAPL counters cannot be read"
        return {}


def _range_of(counter: Path) -> int:
    try:
        return int(counter.with_name("max_energy_range_uj").read_text()) + 1
    except (OSError, ValueError):
        return 0
