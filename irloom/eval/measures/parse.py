"""A measure from its spelling: `nDCG@10`, `AP(rel=2)@100`, `nDCG(dcg='exp-log2')@10`."""

import ast
from typing import Any

from irloom.core.errors import BadValue, UnknownName, shortened
from irloom.eval.measures.base import Measure
from irloom.eval.measures.names import ALIASES, ELSEWHERE, MEASURES

_LONGEST = 500


def parse_measure(text: str) -> Measure:
    """The measure that `text` spells. All of ir_measures' spellings are read; what is printed is its canonical one.

    Raises:
        UnknownName: no measure, or no parameter of it, has that name; the nearest one is suggested.
        BadValue: the spelling cannot be read, or a cut or parameter is missing or out of its range.

    >>> parse_measure("AP(rel=2)@100")
    AP(cut=100, rel=2, judged_only=False)
    >>> str(parse_measure("MRR@10"))
    'RR@10'
    """
    name, values, at = _parts(text.strip())
    if name in ALIASES:
        name, fixed = ALIASES[name]
        values = {**dict(fixed), **values}
    if name not in MEASURES:
        raise _unknown(text.strip(), name)
    kind = MEASURES[name]
    known = set(kind.parameters())
    for parameter in values:
        if parameter not in known or parameter == "cut":
            raise UnknownName(f"parameter of {name}", parameter, known - {"cut"})
    if at is not None:
        values[kind.AT] = at
    return kind(**values)


def _parts(text: str) -> tuple[str, dict[str, Any], object]:
    """The name, the parameters in the brackets, and what stands behind the @ or None."""
    at: object = None
    values: dict[str, Any] = {}
    try:
        node = ast.parse(text, mode="eval").body if len(text) <= _LONGEST else None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            at, node = ast.literal_eval(node.right), node.left
        if isinstance(node, ast.Call) and not node.args and all(keyword.arg for keyword in node.keywords):
            values, node = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in node.keywords}, node.func
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        node = None
    if not isinstance(node, ast.Name):
        raise BadValue("measure", shortened(text), "a spelling such as 'nDCG@10' or 'AP(rel=2)@100'")
    return node.id, values, at


def _unknown(text: str, name: str) -> UnknownName:
    ours = ELSEWHERE.get(name.lower().removesuffix("_").replace("_", ""))
    tail = text[len(name) :]
    where = f"{text!r} is spelt {ours + tail!r} here" if ours else ""
    error = UnknownName("measure", text, [known + tail for known in MEASURES], where=where)
    error.suggestion = ours + tail if ours else error.suggestion
    return error
