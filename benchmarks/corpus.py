"""A corpus of any size, recombined of real passages: half of one and half of another, drawn with a seed, document by document.

    python benchmarks/corpus.py FOLDER [--documents 1000000] [--dataset python-packages] [--seed 17]

writes it as a dataset, with the queries of the one that it comes from.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from irloom.core.types import Document
from irloom.data.named import load_dataset

_WORD = (1 << 64) - 1


def recombined(count: int, *, start: int = 0, dataset: str = "python-packages", seed: int = 17) -> Iterator[Document]:
    """`count` documents from the one of number `start` on; a document depends on its number and the seed alone.

    Memory: the texts of the dataset.
    """
    texts = [document.full_text for document in load_dataset(dataset).documents()]
    for number in range(start, start + count):
        first, second = texts[_drawn(seed, 2 * number) % len(texts)], texts[_drawn(seed, 2 * number + 1) % len(texts)]
        yield Document(f"{number:08d}", f"{first[: _middle(first)]} {second[_middle(second) :].lstrip()}")


def _middle(text: str) -> int:
    """The first white space from the middle of a text on, or its end."""
    place = text.find(" ", len(text) // 2)
    return place if place >= 0 else len(text)


def _drawn(seed: int, number: int) -> int:
    """A random number of 64 bits for each number: SplitMix64 (Steele, Lea and Flood 2014)."""
    value = (seed * 0xD1342543DE82EF95 + (number + 1) * 0x9E3779B97F4A7C15) & _WORD
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _WORD
    return value ^ (value >> 31)


def write_corpus(folder: Path, count: int, *, dataset: str = "python-packages", seed: int = 17) -> None:
    """Writes corpus.jsonl and queries.jsonl."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "corpus.jsonl").open("w", encoding="utf-8") as file:
        for document in recombined(count, dataset=dataset, seed=seed):
            file.write(json.dumps({"_id": document.id, "text": document.text}) + "\n")
    with (folder / "queries.jsonl").open("w", encoding="utf-8") as file:
        for query in load_dataset(dataset).queries():
            file.write(json.dumps({"_id": query.id, "text": query.text}) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--dataset", default="python-packages")
    parser.add_argument("--seed", type=int, default=17)
    options = parser.parse_args()
    write_corpus(options.folder, options.documents, dataset=options.dataset, seed=options.seed)


if __name__ == "__main__":
    main()
