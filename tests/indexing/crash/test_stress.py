"""Eight readers, a writer and another that would like to be one: every reader finds one generation whole, and nobody finds an error."""

import os
import random
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from irloom.core.errors import Locked, NotACollection
from irloom.core.types import Query
from irloom.indexing.collection import Collection
from irloom.indexing.parts import PartBuilder
from irloom.indexing.writer import CollectionWriter
from irloom.retrievers.bm25 import BM25
from irloom.retrievers.dense import Dense
from tests.fakes import FakeEncoder
from tests.indexing.crash.kinds import KINDS, document, leftovers
from tests.indexing.crash.warm import Pool, forked

SECONDS = float(os.environ.get("IRLOOM_STRESS_SECONDS", "30"))
READERS = 8
PARTS = ("bm25", "dense", "hnsw")
Numbers = Mapping[int, int]
"""The numbers of the documents that are there, each with its version."""


def step(before: Numbers, generation: int) -> tuple[str, list[int], Numbers]:
    """What is done to reach a generation: the verb, the documents that it concerns, and those that are there afterwards."""
    chance = random.Random(generation)
    there = sorted(before)
    verb = chance.choice(("add", "update", "delete", "compact", "add", "update", "rebuild")) if generation > 1 else "first"
    if verb == "delete" and len(there) > 12:
        picked = chance.sample(there, 4)
        return verb, picked, {number: before[number] for number in there if number not in picked}
    if verb == "update":
        picked = [*chance.sample(there, 3), max(there) + 1]
        return verb, picked, {**before, **dict.fromkeys(picked, generation)}
    if verb in ("compact", "rebuild"):
        return verb, [], before
    picked = [max(there, default=0) + 1 + place for place in range(3 if there else 10)]
    return ("add" if there else "first"), picked, {**before, **dict.fromkeys(picked, generation)}


class History:
    """What each generation holds."""

    def __init__(self) -> None:
        self._all: list[Numbers] = [{}]

    def of(self, generation: int) -> Numbers:
        while len(self._all) <= generation:
            self._all.append(step(self._all[-1], len(self._all))[2])
        return self._all[generation]


def builders() -> dict[str, PartBuilder]:
    return {name: KINDS[name].builder() for name in PARTS}


def write_next(root: Path, history: History, generation: int) -> None:
    """Commits a generation."""
    verb, picked, _ = step(history.of(generation - 1), generation)
    documents = [document(number, generation) for number in picked]
    with CollectionWriter(root) as writer:
        if verb == "first":
            writer.write_documents(documents)
        if verb in ("first", "rebuild"):
            for name, builder in builders().items():
                writer.build(name, builder)
        elif verb == "add":
            writer.add(documents, builders())
        elif verb == "update":
            writer.update(documents, builders())
        elif verb == "delete":
            writer.delete([found.id for found in documents])
        else:
            writer.compact()
        writer.commit()
    with Collection.open(root) as collection:
        assert collection.manifest.generation == generation


def check(collection: Collection, history: History, chance: random.Random) -> None:
    """Holds all that a reader finds against what its generation holds."""
    numbers = history.of(collection.manifest.generation)
    expected = {found.id: found for found in (document(number, version) for number, version in numbers.items())}
    time.sleep(chance.random() * 0.05)
    assert {found.id: found for found in collection.documents()} == expected
    assert collection.fetch(list(expected)) == list(expected.values())
    bm25, foxes = BM25(collection), {name for name, found in expected.items() if "fox" in found.text.split()}
    assert set(bm25.retrieve([Query("q", "fox")], k=1000)["q"].doc_ids) == foxes
    for part in PARTS[1:]:
        found = Dense(collection, FakeEncoder(16), part=part, threads=1).retrieve([Query("q", "red fox")], k=1000)["q"].doc_ids
        assert set(found) == set(expected)


def read(root: Path, end: float, seed: int) -> None:
    """Reads until the end, again and again; generations never go back."""
    history, chance, last = History(), random.Random(seed), 0
    while time.monotonic() < end:
        try:
            collection = Collection.open(root)
        except NotACollection:
            assert not last
            continue
        with collection:
            assert collection.manifest.generation >= last
            last = collection.manifest.generation
            for _ in range(chance.choice((1, 1, 2))):
                check(collection, history, chance)
    assert last > 1


def intrude(root: Path, end: float, writer: int) -> None:
    """Would like to write until the end, and is told who does."""
    told: list[str] = []
    while time.monotonic() < end:
        try:
            with CollectionWriter(root):
                time.sleep(0.001)
        except Locked as error:
            told.append(str(error))
        time.sleep(0.01)
    assert f"{root} is locked by process {writer}; wait until it has finished" in told


def write(root: Path, end: float) -> None:
    """Commits generation after generation until the end."""
    history, generation = History(), 1
    while time.monotonic() < end:
        try:
            write_next(root, history, generation)
        except Locked:  # by the intruder
            continue
        generation += 1
    while True:
        try:
            write_next(root, history, generation)
            break
        except Locked:
            time.sleep(0.01)


def stress(root: Path, seconds: float) -> None:
    """All of it together."""
    end, writer = time.monotonic() + seconds, os.getpid()
    children = [forked(read, root, end, seed) for seed in range(READERS)] + [forked(intrude, root, end, writer)]
    write(root, end)
    codes = [os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) for number in children]
    assert codes == [0] * len(children)


@pytest.mark.slow
def test_many_readers_and_a_writer(pool: Pool, room: Path) -> None:
    assert pool.do(stress, room / "c", SECONDS) == 0
    with CollectionWriter(room / "c"):
        pass
    assert leftovers(room / "c") == set()
