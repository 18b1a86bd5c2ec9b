"""AnnWish: what is asked of a part's approximate index; the manifest keeps it, so that what is added or merged later obeys it."""

from collections.abc import Mapping
from dataclasses import dataclass

from irloom.core.errors import BadValue, UnknownName
from irloom.core.types import Json
from irloom.indexing.ann.kinds import NAMES


@dataclass(frozen=True, slots=True)
class AnnWish:
    """What is asked of an approximate index.

    Attributes:
        kind: "auto", "flat", or one of KINDS.
        recall: the share of the best k that a search is to find, in (0, 1].
        memory: bytes that the index should take while it is searched; None for half of the machine's.

    Raises:
        UnknownName: there is no such kind.
        BadValue: a number is out of its range.
    """

    kind: str = "auto"
    recall: float = 0.95
    memory: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in NAMES:
            raise UnknownName("kind of FAISS index", self.kind, NAMES)
        if not 0 < self.recall <= 1:
            raise BadValue("recall", self.recall, "more than 0, at most 1")
        if self.memory is not None and self.memory < 1:
            raise BadValue("memory", self.memory, "bytes, 1 or more")

    @property
    def json(self) -> Mapping[str, Json]:
        """As the part's parameters keep it."""
        return {"kind": self.kind, "recall": self.recall, "memory": self.memory}

    @classmethod
    def from_json(cls, value: object) -> "AnnWish":
        """What `json` gave.

        Raises:
            BadValue: it is not of that form.
            UnknownName: there is no such kind.
        """
        if isinstance(value, str):
            return cls(value)
        if not isinstance(value, Mapping) or not value.keys() <= {"kind", "recall", "memory"}:
            raise BadValue("faiss", value, "a mapping of kind, recall and memory")
        kind, recall, memory = value.get("kind", "auto"), value.get("recall", 0.95), value.get("memory")
        if not isinstance(kind, str) or not isinstance(recall, int | float) or not isinstance(memory, int | None):
            raise BadValue("faiss", value, "a name as kind, a number as recall, and bytes or nothing as memory")
        return cls(kind, float(recall), memory)
