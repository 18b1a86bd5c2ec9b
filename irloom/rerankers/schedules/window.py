"""Windows that slide from the end of a ranking to its head, and the whole ranking as one window."""

from collections.abc import Iterator
from dataclasses import dataclass

from irloom.core.errors import BadValue
from irloom.rerankers.schedules.contract import Plan


@dataclass(frozen=True, slots=True)
class Window:
    """Orders the last `size` documents, then moves up by `stride` until the first document has been in a window.

    One pass carries `size - stride` documents: with answers from one hidden order, so many of the best come out in place.

    Attributes:
        size: documents of a window, 2 or more.
        stride: places that it moves, 1 to `size`.
        passes: how often it goes over the ranking, 1 or more; each pass starts from the order before.

    Raises:
        BadValue: a setting is out of its range.

    Paper:
        W. Sun et al., Is ChatGPT Good at Search? Investigating Large Language Models as Re-Ranking Agents, EMNLP 2023, section 3.2.

    Differs:
        The authors' loop stops before the first documents where n - size is no multiple of the stride, and does nothing for fewer
        documents than a window holds; here the last window starts at the first document, as in the toolkit RankLLM.

    >>> list(windows(25, size=20, stride=10))
    [(5, 25), (0, 15)]
    """

    size: int = 20
    stride: int = 10
    passes: int = 1

    def __post_init__(self) -> None:
        if self.size < 2:
            raise BadValue("window", self.size, "2 or more")
        if not 1 <= self.stride <= self.size:
            raise BadValue("stride", self.stride, f"1 to {self.size}, the window's size")
        if self.passes < 1:
            raise BadValue("passes", self.passes, "1 or more")

    def plan(self, n: int, *, top: int) -> Plan[list[int]]:
        """One window a round; `top` changes nothing."""
        order = list(range(n))
        for _ in range(self.passes):
            for start, end in windows(n, size=self.size, stride=self.stride):
                (answer,) = yield [tuple(order[start:end])]
                order[start:end] = [order[start + place] for place in answer]
        return order


@dataclass(frozen=True, slots=True)
class Full:
    """The whole ranking at once."""

    def plan(self, n: int, *, top: int) -> Plan[list[int]]:
        """One round of one group; none for fewer than two documents."""
        if n < 2:
            return list(range(n))
        (answer,) = yield [tuple(range(n))]
        return list(answer)


def windows(n: int, *, size: int, stride: int) -> Iterator[tuple[int, int]]:
    """The windows over n places, from the end: start and end (excluded) of each; none for fewer than two places."""
    end = n
    while n > 1:
        start = max(0, end - size)
        yield start, end
        if start == 0:
            return
        end -= stride
