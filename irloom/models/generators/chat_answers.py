"""Reading what an OpenAI-compatible chat/completions endpoint answers."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import EndpointError

BELOW = 1.0
"""How far below the least probable token that a server names a label stands that it does not name, in natural logarithms."""
BYTES_A_TOKEN = 3
"""Bytes of text that count as one token where a server counts none."""
_MARKS = " \t\n\r▁Ġ"
"""What a token may begin with and stay the same label."""


def first_choice(answer: Any, url: str) -> Mapping[str, Any]:
    """The first choice of an answer.

    Raises:
        EndpointError: there is none.
    """
    choices = answer.get("choices") if isinstance(answer, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise EndpointError(url, "answers no chat completion: 'choices' is missing or empty", status=200)
    choice: Mapping[str, Any] = choices[0]
    return choice


def text_of(choice: Mapping[str, Any], url: str) -> tuple[str, str]:
    """The text of a choice, and the fault where there is none.

    Raises:
        EndpointError: it has no message, or one whose content is no text.
    """
    message = choice.get("message")
    if not isinstance(message, dict):
        raise EndpointError(url, "answers no chat completion: a choice has no 'message'", status=200)
    content, ending = message.get("content"), choice.get("finish_reason")
    if isinstance(content, list):  # some servers send parts
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    if content is not None and not isinstance(content, str):
        raise EndpointError(url, f"answers no chat completion: 'content' is of type {type(content).__name__}", status=200)
    if message.get("refusal") or ending == "content_filter":
        return "", "refused"
    if not content:
        return "", "the tokens allowed ended before there was text" if ending == "length" else "an empty answer"
    return content, ""


def tokens_of(answer: Any, *, sent: int, text: str) -> tuple[int, int]:
    """Tokens read and written, as the server counts them; where it does not, reckoned from the bytes sent and the text."""
    usage = answer.get("usage") if isinstance(answer, dict) else None
    counts = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")] if isinstance(usage, dict) else [None, None]
    read, written = (count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None for count in counts)
    return (
        -(-sent // BYTES_A_TOKEN) if read is None else read,
        -(-len(text.encode("utf-8", "replace")) // BYTES_A_TOKEN) if written is None else written,
    )


def scores_of(
    choice: Mapping[str, Any], labels: Sequence[str], url: str, *, after: str = "", begun: bool = False
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The log-probability of each label as the first token of a choice, or as the first one behind `after` where it begins with that.

    Tokens that differ from a label only by a blank before or after it count as the label, their probabilities added. A label that the
    server does not name stands `BELOW` under the least probable token that it names.

    Args:
        choice: what the server answers.
        labels: one token each.
        url: the server, for errors.
        after: what the answer may begin with. A token that holds the rest of it and a label, such as "[A", counts as that label.
        begun: the server was given `after` as the beginning of its answer, so that the first token is what comes next, whatever it is.

    Returns:
        float32 (labels,) and bool (labels,), which of them the server named: none where the answer ends in the midst of `after`, or begins
        with neither that nor a label, as one in sentences does.

    Raises:
        EndpointError: there are no log-probabilities, or one is no number.
    """
    logprobs = choice.get("logprobs")
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    if not isinstance(content, list) or not content or not isinstance(content[0], dict):
        raise EndpointError(url, "gives no log-probabilities, which scores of labels are made of; ask another server or method", status=200)
    none = np.zeros(len(labels), np.float32), np.zeros(len(labels), np.bool_)
    for place in content:
        found = _named(place, url)
        taken = next(iter(found)).strip(_MARKS)
        if not after or not after.startswith(taken):
            break
        after = after[len(taken) :]
    else:
        return none
    if after and not begun and taken.removeprefix(after) not in labels:
        return none
    by_label: dict[str, float] = {}
    for token, value in found.items():
        label = token.strip(_MARKS).removeprefix(after)
        by_label[label] = float(np.logaddexp(by_label.get(label, -math.inf), value))
    floor = max(min(found.values()), -1e4) - BELOW
    listed = np.array([label.strip(_MARKS) in by_label for label in labels], np.bool_)
    scores = np.array([by_label.get(label.strip(_MARKS), floor) for label in labels], np.float32)
    return scores, listed


def _named(place: Any, url: str) -> dict[str, float]:
    """The tokens that are named for one place of an answer with their log-probabilities, the one that was taken first.

    Raises:
        EndpointError: one has no text, or its log-probability is no number.
    """
    top = place.get("top_logprobs") if isinstance(place, dict) else None
    found: dict[str, float] = {}
    for entry in [place, *(top if isinstance(top, list) else [])]:
        token, value = (entry.get("token"), entry.get("logprob")) if isinstance(entry, dict) else (None, None)
        if not isinstance(token, str) or isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
            raise EndpointError(url, "gives log-probabilities that cannot be read: a token without a text or a number", status=200)
        found[token] = float(value)  # the token that was taken is named twice
    return found
