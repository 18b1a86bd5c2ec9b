"""One line on the approximate index of a part, for people."""

from irloom.indexing.ann.recipe import Recipe
from irloom.indexing.ann.settings import NAME as RECORD
from irloom.indexing.ann.settings import SegmentRecord
from irloom.indexing.parts import PartView


def describe_index(part: PartView) -> str:
    """The kind, how much of the part it covers, and what it finds: "hnsw over 25,000 of 25,100 documents, finds 0.981 of the best 10".

    The recall is the least that was measured in a segment, with mixtures of its vectors as queries. It is "flat" where all is scanned.

    Args:
        part: a dense part.

    Raises:
        Corrupt: a file is damaged.
    """
    records = [SegmentRecord.read(segment.folder) for segment in part.segments if (segment.folder / RECORD).exists()]
    if part.trained is None or not records:
        return f"flat: all {part.total:,} documents are scanned"
    recipe = Recipe.read(part.trained)
    level = min(level for record in records for level in record.recalls)
    covered, found = sum(record.documents for record in records), min(record.recalls[level] for record in records)
    rest = "" if covered == part.total else "; the rest is scanned"
    return f"{recipe.name} over {covered:,} of {part.total:,} documents, finds {found:.3f} of the best {level}{rest}"
