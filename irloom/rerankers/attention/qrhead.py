"""QRHead: documents ranked by the attention of the few heads that look for what the query asks."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from irloom.core.contracts import Corpus
from irloom.models.decoders.decoder import Decoder
from irloom.rerankers.attention.base import AttentionReranker
from irloom.rerankers.attention.chosen_heads import ChosenHeads
from irloom.rerankers.attention.head_set import HeadSet
from irloom.rerankers.attention.layouts import OWN, Family, Layout, icr_layout
from irloom.rerankers.attention.scoring import HeadId


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
        layout: another prompt altogether, or fields of `layouts.Layout` by name that differ from the method's own.
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

    def __init__(
        self,
        model: str | Decoder,
        corpus: Corpus,
        *,
        heads: str | Path | HeadSet | Sequence[str | HeadId],
        top: int = 16,
        force: bool = False,
        depth: int = 200,
        family: str = "auto",
        layout: Layout | Mapping[str, object] = OWN,
        words: int | None = 400,
        title: bool = True,
        backwards: bool = True,
        window: int | None = None,
        stride: int | None = None,
        scoring: str = "calibrated",
        signal: str = "attention",
    ) -> None:
        super().__init__(
            model,
            corpus,
            depth=depth,
            layout=layout,
            family=family,
            words=words,
            title=title,
            backwards=backwards,
            window=window,
            stride=stride,
            scoring=scoring,
            signal=signal,
        )
        self.heads = ChosenHeads(heads, top=top, force=force, methods=("qrhead", "retrieval"))

    def _layout(self, family: Family) -> Layout:
        return icr_layout(family, "ie")

    def _heads(self) -> tuple[HeadId, ...] | None:
        return self.heads.of(self.decoder)
