"""Manifests and files changed at random: an error of ours or none, and nothing outside the collection is read or written."""

import os
import random
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from irloom.core.errors import IrloomError
from irloom.indexing.collection import Collection
from irloom.indexing.manifest import read_manifest
from irloom.indexing.writer import CollectionWriter
from tests.indexing.crash.hostile import changed_file, changed_manifest, read_body, signed
from tests.indexing.crash.kinds import KINDS, document, first, grown, merge_plain
from tests.indexing.crash.warm import Pool, Warm

_TOUCHES = {"open": 0, "os.listdir": 0, "os.scandir": 0, "os.rename": 1, "os.remove": 0, "os.mkdir": 0, "os.rmdir": 0, "os.truncate": 0}
_FOLLOWS = ("open", "os.listdir", "os.scandir", "os.truncate")
"""Of a link these touch what it points to, the others the link itself."""
MANIFESTS, FILES = 150, 4
"""Manifests that are tried for each kind, and changes of each file."""


def copied(template: Path, root: Path) -> Path:
    """A collection of the same files, which nobody changes in place, as links to them."""
    for name in read_manifest(template).files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        os.link(template / name, root / name)
    (root / "manifest.json").write_bytes((template / "manifest.json").read_bytes())
    (root / "segments" / "0" / "link").symlink_to("../../../outside/secret")
    (root / "segments" / "link").symlink_to("../../outside")
    return root


def ours_alone(work: Callable[[], object]) -> None:
    """Does what may end in an error of irloom's, and in no other."""
    with suppress(IrloomError):
        work()


def read_all(root: Path, name: str) -> None:
    """Reads all there is of a collection."""
    with Collection.open(root) as collection:
        ours_alone(lambda: list(collection.documents()))
        ours_alone(lambda: collection.fetch(["d1", "d12"]))
        ours_alone(lambda: KINDS[name].search(collection))
        collection.manifest.damage(root)


def write_some(root: Path, name: str) -> None:
    """Changes a collection in every way there is."""
    with CollectionWriter(root) as writer:
        writer.update([document(2, 3), document(90)], KINDS[name].builders)
        writer.delete(["d5"], missing="ignore")
        writer.commit()
    with CollectionWriter(root) as writer:
        writer.compact(merges={"plain": merge_plain})
        writer.commit()


class Watch:
    """Notes what is touched in the folder that the collection lies in, but not in the collection itself."""

    def __init__(self, base: Path) -> None:
        self.base, self.root, self.found = str(base), "", list[str]()
        sys.addaudithook(self._hook)

    def _hook(self, event: str, args: tuple[object, ...]) -> None:
        if self.root and event in _TOUCHES and isinstance(path := args[_TOUCHES[event]], str | bytes | os.PathLike):
            where, name = os.path.split(os.fsdecode(path))
            real = os.path.realpath(f"{where}/{name}") if event in _FOLLOWS else f"{os.path.realpath(where)}/{name}"
            if real.startswith(self.base) and not (real + "/").startswith(self.root + "/"):
                self.found.append(f"{event} {real}")


def attempt(root: Path, name: str, watch: Watch, *, write: bool) -> None:
    watch.root = str(root)
    ours_alone(lambda: read_all(root, name))
    if write:
        ours_alone(lambda: write_some(root, name))
    watch.root = ""
    assert watch.found == []
    assert [path.name for path in (root.parent / "outside").iterdir()] == ["secret"]
    assert (root.parent / "outside" / "secret").read_text() == "secret"


def fuzz(template: Path, name: str, base: Path, tries: list[tuple[str, int]]) -> None:
    """Tries changes of a collection: of the manifest ("") or of a file, each with a seed; says on stderr what ends badly."""
    (base / "outside").mkdir(parents=True)
    (base / "outside" / "secret").write_text("secret")
    watch, whole = Watch(base), (template / "manifest.json").read_bytes()
    for file, seed in tries:
        chance = random.Random(f"{name} {file} {seed}")
        root = copied(template, base / f"{seed} {file.replace('/', ' ')}")
        if file:
            done, data = changed_file((template / file).read_bytes(), chance)
            (root / file).unlink()
            (root / file).write_bytes(data)
            body = read_body(whole)
            body["files"][file]["bytes"] = len(data)
            manifest = signed(body)
        else:
            done, manifest = changed_manifest(whole, chance)
        (root / "manifest.json").write_bytes(manifest)
        (base.parent / f"{base.name}.log").write_text(f"{file} seed {seed}: {done}\n", errors="backslashreplace")
        attempt(root, name, watch, write=seed % 2 == 0)


def fuzz_in_pool(pool: Pool, room: Path, name: str, tries: list[tuple[str, int]]) -> None:
    """Tries in pieces, each in a child, so that one that crashes ends no other."""
    template, size = room / "template", 20
    grown(template, KINDS[name])

    def piece(warm: Warm, number: int) -> None:
        code = warm.do(fuzz, template, name, room / str(number), tries[number * size :][:size])
        assert code == 0, f"exit code {code}: {(room / f'{number}.log').read_text()}"

    pool.each(piece, -(-len(tries) // size))


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_hostile_manifests(name: str, pool: Pool, room: Path) -> None:
    fuzz_in_pool(pool, room, name, [("", seed) for seed in range(MANIFESTS)])


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_hostile_files(name: str, pool: Pool, room: Path) -> None:
    grown(room / "names", KINDS[name])
    files = sorted(read_manifest(room / "names").files)
    fuzz_in_pool(pool, room, name, [(file, seed) for file in files for seed in range(FILES)])


def test_some_hostile_manifests(room: Path) -> None:
    first(room / "template", KINDS["plain"])
    whole = (room / "template" / "manifest.json").read_bytes()
    for seed in range(60):
        done, manifest = changed_manifest(whole, random.Random(seed))
        print(f"seed {seed}: {done.encode('utf-8', 'backslashreplace')!r}")
        (room / "template" / "manifest.json").write_bytes(manifest)
        ours_alone(lambda: read_all(room / "template", "plain"))


@pytest.mark.parametrize("name", [".lock", "readers", "work", "segments", "trained", "deleted", "ranks", "manifest.json"])
def test_links_in_the_place_of_own_files_are_refused(name: str, room: Path) -> None:
    root, outside = room / "c", room / "outside"
    first(root, KINDS["plain"])
    outside.mkdir()
    (outside / "1").write_text("precious")
    if (root / name).exists():
        (root / name).rename(outside / "moved")
    (root / name).symlink_to(outside / "moved" if (outside / "moved").is_file() else outside)
    before = {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()}
    with pytest.raises(IrloomError, match="link"):
        CollectionWriter(root)
    (room / "new").mkdir()
    (room / "new" / name).symlink_to(outside)
    with pytest.raises(IrloomError, match="link"):
        CollectionWriter(room / "new")
    ours_alone(lambda: read_all(root, "plain"))
    assert {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()} == before
