"""A folder of texts: ids, titles, what is left out, what is refused."""

import os
from pathlib import Path

import pytest

from irloom.core.errors import BadLine, DataError
from irloom.data.text_folder import TextFolder, holds_texts


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_ids_titles_and_order(tmp_path: Path) -> None:
    write(tmp_path, "b/c.md", "intro\n\n## The *title* ##\n# Later\n")
    write(tmp_path, "a.txt", "# no heading in plain text")
    write(tmp_path, "b/code.md", "```\n# a comment\n```\nno heading\n")
    write(tmp_path, "my notes 100%.MD", "\ufeff# Heading\r\nline")
    write(tmp_path, ".git/x.md", "hidden")
    write(tmp_path, ".hidden.md", "hidden")
    write(tmp_path, "b/picture.png", "no text")
    found = {document.id: document for document in TextFolder("mine", tmp_path).documents()}
    assert {doc_id: document.title for doc_id, document in found.items()} == {
        "a.txt": "a",
        "my%20notes%20100%25.MD": "Heading",
        "b/c.md": "The *title*",
        "b/code.md": "code",
    }
    assert found["b/c.md"].text.startswith("intro\n")
    assert found["my%20notes%20100%25.MD"].text == "# Heading\nline"


def test_the_fingerprint_follows_the_text(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "one")
    before = TextFolder("mine", tmp_path).fingerprint
    assert TextFolder("other", tmp_path).fingerprint == before
    write(tmp_path, "a.md", "two")
    assert TextFolder("mine", tmp_path).fingerprint != before == before


def test_not_utf8_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"fine\n\xff\n")
    with pytest.raises(BadLine, match=r"a\.md line 2: not UTF-8"):
        list(TextFolder("mine", tmp_path).documents())


def test_nothing_in_it(tmp_path: Path) -> None:
    assert not holds_texts(tmp_path)
    with pytest.raises(DataError, match="empty corpus"):
        list(TextFolder("mine", tmp_path).documents())
    with pytest.raises(DataError, match="has no queries"):
        TextFolder("mine", tmp_path).queries()
    with pytest.raises(DataError, match="has no judgments"):
        TextFolder("mine", tmp_path).qrels()


def test_a_name_that_is_not_utf8_becomes_an_id_that_is(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.txt")).write_text("text", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    (document,) = TextFolder("t", tmp_path).documents()
    assert (document.id, document.title) == ("a%FF.txt", "a\ufffd")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p.md")
    (tmp_path / "folder.md").mkdir()
    assert not holds_texts(tmp_path)
    write(tmp_path, "z.md", "text")
    (tmp_path / "link.md").symlink_to(tmp_path / "z.md")
    assert holds_texts(tmp_path)
    folder = TextFolder("t", tmp_path)
    assert [document.id for document in folder.documents()] == ["link.md", "z.md"]
    assert folder.fingerprint


def test_what_vanishes_while_it_is_read_counts_as_gone(tmp_path: Path) -> None:
    for name in "abc":
        write(tmp_path, f"{name}.md", name)
    (tmp_path / "dangling.md").symlink_to(tmp_path / "nowhere")
    (tmp_path / "circle.md").symlink_to(tmp_path / "circle.md")
    stream = TextFolder("t", tmp_path).documents()
    assert next(stream).id == "a.md"
    (tmp_path / "b.md").unlink()
    with pytest.warns(UserWarning, match=r"3 listed and not there to be read, such as 'b\.md'; what is gone is left out"):
        assert [document.id for document in stream] == ["c.md"]


def test_a_file_that_may_not_be_read_is_not_gone(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "a")
    (tmp_path / "a.md").chmod(0)
    if os.access(tmp_path / "a.md", os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(PermissionError):
        list(TextFolder("t", tmp_path).documents())
