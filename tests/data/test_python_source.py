"""Definitions without docstrings, their sentences, and the pairs made of them."""

import ast
from pathlib import Path

import pytest

from irloom.data.python_source import Definition, collect, definitions_of, definitions_under, first_sentence, is_trivial

SOURCE = '''
class Outer(Base):
    """Holds ümlaut things together."""

    """A second bare string."""
    kept = "a string with a name"

    @decorated(
        with_="arguments"
    )
    def method(self):
        r"""Does the method's work
        on two lines. Well."""
        def inner():
            "Does the inner work."
        # a comment stays
        return inner

    async def later(self): "One line says all."; return 1

if True:
    def conditional():
        """
        Depends on a condition.

        Details.
        """

def plain(): return """no docstring: a value"""
'''


def found() -> dict[str, Definition]:
    return {definition.name: definition for definition in definitions_of(SOURCE, module="m")}


def test_names_and_sentences() -> None:
    assert {name: definition.sentence for name, definition in found().items()} == {
        "m.Outer": "Holds ümlaut things together.",
        "m.Outer.method": "Does the method's work on two lines.",
        "m.Outer.method.inner": "Does the inner work.",
        "m.Outer.later": "One line says all.",
        "m.conditional": "Depends on a condition.",
        "m.plain": "",
    }


def test_sources_parse_and_hold_no_docstring() -> None:
    for definition in found().values():
        for other in found().values():
            assert not other.sentence or other.sentence not in " ".join(definition.source.split())
        [node] = ast.parse(definition.source.replace("; return 1", "return 1")).body
        assert node.name == definition.name.rpartition(".")[2]  # type: ignore[attr-defined]


def test_sources_are_kept_otherwise() -> None:
    assert found()["m.Outer.method"].source == (
        '@decorated(\n    with_="arguments"\n)\ndef method(self):\n    def inner():\n        pass\n    # a comment stays\n    return inner'
    )
    assert found()["m.conditional"].source == "def conditional():\n    pass"
    assert found()["m.plain"].source == 'def plain(): return """no docstring: a value"""'
    assert "A second bare string" not in found()["m.Outer"].source
    assert 'kept = "a string with a name"' in found()["m.Outer"].source


@pytest.mark.parametrize("source", ["print 'Python 2'", "def f(:", "\0", "(" * 5000])
def test_what_is_no_python_has_no_definitions(source: str) -> None:
    assert list(definitions_of(source, module="m")) == []


@pytest.mark.parametrize(
    ("docstring", "sentence"),
    [
        ("Return it. Then more.", "Return it."),
        ("Return it, i.e. That one. More", "Return it, i.e. That one."),
        ("Use version 3.11 of it! Now", "Use version 3.11 of it!"),
        ("Is it (or not?) Yes.", "Is it (or not?)"),
        ("No end\n\nof a paragraph", "No end"),
        ("\n   Lines\n   joined\n", "Lines joined"),
        ("By J. Doe and others. Yes", "By J. Doe and others."),
        ("", ""),
    ],
)
def test_first_sentence(docstring: str, sentence: str) -> None:
    assert first_sentence(docstring) == sentence


@pytest.mark.parametrize(
    ("sentence", "trivial"),
    [
        ("", True),
        ("Initialize self.", True),
        ("the the the", True),
        ("f(a, b) -> the sum of both", True),
        (">>> import io and more", True),
        ("name=None, other=None, and so on", True),
        ("word " + "many other words " * 30, True),
        ("Holds\x07 a control character", True),
        ("Return the sum.", False),
        ("Gib die Größe zurück (in m).", False),
    ],
)
def test_is_trivial(sentence: str, trivial: bool) -> None:
    assert is_trivial(sentence) == trivial


def definitions() -> list[Definition]:
    shared = [Definition(f"m.s{number}", f"def s{number}(): 1", "Share this one sentence.") for number in range(3)]
    common = [Definition(f"m.c{number}", f"def c{number}(): 1", "Far too common a sentence.") for number in range(4)]
    return [
        Definition("m.a", "def a(): 1", "Does the first thing."),
        Definition("m.a", "def a(): 2", "Does the second thing."),
        Definition("m.b", "def a(): 1", "A copy of the first."),
        Definition("m.c", "def c(): 1", "Trivial."),
        *shared,
        *common,
    ]


def test_pairs() -> None:
    made = collect(definitions(), test_share=0, keep_unjudged=False)
    judged = {query.text: list(made.qrels["train"][query.id]) for query in made.queries}
    assert judged == {
        "Does the first thing.": ["m.a"],
        "Does the second thing.": ["m.a~2"],
        "Share this one sentence.": ["m.s0", "m.s1", "m.s2"],
    }
    assert [document.id for document in made.documents] == ["m.a", "m.a~2", "m.s0", "m.s1", "m.s2"]
    assert not made.qrels["test"]


def test_unjudged_definitions_are_kept_where_asked() -> None:
    made = collect(definitions(), test_share=1, keep_unjudged=True)
    assert len(made.documents) == 10
    assert len(made.qrels["test"]) == 3


def test_the_split_hangs_on_the_query_alone() -> None:
    many = [Definition(f"m.f{number}", f"def f{number}(): 1", f"Does thing number {number}.") for number in range(400)]
    whole, part = (collect(chosen, test_share=0.25, keep_unjudged=False) for chosen in (many, many[::-3]))
    assert 60 < len(whole.qrels["test"]) < 140
    assert set(part.qrels["test"]) <= set(whole.qrels["test"])
    assert set(part.qrels["train"]) <= set(whole.qrels["train"])


def test_files_of_a_folder(tmp_path: Path) -> None:
    for name in (
        "pkg/__init__.py",
        "pkg/mod.py",
        "pkg/tests/mod.py",
        "pkg/test_mod.py",
        "pkg/not-importable.py",
        "pkg/skipped.py",
        "a.txt",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("def f(): return 1\n")
    (tmp_path / "pkg" / "latin.py").write_bytes("# coding: latin-1\ndef g(): return 'ü'\n".encode("latin-1"))
    (tmp_path / "pkg" / "undeclared.py").write_bytes("def h(): return 'ü'\n".encode("latin-1"))
    found = list(definitions_under(tmp_path, package="", skip={"tests", "skipped"}))
    assert [definition.name for definition in found] == ["pkg.f", "pkg.latin.g", "pkg.mod.f"]
    assert found[1].source == "def g(): return 'ü'"
    assert [definition.name for definition in definitions_under(tmp_path / "pkg", package="x.y", skip={"mod", "tests", "skipped"})] == [
        "x.y.f",
        "x.y.latin.g",
    ]
