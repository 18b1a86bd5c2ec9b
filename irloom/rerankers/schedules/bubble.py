"""Bubble sort of the best few: pass by pass the best of what is left rises from the bottom, by pairs or by sets."""

from dataclasses import dataclass

from irloom.models.settings import at_least
from irloom.rerankers.schedules.contract import Plan
from irloom.rerankers.schedules.placing import TIE, best_place, under_top


@dataclass(frozen=True, slots=True)
class PairBubble:
    """Bubble sort by comparisons of two documents: in each of `top` passes the lower one rises where it wins; ties stay.

    A pass starts where the one before it first moved a document: what lies below is as it was. Only the best `top` documents are
    sorted; the others keep the order given below them.

    Comparisons of a language model are not transitive, so the order also depends on the one given.

    Paper:
        Z. Qin et al., Large Language Models are Effective Text Rankers with Pairwise Ranking Prompting, Findings of NAACL 2024,
        section 3.4; the skip of what is unchanged is that of S. Zhuang et al., SIGIR 2024, section 3.2.
    """

    def plan(self, n: int, *, top: int) -> Plan[float]:
        """The plan for `n` documents of which the best `top` are wanted."""
        order = list(range(n))
        bottom = n - 1
        wanted = max(0, min(top, n))
        for rank in range(wanted):
            changed = False
            for place in range(bottom, rank, -1):
                (win,) = yield [(order[place], order[place - 1])]
                if win > TIE:
                    order[place - 1], order[place] = order[place], order[place - 1]
                    if not changed and bottom != n - 1:
                        bottom += 1
                    changed = True
                if not changed:
                    bottom -= 1
        return under_top(order[:wanted], n)


@dataclass(frozen=True, slots=True)
class SetBubble:
    """Bubble sort by choosing the best of a window of c + 1 documents, which goes to the window's front; the next window is c higher.

    A pass starts at the window where the one before it first moved the document that the window below it starts with. Only the best
    `top` documents are sorted; the others keep the order given below them. Choices of a language model are not transitive, so the
    order also depends on the one given.

    Args:
        children: c, documents of a window besides the one at its front, 1 or more.

    Raises:
        BadValue: `children` is less than 1.

    Paper:
        S. Zhuang et al., A Setwise Approach for Effective and Highly Efficient Zero-shot Ranking with Large Language Models,
        SIGIR 2024, section 3.2.
    Differs:
        the published code loses its place where a pass changes nothing but in a window that the top has shortened: it then asks about
        windows of one document or none, or misses the window below, and a consistent model's best documents are not found. Here the
        pass goes on at the window below. Elsewhere the choices are the published ones.
    """

    children: int = 3

    def __post_init__(self) -> None:
        at_least("children", self.children, 1)

    def plan(self, n: int, *, top: int) -> Plan[int]:
        """The plan for `n` documents of which the best `top` are wanted."""
        order = list(range(n))
        step = self.children
        lowest = bottom = n - 1 - step
        wanted = max(0, min(top, n))
        for rank in range(wanted):
            while bottom + step < rank:
                bottom += step
            start, changed = bottom, False
            while True:
                front = max(start, rank)
                window = order[front : start + step + 1]
                best = 0
                if len(window) > 1:
                    (answer,) = yield [tuple(window)]
                    best = best_place(answer, len(window))
                if best:
                    order[front], order[front + best] = order[front + best], order[front]
                    if not changed and bottom != lowest and best == len(window) - 1:
                        bottom += step
                    changed = True
                if front == rank:
                    break
                if not changed:
                    bottom -= step
                start -= step
        return under_top(order[:wanted], n)
