"""A measure from its spelling: `nDCG@10`, `AP(rel=2)@100`, `nDCG(dcg='exp-log2')@10`."""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from irloom.core.errors import BadValue, UnknownName
from irloom.eval.measures.average_precision import AP
from irloom.eval.measures.base import Measure
from irloom.eval.measures.judged import Judged
from irloom.eval.measures.ndcg import nDCG
from irloom.eval.measures.precision import P
from irloom.eval.measures.recall import R
from irloom.eval.measures.reciprocal_rank import RR
from irloom.eval.measures.success import Success

MEASURES: Mapping[str, type[Measure]] = {kind.__name__: kind for kind in (nDCG, RR, AP, P, R, Success, Judged)}
ELSEWHERE: Mapping[str, str] = {
    "mrr": "RR",
    "map": "AP",
    "precision": "P",
    "recall": "R",
    "hit": "Success",
    "hits": "Success",
    "hitrate": "Success",
    "accuracy": "Success",
}
"""Names that other tools use, in lower case, and ours."""

_SPELLING = re.compile(r"(?P<name>\w+)(?:\((?P<parameters>[^()]*)\))?(?:@(?P<cut>\w+))?")
_PARAMETER = re.compile(r"\s*(?P<name>\w+)\s*=\s*(?P<value>\d+|'[^']*'|\"[^\"]*\")\s*")


def parse_measure(text: str) -> Measure:
    """The measure that `text` spells, which prints back the same.

    Raises:
        UnknownName: no measure, or no parameter of it, has that name; the nearest one is suggested.
        BadValue: the spelling cannot be read, or a cut or parameter is out of its range.

    >>> parse_measure("AP(rel=2)@100")
    AP(cut=100, rel=2)
    """
    spelling = _SPELLING.fullmatch(text.strip())
    if spelling is None:
        raise BadValue("measure", text, "a spelling such as 'nDCG@10' or 'AP(rel=2)@100'")
    name, cut = spelling["name"], spelling["cut"]
    if name not in MEASURES:
        raise _unknown(text.strip(), name)
    if cut is not None and not cut.isdecimal():
        raise BadValue(f"cut of {name}", cut, "an integer from 1 up, as in 'nDCG@10'")
    kind = MEASURES[name]
    known = {field.name for field in fields(kind)} - {"cut"}
    values: dict[str, Any] = {}
    for part in (spelling["parameters"] or "").split(",") if spelling["parameters"] else []:
        parameter = _PARAMETER.fullmatch(part)
        if parameter is None:
            raise BadValue(f"parameters of {name}", part, "name=number or name='text', separated by commas")
        if parameter["name"] not in known:
            raise UnknownName(f"parameter of {name}", parameter["name"], known)
        value = parameter["value"]
        values[parameter["name"]] = int(value) if value.isdecimal() else value[1:-1]
    return kind(None if cut is None else int(cut), **values)


def _unknown(text: str, name: str) -> UnknownName:
    ours = ELSEWHERE.get(name.lower().removesuffix("_").replace("_", ""))
    tail = text[len(name) :]
    where = f"{text!r} is spelt {ours + tail!r} here" if ours else ""
    error = UnknownName("measure", text, [known + tail for known in MEASURES], where=where)
    error.suggestion = ours + tail if ours else error.suggestion
    return error
