"""What a name of the catalogue stands for: where its files come from, how they lie, what is expected in them, and how it is evaluated."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from irloom.data.dataset import Protocol

Layout: TypeAlias = Literal["beir", "tsv", "parquet"]


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a collection holds; 0 where it is not known, which is not checked.

    Attributes:
        documents: of the corpus.
        queries: those judged in the split that the protocol names.
        judgments: query-document pairs in that split, of any grade.
    """

    documents: int
    queries: int
    judgments: int


@dataclass(frozen=True, slots=True)
class Download:
    """One file to fetch.

    Attributes:
        path: where it goes in the collection's folder; "" for an archive, whose wanted members go there.
        urls: places that give the same bytes, tried in this order.
        md5: as its publisher gives it, in hex; "" where none is published.
        size: about how many bytes; 0 where it is not known.
    """

    path: str
    urls: tuple[str, ...]
    md5: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A named collection.

    Attributes:
        name: what `load_dataset` takes, such as "beir/scifact".
        folder: where it lies under the folder of datasets; entries may share one.
        unit: the folder that a download makes whole: `folder`, or one above it.
        layout: how its files lie.
        protocol: how it is evaluated.
        counts: what is expected in it.
        licence: a note for people; what its publishers say decides.
        sources: ways to fetch the unit, each a set of files; the first that works is taken. None where it may not be passed on.
        wanted: patterns of the files that are taken from an archive.
        aliases: other folders under IRLOOM_DATA in which it is looked for.
        how: what to do where there is no source.
    """

    name: str
    folder: str
    unit: str
    layout: Layout
    protocol: Protocol
    counts: Counts
    licence: str
    sources: tuple[tuple[Download, ...], ...] = ()
    wanted: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    how: str = ""

    @property
    def size(self) -> int:
        """About how many bytes its first source sends; 0 where it is not known."""
        return sum(download.size for download in self.sources[0]) if self.sources else 0
