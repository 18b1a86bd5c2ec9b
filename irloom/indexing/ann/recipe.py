"""Recipe: what the segments of an approximate index share, decided once; `recipe.json` beside what was trained."""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

from irloom.core.errors import BadValue, Corrupt, FormatMismatch, UnknownName
from irloom.core.files import write_bytes
from irloom.indexing.ann.kinds import KINDS, Kind, kind_by_name

NAME = "recipe.json"
FORMAT, VERSION = "irloom-faiss-recipe", 1
MOST_LISTS = 1 << 16


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the segments of a part are indexed.

    Attributes:
        name: the kind's.
        dim: width of the vectors.
        documents: how many there were when it was decided.
        lists: inverted lists; 1 where all vectors are scanned.
        recall: what was wished.
    """

    name: str
    dim: int
    documents: int
    lists: int
    recall: float

    @property
    def kind(self) -> Kind:
        """The kind."""
        return kind_by_name(self.name)

    @classmethod
    def of(cls, name: str, *, dim: int, documents: int, recall: float) -> "Recipe":
        """The recipe of a kind: four times the root of the number of documents as lists, so that finding lists costs as visiting them."""
        lists = min(MOST_LISTS, max(1, round(4 * math.sqrt(documents)))) if KINDS[name].divided else 1
        return cls(name, dim, documents, lists, recall)

    def write(self, folder: Path) -> None:
        """Writes it into what the segments share."""
        write_bytes(folder / NAME, json.dumps({"format": FORMAT, "version": VERSION, **asdict(self)}, sort_keys=True).encode())

    @classmethod
    def read(cls, folder: Path) -> "Recipe":
        """Reads what `write` wrote.

        Raises:
            Corrupt: it is missing or damaged.
            FormatMismatch: it is of another version.
        """
        path = folder / NAME
        try:
            body = json.loads(path.read_bytes())
            if body.pop("format") != FORMAT:
                raise Corrupt(path, "it is not irloom's")
            if (version := body.pop("version")) != VERSION:
                raise FormatMismatch(f"{path} is of version {version!r}; this irloom reads version {VERSION}")
            recipe = cls(str(body["name"]), int(body["dim"]), int(body["documents"]), int(body["lists"]), float(body["recall"]))
            kind_by_name(recipe.name)
        except FileNotFoundError:
            raise Corrupt(path, "the file is missing") from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, UnknownName, BadValue) as error:
            raise Corrupt(path, f"not a readable recipe ({error})") from None
        if recipe.dim < 1 or not 1 <= recipe.lists <= MOST_LISTS:
            raise Corrupt(path, f"{recipe.dim} dimensions and {recipe.lists} lists")
        return recipe

    def factory(self) -> str:
        """FAISS's name of the index of an inverted-list kind."""
        code = self.kind.code.format(half=near_divisor(self.dim, self.dim // 2), eighth=near_divisor(self.dim, self.dim // 8))
        if code.startswith("OPQ"):
            pieces = code.removeprefix("OPQ")
            return f"OPQ{pieces}_{self.dim},IVF{self.lists},PQ{pieces}x4fs"
        return f"IVF{self.lists},{code}"


def near_divisor(number: int, most: int) -> int:
    """The greatest divisor of `number` that is `most` at most, 1 at least."""
    return next(divisor for divisor in range(max(1, most), 0, -1) if number % divisor == 0)
