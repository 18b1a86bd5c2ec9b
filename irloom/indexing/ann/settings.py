"""Setting: how hard a search tries; and where a segment's calibrated ones are kept."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from irloom.core.errors import BadValue, Corrupt, FormatMismatch
from irloom.core.files import write_bytes

NAME = "ann.json"
HARDEST = 64.0
"""The most that effort and candidates are multiplied with under a filter."""
FORMAT, VERSION = "irloom-faiss-segment", 1


@dataclass(frozen=True, slots=True)
class Setting:
    """How hard a search tries.

    Attributes:
        effort: inverted lists to visit (nprobe), or candidates that a walk through a graph keeps (efSearch).
        factor: candidates for each document wanted, which are scored again with the vectors themselves.

    Raises:
        BadValue: a number is out of its range.
    """

    effort: int
    factor: float = 1.0

    def __post_init__(self) -> None:
        if self.effort < 1:
            raise BadValue("effort", self.effort, "1 or more")
        if not 1 <= self.factor <= 1e6:
            raise BadValue("factor", self.factor, "from 1 to a million")


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """What is known of a segment's index.

    Attributes:
        documents: how many vectors it holds.
        settings: for some k the setting that a search for k documents needs for the recall wished.
        recalls: what was measured there, with mixtures of the segment's vectors as queries.
        filtered: what effort and factor are multiplied with under a filter, beside the share that the filter leaves; more than HARDEST
            where the allowed documents should be scanned.
    """

    documents: int
    settings: Mapping[int, Setting]
    recalls: Mapping[int, float]
    filtered: float = 1.0

    def write(self, folder: Path) -> None:
        """Writes it beside the segment's index."""
        body = {
            "format": FORMAT,
            "version": VERSION,
            "documents": self.documents,
            "filtered": self.filtered,
            "settings": [[k, one.effort, one.factor, self.recalls[k]] for k, one in sorted(self.settings.items())],
        }
        write_bytes(folder / NAME, json.dumps(body, sort_keys=True).encode())

    @classmethod
    def read(cls, folder: Path) -> "SegmentRecord":
        """Reads what `write` wrote.

        Raises:
            Corrupt: it is damaged.
            FormatMismatch: it is of another version.
        """
        path = folder / NAME
        try:
            body = json.loads(path.read_bytes())
            if body["format"] != FORMAT:
                raise Corrupt(path, "it is not irloom's")
            if body["version"] != VERSION:
                raise FormatMismatch(f"{path} is of version {body['version']!r}; this irloom reads version {VERSION}")
            rows = [(int(k), Setting(int(effort), float(factor)), float(recall)) for k, effort, factor, recall in body["settings"]]
            documents, filtered = int(body["documents"]), float(body["filtered"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError, BadValue) as error:
            raise Corrupt(path, f"not a readable record ({error})") from None
        if not rows or not 1 <= filtered <= 1e6:
            raise Corrupt(path, "it holds no settings, or a wrong one for filters")
        return cls(documents, {k: setting for k, setting, _ in rows}, {k: recall for k, _, recall in rows}, filtered)

    def setting(self, k: int, *, times: float = 1.0) -> Setting:
        """What a search for `k` documents needs.

        That of the next greater k, or in proportion where k is greater than all; candidates are at least those of the next smaller k.

        Args:
            k: 1 or more.
            times: multiplies effort and factor.
        """
        known = sorted(self.settings)
        level = next((one for one in known if one >= k), known[-1])
        found = self.settings[level]
        effort = max(1, round(found.effort * max(1.0, k / level) * times))
        if found.factor == 1 and all(setting.factor == 1 for setting in self.settings.values()):
            return Setting(effort)
        below = max((one for one in known if one < k), default=known[0])
        factor = max(found.factor, below * self.settings[below].factor / k)
        return Setting(effort, max(1.0, factor * times))
