"""CoRe heads: documents ranked by the attention of heads that tell the relevant ones from hard negatives."""

from dataclasses import dataclass

from irloom.rerankers.attention.base import AttentionReranker
from irloom.rerankers.attention.chosen_heads import ChosenHeads, Heads
from irloom.rerankers.attention.layouts import Family, Layout, core_layout
from irloom.rerankers.attention.scoring import HeadId


@dataclass(eq=False, repr=False, kw_only=True)
class CoReHeads(AttentionReranker):
    """Contrastive retrieval heads: another prompt than ICR's, whose identifiers do not count, and about eight heads.

    Of what stands behind the query only the first token counts as the query's; a document's tokens are its text and one behind it.
    The model is read up to the last of the heads alone.

    Args:
        model: a Decoder, or the folder or hub id of one.
        corpus: gives the documents' texts.
        heads: a file that `irloom heads learn --method core_heads` wrote, a HeadSet, or heads such as ["13-18", "13-1"].
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

    Raises:
        BadValue: an argument out of its range, or no head.

    Paper:
        L. Tran, Y. Li, R. Florian and W. Sun, Contrastive Retrieval Heads Improve Attention-Based Re-Ranking, arXiv 2510.02219, 2025.
    Differs:
        equal scores keep the order given; a list that does not fit the context falls back to windows; for Mistral the query's last
        token is not taken for its end.
    """

    heads: Heads
    top: int = 8
    force: bool = False
    depth: int = 40
    title: bool = False
    backwards: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.chosen = ChosenHeads(self.heads, top=self.top, force=self.force, methods=("core_heads", "retrieval"))

    def _layout(self, family: Family) -> Layout:
        return core_layout(family)

    def _heads(self) -> tuple[HeadId, ...] | None:
        return self.chosen.of(self.decoder)
