"""What a small list-wise reranker is trained for: FIRST's joint objective, and auxiliary losses that make its attention useful early."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import functional

from irloom.core.errors import BadValue
from irloom.training.losses.ranknet import weighted_ranknet
from irloom.training.packing import Packed

LOSSES: Final = ("answer", "ranknet", "best", "match", "attention", "reach", "owner", "identifier", "early", "gather")
"""Names of the losses that a stage weighs; see `Objective`."""

_FLOOR = 1e-6


@dataclass(frozen=True, slots=True)
class Measured:
    """The losses of a batch.

    Attributes:
        loss: float32 (), their weighted sum.
        parts: each loss by name; "found" and "attended" are the shares of queries whose document has the best logit, and the most
            attention in the second layer.
    """

    loss: Tensor
    parts: Mapping[str, float]


class Objective:
    """The weighted sum of the losses that a stage names.

    FIRST's two:

    - `answer`: cross entropy of the answer's tokens, from the first identifier on.
    - `ranknet`: weighted RankNet on the identifiers' logits behind the opening bracket, one query at a time, where orders are given.

    Auxiliary, none of them published with FIRST, ICR or QRHead:

    - `best`: cross entropy over the list's identifiers, behind the opening bracket, of the one that the query's document has.
    - `match`: cross entropy over the list's documents of the attention that the query's tokens give them in the second layer, summed over
      its heads.
    - `attention`: the same summed over all layers but the first. It is what ICR reads.
    - `reach`: -log of the share of all attention in the second layer that goes to the query's document.
    - `owner`: cross entropy of the attention of the first head of the first layer: from each token of a document to its identifier, and
      from each token of a query to the word before it, lest it take the last document's identifier for its own.
    - `identifier`: cross entropy over the list's identifiers, read behind the first layer at each token of a document.
    - `early`: the same for the query's document, read behind the second layer and averaged over the query's tokens.
    - `gather`: cross entropy of the attention in the last layer, averaged over its heads, from the opening bracket to the query's words,
      all of them alike.

    Args:
        model: a LlamaForCausalLM with tied embeddings.
        weights: of the losses, by name; one that is not named has none.

    Raises:
        BadValue: an unknown loss, or a weight below 0.
    """

    def __init__(self, model: Any, weights: Mapping[str, float]) -> None:
        for name, weight in weights.items():
            if name not in LOSSES:
                raise BadValue("losses", name, f"one of {', '.join(LOSSES)}")
            if not weight >= 0:
                raise BadValue(f"losses.{name}", weight, "0 or more")
        self.model, self.weights = model, dict(weights)

    def measure(self, packed: Packed, *, numbered: bool = False, ranks: Sequence[Sequence[int]] | None = None) -> Measured:
        """The losses of a batch.

        Args:
            packed: the batch.
            numbered: whether documents have numbers, which stand in texts as well: then attention alone is trained.
            ranks: for each query the rank of each document from 1; None where only the best one is known.
        """
        read = _Reading(self.model, packed)
        logits, best = read.logits(), packed.targets
        match, queries = read.mass(1, 2), torch.arange(len(best))
        parts = {"match": functional.nll_loss(_shares(match), best), "attention": functional.nll_loss(_shares(read.mass(1, None)), best)}
        parts["reach"] = -(match[queries, best] / read.heads + _FLOOR).log().mean()
        if not numbered:
            if ranks is not None:
                parts["ranknet"] = _ranked(logits, ranks)
            parts["best"] = functional.cross_entropy(logits, best)
            parts["answer"] = read.answer_loss()
            parts["owner"] = read.owner_loss()
            parts["identifier"] = read.identifier_loss()
            parts["early"] = read.early_loss()
            parts["gather"] = read.gather_loss()
        zero = logits.sum() * 0
        loss = sum((self.weights.get(name, 0.0) * value for name, value in parts.items()), zero)
        shown = {name: float(value.detach()) for name, value in parts.items()}
        found = float((logits.argmax(-1) == best).float().mean())
        attended = float((match.argmax(-1) == best).float().mean())
        return Measured(loss, {**shown, "found": found, "attended": attended})


class _Reading:
    """One pass over the documents of a batch, and one over its queries on top of them."""

    def __init__(self, model: Any, packed: Packed) -> None:
        from transformers import DynamicCache

        self.packed, self.model = packed, model
        # the argument's name changed between versions of transformers
        name = "cache" if "cache" in inspect.signature(model.model.forward).parameters else "past_key_values"
        cache = DynamicCache(config=model.config)
        told = {"use_cache": True, name: cache, "output_hidden_states": True, "output_attentions": True}
        self.documents = model.model(input_ids=packed.ids, **told)
        self.queries = model.model(input_ids=packed.asked, position_ids=packed.places, attention_mask=packed.mask(), **told)
        self.table = model.lm_head.weight
        self.names = self.table[packed.identifiers]

    def logits(self) -> Tensor:
        """float32 (queries, n), of each list's identifiers behind the opening bracket."""
        last = self.queries.last_hidden_state[self.packed.rows, self.packed.ends]
        return torch.einsum("qd,qnd->qn", last, self.names[self.packed.rows])

    def answer_loss(self) -> Tensor:
        """The mean over queries and answer tokens of -log p over the whole vocabulary."""
        packed = self.packed
        alone = packed.identifiers[packed.rows, packed.targets][:, None]
        wanted = packed.answers if packed.answers.shape[1] else alone
        columns = (packed.ends[:, None] + torch.arange(wanted.shape[1])).clamp(max=packed.asked.shape[1] - 1)
        states = self.queries.last_hidden_state[packed.rows[:, None], columns]
        known = wanted >= 0
        return functional.cross_entropy(states[known] @ self.table.T, wanted[known])

    @property
    def heads(self) -> int:
        """Attention heads of a layer."""
        return int(self.model.config.num_attention_heads)

    def mass(self, first: int, end: int | None) -> Tensor:
        """float32 (queries, n), the attention that a query's tokens give each document on average, summed over heads and some layers."""
        packed, p = self.packed, self.packed.ids.shape[1]
        belongs = functional.one_hot(packed.document_of.clamp(min=0), packed.identifiers.shape[1]) * (packed.document_of >= 0)[..., None]
        per_token = sum(layer[..., :p].sum(1) @ belongs.float() for layer in self.queries.attentions[first:end])
        return torch.einsum("bsn,bsq->qn", per_token, self._parts())

    def _parts(self) -> Tensor:
        """float32 (lists, s, queries): 1 / the number of its tokens where a token is a query's, else 0."""
        own = functional.one_hot(self.packed.query_of.clamp(min=0), len(self.packed.targets)) * self._prompts()[..., None]
        return own / own.sum((0, 1))

    def _prompts(self) -> Tensor:
        """Which tokens belong to prompts, bool (lists, s): those of queries up to their opening bracket; answers are none of them."""
        packed = self.packed
        steps = torch.arange(packed.asked.shape[1])
        return (packed.query_of >= 0) & (steps <= packed.ends[packed.query_of.clamp(min=0)])

    def owner_loss(self) -> Tensor:
        """Of the first head's attention in the first layer."""
        identifiers, known = self._identifier_places()
        given = self.documents.attentions[0][:, 0].gather(-1, identifiers[..., None])[..., 0][known]
        asked = self.queries.attentions[0][:, 0].gather(-1, self.packed.questions[:, None, None].expand(-1, self.packed.asked.shape[1], 1))
        loss: Tensor = -(given + _FLOOR).log().mean() - (asked[..., 0][self._prompts()] + _FLOOR).log().mean()
        return loss

    def identifier_loss(self) -> Tensor:
        """Of the identifiers' logits at the tokens of documents, behind the first layer."""
        _, known = self._identifier_places()
        states = self.model.model.norm(self.documents.hidden_states[1])
        logits = torch.einsum("bpd,bnd->bpn", states, self.names)
        return functional.cross_entropy(logits[known], self.packed.document_of[known])

    def early_loss(self) -> Tensor:
        """Of the identifiers' logits behind the second layer, averaged over each query's tokens."""
        states = self.model.model.norm(self.queries.hidden_states[2])
        logits = torch.einsum("bsd,bnd->bsn", states, self.names)
        return functional.cross_entropy(torch.einsum("bsn,bsq->qn", logits, self._parts()), self.packed.targets)

    def gather_loss(self) -> Tensor:
        """Of the last layer's attention from the last token of each prompt to the words of its query, all of them alike."""
        packed = self.packed
        given = self.queries.attentions[-1][packed.rows, :, packed.ends, packed.ids.shape[1] :].mean(1)
        steps = torch.arange(given.shape[1])
        words = (packed.query_of[packed.rows] == torch.arange(len(packed.rows))[:, None]) & (steps <= (packed.ends - packed.told)[:, None])
        loss: Tensor = -(((given + _FLOOR).log() * words).sum(-1) / words.sum(-1).clamp(min=1)).mean()
        return loss

    def _identifier_places(self) -> tuple[Tensor, Tensor]:
        """Where the identifier of each token's document stands, int64 (lists, p), and which tokens stand behind it in a document."""
        of = self.packed.document_of
        steps = torch.arange(of.shape[1]).expand_as(of)
        begins = of != functional.pad(of[:, :-1], (1, 0), value=-1)
        start = torch.where(begins, steps, 0).cummax(dim=1).values
        return start + 1 - (of < 0).long() * (start + 1), (of >= 0) & (steps > start + 1)


def _shares(mass: Tensor) -> Tensor:
    """The logarithm of each document's share of what documents get."""
    return torch.log_softmax((mass + _FLOOR).log(), dim=-1)


def _ranked(logits: Tensor, ranks: Sequence[Sequence[int]]) -> Tensor:
    """The mean over queries of weighted RankNet; a query whose loss is NaN is left out, as the authors do."""
    losses = torch.stack([weighted_ranknet(row, torch.tensor(order)) for row, order in zip(logits, ranks, strict=True)])
    sound = ~torch.isnan(losses)
    return losses[sound].mean() if bool(sound.any()) else logits.sum() * 0
