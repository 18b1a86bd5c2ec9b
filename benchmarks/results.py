"""RESULTS.md: one section for each benchmark, replaced when that benchmark runs again."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path

PATH = Path(__file__).parent / "RESULTS.md"
HEAD = "# Benchmarks\n\nWritten by the scripts in this folder; `make bench` runs all. Peers run on the same machine, in the same run.\n"


def machine() -> str:
    """One line: processor, cores, Python."""
    model = next(
        (line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")), platform.processor() or platform.machine()
    )
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}"


def table(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table in Markdown; all columns but the first are set right."""
    lines = ["| " + " | ".join(titles) + " |", "|---" + "|--:" * (len(titles) - 1) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def write_section(title: str, body: str) -> None:
    """Puts `body` under "## title" in RESULTS.md, in place of what was there, and prints it."""
    text = PATH.read_text(encoding="utf-8") if PATH.exists() else HEAD
    head, *sections = text.split("\n## ")
    kept = {section.partition("\n")[0]: section.partition("\n")[2].strip() for section in sections}
    kept[title] = f"{machine()}\n\n{body.strip()}"
    PATH.write_text(
        head.rstrip() + "\n" + "".join(f"\n## {name}\n\n{content}\n" for name, content in sorted(kept.items())), encoding="utf-8"
    )
    print(f"## {title}\n\n{kept[title]}\n")


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []
