"""How long the start takes: `import irloom`, `irloom --help`, the first query of a process with a cold and a warm kernel cache.

Medians of five fresh processes each (three for the cold cache, which compiles).
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

from results import table, write_section

QUERY = "import irloom; irloom.open({!r}).search('binary search tree', k=10)"
HELP = "from irloom.cli.main import main; main(['--help'])"
INDEX = "from irloom.pipelines.build import index_bm25; index_bm25({!r}, dataset='python-stdlib', analyzer='code')"


def seconds(code: str, *, times: int = 5, **environment: str) -> float:
    """The median wall time of a fresh interpreter that runs the code, less that of an empty one."""
    return _median(code, times, environment) - _median("pass", times, environment)


def _median(code: str, times: int, environment: dict[str, str]) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL, env={**os.environ, **environment})
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def cold(code: str, *, times: int = 3) -> float:
    """As `seconds`, with an empty kernel cache each time."""
    taken = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            taken.append(seconds(code, times=1, NUMBA_CACHE_DIR=folder))
    return statistics.median(taken)


def main() -> None:
    """Measures and writes the section."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/stdlib"
        subprocess.run([sys.executable, "-c", INDEX.format(path)], check=True)
        query = QUERY.format(path)
        subprocess.run([sys.executable, "-c", query], check=True)
        empty = _median("pass", 5, {})
        rows = [
            ("`import irloom`", f"{1000 * seconds('import irloom'):.0f}", "150"),
            ("`irloom --help`, whole process", f"{1000 * (empty + seconds(HELP)):.0f}", "400"),
            ("import, open python-stdlib, first BM25 query; warm kernel cache", f"{1000 * seconds(query):.0f}", ""),
            ("the same, cold kernel cache", f"{1000 * cold(query):.0f}", ""),
        ]
    write_section("Start", f"Milliseconds; an empty interpreter takes {1000 * empty:.0f}.\n\n{table(['what', 'ms', 'at most'], rows)}")


if __name__ == "__main__":
    main()
