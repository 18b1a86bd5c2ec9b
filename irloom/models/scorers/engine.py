"""The loaded half of a CrossEncoder: tokenizer, classifier, activation. Imported when weights load."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irloom.core.errors import BadValue, ModelError
from irloom.models.batching import batches_by_budget, pack
from irloom.models.encoders.folder import module_chain
from irloom.models.loading import check_weights, read_json
from irloom.models.networks.classifier import Classifier
from irloom.models.networks.loading import load_classifier
from irloom.models.networks.threads import batch_budget, for_each
from irloom.models.scorers.pairs import Ids, PairTemplate, cut_lengths, read_template, token_ids
from irloom.models.tokenizing import CutNotice, load_tokenizer


@dataclass(frozen=True, slots=True)
class PairSettings:
    """The constructor's settings that shape a score."""

    activation: str | None
    label: int | None
    truncation: str
    query_tokens: int
    max_tokens: int | None
    batch_tokens: int | None


def load_pair_engine(folder: Path, settings: PairSettings, *, dtype: str, device: str, backend: str, remote_code: bool) -> "PairEngine":
    """Loads a sequence-classification model.

    Raises:
        ModelError: the folder holds no such model, its head was never trained, or its tokenizer is not a fast one.
    """
    chain = module_chain(folder)
    if chain and (chain[0][0] != "Transformer" or len(chain) > 1):
        raise ModelError(f"{folder} is not a sequence-classification model: its modules are {', '.join(kind for kind, _ in chain)}")
    root = folder / chain[0][1] if chain else folder
    if not (root / "config.json").is_file():
        raise ModelError(f"{folder} is not a model folder: {root / 'config.json'} is missing")
    check_weights(root)
    tokenizer = load_tokenizer(root, remote_code=remote_code, max_tokens=settings.max_tokens)
    if tokenizer.backend is None:
        raise ModelError(f"{folder}: a cross-encoder needs a fast tokenizer (tokenizer.json)")
    classifier = load_classifier(root, device=device, dtype=dtype, backend=backend, remote_code=remote_code)
    return PairEngine(
        settings,
        tokenizer.backend,
        classifier,
        limit=tokenizer.max_tokens,
        has_types=tokenizer.has_types and int(read_json(root / "config.json").get("type_vocab_size") or 0) > 1,
        label=_label(settings.label, classifier.labels),
        activation=settings.activation if settings.activation != "saved" else saved_activation(folder, root),
        device=device,
    )


def _label(label: int | None, labels: int) -> int:
    if label is None:
        if labels > 2:
            raise BadValue("label", label, f"the logit that stands for 'relevant', 0 to {labels - 1}: the model has {labels}")
        return labels - 1
    if label >= labels:
        raise BadValue("label", label, f"0 to {labels - 1}: the model has {labels} logits")
    return label


def saved_activation(folder: Path, root: Path) -> str:
    """The activation that a folder's configuration names, under sentence-transformers' old and new keys.

    Raises:
        ModelError: it names one that irloom does not know.
    """
    config = read_json(root / "config.json")
    chain = read_json(folder / "config_sentence_transformers.json")
    named = chain.get("activation_fn") or (config.get("sentence_transformers") or {}).get("activation_fn")
    named = named or config.get("sbert_ce_default_activation_function")
    if named is None:
        return "sigmoid" if len(config.get("id2label") or {0: "", 1: ""}) == 1 else "logit"
    known = {"Identity": "logit", "Sigmoid": "sigmoid", "Softmax": "softmax"}
    kind = str(named).rpartition(".")[2]
    if kind not in known:
        raise ModelError(f"{folder}: the saved activation {named!r} is not one of {', '.join(known)}; name another with activation=")
    return known[kind]


class PairEngine:
    """Pairs to scores with loaded weights."""

    def __init__(
        self,
        settings: PairSettings,
        backend: Any,
        classifier: Classifier,
        *,
        limit: int,
        has_types: bool,
        label: int,
        activation: str | None,
        device: str,
    ) -> None:
        self.settings, self.backend, self.classifier = settings, backend, classifier
        backend.no_truncation()
        self.limit, self.has_types, self.label, self.activation, self.device = limit, has_types, label, activation, device
        self._notice = CutNotice("CrossEncoder", limit)
        self.template: PairTemplate = read_template(backend)

    def scores(self, groups: Sequence[tuple[str, Sequence[str]]]) -> NDArray[np.float32]:
        """float32 (pairs,), group after group."""
        pairs, cut = self._pairs(groups)
        self._notice.add(cut, len(pairs))
        special = self.template.special
        lengths = np.fromiter((len(query) + len(document) + special for query, document in pairs), dtype=np.int64, count=len(pairs))
        out = np.empty(len(pairs), dtype=np.float32)

        def work(rows: NDArray[np.int64]) -> None:
            chosen = [pairs[row] for row in rows]
            types = [self.template.segments(*pair) for pair in chosen] if self.has_types else None
            batch = pack([self.template.join(*pair) for pair in chosen], types)
            out[rows] = self._activate(self.classifier.logits(batch)).cpu().numpy()

        budget = batch_budget(self.settings.batch_tokens, device=self.device, tokens=int(lengths.sum()))
        for_each(work, batches_by_budget(lengths, budget), device=self.device)
        return out

    def _pairs(self, groups: Sequence[tuple[str, Sequence[str]]]) -> tuple[list[tuple[Ids, Ids]], int]:
        """Cut token ids of every pair, each text tokenised once, and how many pairs were cut."""
        texts = {text: place for place, text in enumerate(dict.fromkeys(text for _, documents in groups for text in documents))}
        documents = token_ids(self.backend, list(texts))
        queries = token_ids(self.backend, [query for query, _ in groups])
        room = self.limit - self.template.special
        pairs: list[tuple[Ids, Ids]] = []
        cut = 0
        for query, (_, group) in zip(queries, groups, strict=True):
            for text in group:
                document = documents[texts[text]]
                kept = cut_lengths(
                    len(query), len(document), room=room, truncation=self.settings.truncation, query_cap=self.settings.query_tokens
                )
                cut += kept != (len(query), len(document))
                pairs.append((query[: kept[0]], document[: kept[1]]))
        return pairs, cut

    def _activate(self, logits: Tensor) -> Tensor:
        chosen = logits[:, self.label]
        if self.activation == "sigmoid":
            return chosen.sigmoid()
        if self.activation == "softmax":
            return logits.softmax(dim=-1)[:, self.label]
        if self.activation == "logit" or logits.shape[1] == 1:
            return chosen
        others = torch.cat((logits[:, : self.label], logits[:, self.label + 1 :]), dim=1)
        return chosen - others.logsumexp(dim=-1)
