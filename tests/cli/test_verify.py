"""`irloom verify`: 0 where all is sound, 1 where something is damaged, 2 where there is nothing to verify."""


def test_sound(irloom, collection) -> None:
    done = irloom("verify", collection)
    assert done.code == 0
    assert done.out.startswith("sound: ")
    assert "4 documents" in done.out


def test_every_flipped_bit_is_found(irloom, collection) -> None:
    for path in sorted(path for path in collection.glob("segments/**/*") if path.is_file() and path.stat().st_size):
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        done = irloom("verify", collection)
        assert done.code == 1, path
        assert path.name in done.out
        path.write_bytes(whole)
    assert irloom("verify", collection).code == 0


def test_missing_and_truncated(irloom, collection) -> None:
    path = max(collection.glob("segments/**/*.npy"), key=lambda path: path.stat().st_size)
    path.write_bytes(path.read_bytes()[:-1])
    assert irloom("verify", collection).code == 1
    path.unlink()
    assert irloom("verify", collection).code == 1


def test_damaged_manifest(irloom, collection) -> None:
    manifest = collection / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"documents"', '"documentz"').replace('"generation": 1', '"generation": 2'))
    done = irloom("verify", collection)
    assert done.code == 1
    assert "manifest.json" in done.out


def test_nothing_there(irloom, tmp_path) -> None:
    assert irloom("verify", tmp_path / "none").code == 2
