"""ICR: documents ranked by the attention of all heads, less that of a query without content."""

from dataclasses import dataclass

from irloom.models.settings import one_of
from irloom.rerankers.attention.base import AttentionReranker
from irloom.rerankers.attention.layouts import WORDINGS, Family, Layout, icr_layout
from irloom.rerankers.attention.scoring import HeadId


@dataclass(eq=False, repr=False, kw_only=True)
class ICR(AttentionReranker):
    """In-context re-ranking: all documents in one prompt, the query last; a document's score is the attention that it gets.

    Attention is summed over layers and heads, and is a mean over the query's tokens, from the instruction behind the documents to the
    end of the prompt. The same for the query "N/A" is taken off, tokens that lie far below the rest of their document are left out,
    and the others are summed. Two short passes on one read prefix; nothing is generated.

    Args:
        model: a Decoder, or the folder or hub id of one.
        corpus: gives the documents' texts.
        depth: documents to score of each ranking, 1 or more.
        wording: "ie" asks for what is relevant, "qa" for an answer; the published runs chose by dataset.
        family: how the model marks a turn: "auto" by its chat template, or one of `layouts.CHOICES`.
        layout: another prompt altogether, or fields of `layouts.Layout` by name that differ from the method's own, such as
            {separator: ..., question: ...}; None for that one.
        words: words of a document's body that are read, counted between single blanks; None for all.
        title: whether a document's title is read too.
        backwards: whether the first document stands last in the prompt, next to the query, as in the published runs.
        window: documents in a prompt, 2 or more; None for all of them, which the authors advise.
        stride: by how many places windows move; None for half of one.
        scoring: "calibrated", or one of the ablations "no_calibration", "last_token" (attention sorting), "na_only" (the bias
            alone) and "last_token_calibrated", which have no token filter.

    Raises:
        BadValue: an argument out of its range.

    Paper:
        S. Chen, B. J. Gutierrez and Y. Su, Attention in Large Language Models Yields Efficient Zero-Shot Re-Rankers, ICLR 2025.
    Differs:
        equal scores keep the order given; a list that does not fit the context falls back to windows and says so in the notes;
        special tokens in a document's text are plain text.
    """

    wording: str = "ie"

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("wording", self.wording, tuple(WORDINGS))

    def _layout(self, family: Family) -> Layout:
        return icr_layout(family, self.wording)

    def _heads(self) -> tuple[HeadId, ...] | None:
        return None
