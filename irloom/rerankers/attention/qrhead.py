"""QRHead: documents ranked by the attention of the few heads that look for what the query asks."""

from dataclasses import dataclass

from irloom.models.settings import one_of
from irloom.rerankers.attention.base import AttentionReranker
from irloom.rerankers.attention.chosen_heads import ChosenHeads, Heads
from irloom.rerankers.attention.layouts import Family, Layout, icr_layout
from irloom.rerankers.attention.scoring import SIGNALS, HeadId


@dataclass(eq=False, repr=False, kw_only=True)
class QRHead(AttentionReranker):
    """Query-focused retrieval heads: ICR's prompt and scores, summed over the heads that rank best by themselves.

    Heads are summed before tokens are filtered. The model is read up to the last of the heads alone.

    Args:
        model: a Decoder, or the folder or hub id of one.
        corpus: gives the documents' texts.
        heads: a file that `irloom heads learn --method qrhead` wrote, the name of a published set such as
            "llama-3.1-8b-instruct/lme", a HeadSet, or heads such as ["13-18", "8-11"].
        top: how many heads of a set are read; those of a list are all read.
        force: whether heads that were found in another model, or with another prompt, are taken all the same.
        depth: documents to score of each ranking, 1 or more.
        family: how the model marks a turn: "auto" by its chat template, or one of `layouts.CHOICES`.
        layout: another prompt altogether, or fields of `layouts.Layout` by name that differ from the method's own; None for that one.
        words: words of a document's body that are read; None for all.
        title: whether a document's title is read too.
        backwards: whether the first document stands last in the prompt.
        window: documents in a prompt, 2 or more; None for all.
        stride: by how many places windows move; None for half of one.
        scoring: "calibrated" or an ablation, as in ICR.
        signal: "attention", or "query_key" for the query-key score of select-and-copy heads.

    Raises:
        BadValue: an argument out of its range, or no head.

    Paper:
        W. Zhang, F. Yin, H. Yen, D. Chen and X. Ye, Query-Focused Retrieval Heads Improve Long-Context Reasoning and Re-ranking,
        EMNLP 2025.
    Differs:
        equal scores keep the order given; a list that does not fit the context falls back to windows; blanks around the query are
        left out; a document's tokens are found by its place in the prompt and not by its text.
    """

    heads: Heads
    top: int = 16
    force: bool = False
    depth: int = 200
    words: int | None = 400
    signal: str = "attention"

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("signal", self.signal, SIGNALS)
        self.chosen = ChosenHeads(self.heads, top=self.top, force=self.force, methods=("qrhead", "retrieval"))

    def _layout(self, family: Family) -> Layout:
        return icr_layout(family, "ie")

    def _heads(self) -> tuple[HeadId, ...] | None:
        return self.chosen.of(self.decoder)

    def _signal(self) -> str:
        return self.signal
