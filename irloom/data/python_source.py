"""Python source as a retrieval collection: definitions without their docstrings, and the docstrings' first sentences as queries.

A document is the source of a function or class, its decorators included, without its docstring. Docstrings of what is defined
inside it are stripped as well, and so is every other bare string: it would hold another query verbatim. A query is a docstring's
first sentence; the definition that it stood in is relevant with grade 1.

What is left out: a definition whose stripped source equals an earlier one's; a docstring whose first sentence is trivial: it has
fewer than three different words or more than 300 characters, or repeats the signature. A sentence that several definitions share
is one query that judges all of them; where more than three share it, it says too little to be a query and is dropped.
"""

import ast
import inspect
import re
import textwrap
import tokenize
import warnings
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import cast

from irloom.core.types import Document, Query

MOST_SHARED = 3
_FEWEST_WORDS = 3
_LONGEST = 300
_WORD = re.compile(r"[^\W\d_]+")
_SIGNATURE = re.compile(r"^>>>|^[\w.]+ ?\(|^\w+=|->")
_END = re.compile(r"[.!?][)\"'`]*(?=\s+[^\sa-z]|\s*$)")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|resp|approx|al|No|Fig|Eq)|\b[A-Z])\.$")

_FIELDS = ("body", "handlers", "orelse", "finalbody", "cases")

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class: its dotted name, its source without docstrings, the first sentence of its docstring or ''."""

    name: str
    source: str
    sentence: str


@dataclass(frozen=True, slots=True)
class SourceCollection:
    """What `collect` makes: documents, queries, and judgments by split."""

    documents: list[Document]
    queries: list[Query]
    qrels: dict[str, dict[str, dict[str, int]]]


def collect(definitions: Iterable[Definition], *, test_share: float, keep_unjudged: bool) -> SourceCollection:
    """Pairs definitions with their sentences.

    Args:
        definitions: in a fixed order; a name that occurs again gets a number.
        test_share: the share of queries in the split "test", 0 to 1; a hash of a query's text decides. The others are "train".
        keep_unjudged: whether definitions without a usable sentence become documents too.
    """
    documents: list[Document] = []
    shared: dict[str, list[str]] = {}
    names: dict[str, int] = {}
    seen: set[bytes] = set()
    for definition in definitions:
        digest = blake2b(definition.source.encode("utf-8", "replace"), digest_size=16).digest()
        usable = not is_trivial(definition.sentence)
        if digest in seen or not (usable or keep_unjudged):
            continue
        seen.add(digest)
        count = names[definition.name] = names.get(definition.name, 0) + 1
        doc_id = definition.name if count == 1 else f"{definition.name}~{count}"
        documents.append(Document(doc_id, definition.source))
        if usable:
            shared.setdefault(definition.sentence, []).append(doc_id)
    kept = {sentence: doc_ids for sentence, doc_ids in shared.items() if len(doc_ids) <= MOST_SHARED}
    if not keep_unjudged:
        judged = {doc_id for doc_ids in kept.values() for doc_id in doc_ids}
        documents = [document for document in documents if document.id in judged]
    queries = sorted((_query(sentence) for sentence in kept), key=lambda query: query.id)
    qrels: dict[str, dict[str, dict[str, int]]] = {"test": {}, "train": {}}
    for query in queries:
        split = "test" if int(query.id[1:], 16) < test_share * 16**12 else "train"
        qrels[split][query.id] = dict.fromkeys(kept[query.text], 1)
    return SourceCollection(documents, queries, qrels)


def definitions_under(root: Path, *, package: str, skip: Collection[str]) -> Iterator[Definition]:
    """The definitions of all .py files under a folder, by sorted path, then as they stand in the file.

    Args:
        root: the folder.
        package: the dotted name that the folder has for importers; '' for a folder on the path itself.
        skip: names of folders and of modules, without `.py`, that are left out at any depth; so is what is no identifier.
    """
    for path in sorted(_files(root, skip), key=lambda path: path.relative_to(root).as_posix()):
        parts = [*([package] if package else []), *path.relative_to(root).with_suffix("").parts]
        if parts[-1] == "__init__":
            parts.pop()
        yield from definitions_of(_source(path), module=".".join(parts))


def definitions_of(source: str, *, module: str) -> Iterator[Definition]:
    r"""The definitions of one file's source; none where it is no Python.

    >>> [found] = definitions_of('def add(a, b):\n    "Add two numbers. Fast."\n    return a + b\n', module="sums")
    >>> found.name, found.sentence
    ('sums.add', 'Add two numbers.')
    >>> print(found.source)
    def add(a, b):
        return a + b
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return
    text = _Stripped(source, tree)
    pending: list[tuple[ast.AST, str]] = [(tree, module)]
    while pending:
        node, name = pending.pop()
        if isinstance(node, _Definition):
            name = f"{name}.{node.name}" if name else node.name
            yield Definition(name, text.of(node), first_sentence(ast.get_docstring(node, clean=False) or ""))
        pending.extend((child, name) for block in reversed(_blocks(node)) for child in reversed(block))


def first_sentence(docstring: str) -> str:
    """The first sentence of the first paragraph, on one line.

    >>> first_sentence('''
    ...     Return the value, e.g. 3. Never
    ...     fails.
    ...
    ...     More.''')
    'Return the value, e.g. 3.'
    """
    paragraph = re.split(r"\n[ \t]*\n", inspect.cleandoc(docstring).strip(), maxsplit=1)[0]
    line = " ".join(paragraph.split())
    for end in _END.finditer(line):
        if not _ABBREVIATION.search(line[: end.end()]):
            return line[: end.end()].strip()
    return line


def is_trivial(sentence: str) -> bool:
    """Whether a sentence says too little to look for: fewer than three words, a signature, or 300 characters without an end."""
    words = set(_WORD.findall(sentence.lower()))
    return len(words) < _FEWEST_WORDS or len(sentence) > _LONGEST or bool(_SIGNATURE.search(sentence)) or not sentence.isprintable()


class _Stripped:
    """A source from which bare strings have been cut, and the pieces of it that definitions are."""

    def __init__(self, source: str, tree: ast.Module) -> None:
        lines = source.encode("utf-8", "replace").split(b"\n")
        self._data = b"\n".join(lines)
        self._starts = [0]
        for line in lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._cuts = sorted(self._cut(node, alone=alone) for node, alone in _bare_strings(tree))

    def of(self, node: _Definition) -> str:
        """The source of a definition, moved to the left margin."""
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        position, end = self._starts[first - 1], self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        pieces = []
        for place in range(bisect_left(self._cuts, (position, 0, b"")), len(self._cuts)):
            start, stop, instead = self._cuts[place]
            if start >= end:
                break
            pieces += [self._data[position:start], instead]
            position = max(position, stop)
        pieces.append(self._data[position:end])
        return textwrap.dedent(b"".join(pieces).decode("utf-8", "replace")).strip("\n").rstrip()

    def _offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column

    def _cut(self, node: ast.Expr, *, alone: bool) -> tuple[int, int, bytes]:
        """Start, end and replacement of a bare string: a whole line goes where nothing else stands on it."""
        start = self._offset(node.lineno, node.col_offset)
        end = self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        line, after = self._starts[node.lineno - 1], self._starts[node.end_lineno or node.lineno]
        if alone:
            return start, end, b"pass"
        if not self._data[line:start].strip() and not self._data[end:after].strip():
            return line, after, b""
        return start, end, b""


def _bare_strings(tree: ast.Module) -> Iterator[tuple[ast.Expr, bool]]:
    """The statements that are nothing but a string, and whether a block would be empty without this one."""
    pending: list[ast.AST] = [tree]
    while pending:
        for block in _blocks(pending.pop()):
            strings = [item for item in block if _is_bare(item)]
            for place, item in enumerate(strings):
                yield cast(ast.Expr, item), place == 0 and len(strings) == len(block)
            pending.extend(block)


def _blocks(node: ast.AST) -> list[list[ast.AST]]:
    """The statements inside a statement, and its handlers and cases, in their order; expressions hold no definitions."""
    return [block for field in _FIELDS if isinstance(block := getattr(node, field, None), list)]


def _is_bare(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _query(sentence: str) -> Query:
    return Query("q" + blake2b(sentence.encode("utf-8"), digest_size=6).hexdigest(), sentence)


def _files(root: Path, skip: Collection[str]) -> Iterator[Path]:
    for path in root.iterdir():
        if path.stem in skip or not path.stem.isidentifier():
            continue
        if path.is_dir():
            yield from _files(path, skip)
        elif path.suffix == ".py" and not path.name.startswith("test_"):
            yield path


def _source(path: Path) -> str:
    """A file's text in the encoding that it declares; '' where it does not hold to it."""
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (SyntaxError, UnicodeDecodeError):
        return ""
