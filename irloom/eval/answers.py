"""Judgments of open question answering: a passage is relevant if it holds an answer's words."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from irloom.core.run import Run
from irloom.core.types import Document


def contains_answer(text: str, answers: Sequence[str]) -> bool:
    """Whether the words of any answer stand in the text, one after the other.

    Words are runs of letters, digits and marks; every other sign that is not a blank is a word of its own. Case and composition
    of letters do not count.

    Paper: Karpukhin et al., "Dense passage retrieval for open-domain question answering", 2020, whose top-k accuracy this is.

    >>> contains_answer("He was born in Ulm, Germany.", ["ulm , germany", "Munich"])
    True
    """
    words = _words(text)
    return any(answer in words for answer in map(_words, answers) if answer.strip())


def answer_qrels(
    run: Run, answers: Mapping[str, Sequence[str]], fetch: Callable[[Sequence[str]], list[Document]], *, depth: int = 100
) -> dict[str, dict[str, int]]:
    """Judgments of the run's first documents, 1 where the title or the text holds an answer; `Success@k` on them is top-k accuracy.

    Args:
        run: what was found.
        answers: strings that answer each query; a query of these that the run lacks is judged without documents, and so counts 0.
        fetch: gives the documents of some ids, as a corpus does.
        depth: how many documents of each ranking are read.

    Raises:
        UnknownDocument: the corpus lacks a document.
    """
    qrels: dict[str, dict[str, int]] = {}
    for query_id, strings in answers.items():
        found = list(run[query_id].doc_ids[:depth]) if query_id in run else []
        documents = fetch(found) if found else []
        qrels[query_id] = {document.id: int(contains_answer(document.full_text, strings)) for document in documents}
    return qrels


def _words(text: str) -> str:
    """The words, each between line feeds."""
    found = _pattern().findall(unicodedata.normalize("NFD", text))
    words = [word for word in found if len(word) > 1 or unicodedata.category(word)[0] not in "ZC"]
    return "\n" + "\n".join(words).lower() + "\n"


@cache
def _pattern() -> re.Pattern[str]:
    """Letters, digits and marks in a row, or one other sign. Python's own class of letters lacks marks and has the underscore."""
    marks = "".join(chr(code) for code in (*range(0x300, 0x1F000), *range(0xE0100, 0xE01F0)) if unicodedata.category(chr(code))[0] == "M")
    return re.compile(rf"(?:[^\W_]|[{marks}])+|\S")
