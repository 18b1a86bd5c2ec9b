"""Trains a small decoder that reranks lists, as a recipe says."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from irloom.core.errors import CollectionError, DataError
from irloom.core.files import Progress, fsync_tree, make_folder, no_progress, place_folder, remove_tree, short_hash
from irloom.core.optional import require
from irloom.core.types import Document, Query
from irloom.data.named import load_dataset
from irloom.models.encoders.dense import DenseEncoder
from irloom.models.loading import quiet_loading
from irloom.training.loop import Loop, Part, Trained
from irloom.training.objective import Measured, Objective
from irloom.training.packing import PROMPT_TEXTS, Packer
from irloom.training.recipes.recipe import Recipe, Shape
from irloom.training.samplers.corpus import Texts, read_texts
from irloom.training.samplers.lists import ListSampler, TrainingList
from irloom.training.vocabulary import END, PAD, save_tokenizer, small_tokenizer, token_table

WORK = ".work"
"""Beside the model's folder: collections and the checkpoint, until the model is whole."""


@dataclass(frozen=True, slots=True)
class Similarities:
    """How similar a model finds queries and documents: unit vectors by id."""

    queries: Mapping[str, NDArray[Any]]
    documents: Mapping[str, NDArray[Any]]

    def ranks(self, query: str, documents: Sequence[str], *, best: int) -> list[int]:
        """Ranks from 1: the relevant document first, then by similarity."""
        scores = np.array([float(self.documents[name] @ self.queries[query]) for name in documents])
        scores[best] = np.inf
        ranks = np.empty(len(documents), np.int64)
        ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(documents) + 1)
        return [int(rank) for rank in ranks]


def train_small_reranker(
    recipe: Recipe, output: Path, *, progress: Progress = no_progress, log: Callable[[Trained], None] | None = None
) -> Trained:
    """Trains and writes the model's folder; what a kill or Ctrl-C left is taken up.

    Args:
        recipe: what is trained on what.
        output: the model's folder, which must not be there yet.
        progress: called while texts are read and at each step.
        log: called at each checkpoint.

    Raises:
        CollectionError: `output` is there already, or a checkpoint of another recipe is.
        DataError: a dataset cannot be read.
        MissingExtra: the extra `models`, or the source's package, is not installed.
        ModelError: the source has no word pieces or vectors, or no loss is finite.
    """
    if output.exists():
        raise CollectionError(f"{output} is there already; remove it, or give another folder")
    work = output.with_name(output.name + WORK)
    make_folder(work, exist_ok=True)
    texts = list(_texts(recipe, work, progress))
    tokenizer = small_tokenizer(recipe.source, _counted(texts, recipe), always=PROMPT_TEXTS, most=recipe.model.vocabulary)
    model = new_model(recipe.model, recipe.source, tokenizer, seed=recipe.seed)
    loop = Loop(model, recipe.optimiser, folder=work, key=recipe.key)
    done = loop.run(recipe.steps, _batches(recipe, texts, tokenizer, model, progress), progress=progress, log=log)
    made = work / "model"
    remove_tree(made)
    with quiet_loading():
        model.save_pretrained(str(made))
    save_tokenizer(tokenizer, made)
    fsync_tree(made)
    place_folder(made, output)
    remove_tree(work)
    return done


def new_model(shape: Shape, source: str, tokenizer: Any, *, seed: int) -> Any:
    """A LlamaForCausalLM whose words start as the source's, and whose heads start by looking at equal words.

    Raises:
        ModelError: the source has no vectors of that width.
    """
    transformers = require("transformers", extra="models", purpose="training")
    config = transformers.LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=shape.dim,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.heads,
        max_position_embeddings=shape.context,
        rope_parameters={"rope_type": "default", "rope_theta": shape.theta},
        tie_word_embeddings=True,
        pad_token_id=tokenizer.token_to_id(PAD),
        bos_token_id=None,
        eos_token_id=tokenizer.token_to_id(END),
        attn_implementation="eager",  # attention is trained, so it is read
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = transformers.LlamaForCausalLM(config)
        with torch.no_grad():
            model.model.embed_tokens.weight.copy_(token_table(source, tokenizer, dim=shape.dim, seed=seed))
            for place, layer in enumerate(model.model.layers):
                attention = layer.self_attn
                attention.o_proj.weight.mul_(shape.quiet)
                layer.mlp.down_proj.weight.mul_(shape.quiet)
                if place == 1 and shape.match:
                    torch.nn.init.orthogonal_(attention.q_proj.weight, gain=shape.match)
                    attention.k_proj.weight.copy_(attention.q_proj.weight)
                if place and shape.copy:
                    torch.nn.init.orthogonal_(attention.v_proj.weight)
                    attention.o_proj.weight.copy_(attention.v_proj.weight.T * shape.copy)
    return model.train()


def _texts(recipe: Recipe, work: Path, progress: Progress) -> Iterator[Texts]:
    forbidden = {query.text for name, split in recipe.held_out.items() for query in load_dataset(name).queries(split)}
    for name in recipe.datasets:
        dataset = load_dataset(name, progress=progress)
        place = work / f"bm25-{short_hash(name, dataset.fingerprint)}"
        found = read_texts(dataset, place, split=recipe.split, depth=recipe.candidates, forbidden=forbidden, progress=progress)
        if not found.queries:
            raise DataError(f"dataset {name!r}: split {recipe.split!r} has no query to train on")
        yield found


def _counted(texts: Sequence[Texts], recipe: Recipe) -> Iterator[str]:
    """What decides which word pieces are kept: queries, and of documents three times the words that are shown at most."""
    for found in texts:
        yield from found.queries.values()
        for text in found.documents.values():
            yield " ".join(text.split()[: 3 * recipe.lists.words[1]])


def _batches(recipe: Recipe, texts: Sequence[Texts], tokenizer: Any, model: Any, progress: Progress) -> Callable[[int], Sequence[Part]]:
    """The parts of each step; what is drawn depends on the seed, the step and the part alone."""

    def encode(lines: Sequence[str]) -> list[list[int]]:
        return [encoding.ids for encoding in tokenizer.encode_batch(list(lines), add_special_tokens=False)]

    corpora = [found.tokens(encode, words=recipe.lists.words[1], query_tokens=recipe.query_tokens) for found in texts]
    shares = list(recipe.datasets.values())
    sampler, packer = ListSampler(corpora, shares, recipe.lists), Packer(tokenizer)
    known = _similarities(recipe, texts, progress) if any(stage.ordered for stage in recipe.stages) else None
    objectives = [Objective(model, stage.losses) for stage in recipe.stages]
    ends = list(accumulate(stage.steps for stage in recipe.stages))

    def part(step: int, number: int) -> Part:
        stage, own = recipe.stage(step)
        objective = objectives[next(place for place, end in enumerate(ends) if step < end)]

        def compute() -> Measured:
            rng = Random(f"{recipe.seed}:{step}:{number}")  # a text, so that no two sums meet
            n = stage.size(own)
            lists = sampler.batch(rng, n=n, count=max(1, round(recipe.batch / n)), copies=not stage.ordered)
            if not stage.ordered or known is None or lists[0].numbered:
                return objective.measure(packer.pack(lists), numbered=lists[0].numbered)
            ranks = [_ranks(drawn, place, known) for drawn in lists for place in range(len(drawn.queries))]
            orders = [sorted(range(n), key=order.__getitem__) for order in ranks]
            return objective.measure(packer.pack(lists, orders=orders), ranks=ranks)

        return compute

    return lambda step: [part(step, number) for number in range(recipe.optimiser.threads)]


def _ranks(drawn: TrainingList, number: int, known: Similarities) -> list[int]:
    return known.ranks(drawn.query_names[number], drawn.names, best=drawn.targets[number])


def _similarities(recipe: Recipe, texts: Sequence[Texts], progress: Progress) -> Similarities:
    """Vectors of all queries and documents; ids are told apart by their collection's name."""
    encoder = DenseEncoder(recipe.source)
    queries: dict[str, NDArray[Any]] = {}
    documents: dict[str, NDArray[Any]] = {}
    for found in texts:
        for kind, kept, made in (("queries", found.queries, queries), ("documents", found.documents, documents)):
            names = list(kept)
            for start in range(0, len(names), 512):
                some = names[start : start + 512]
                lines = [" ".join(kept[name].split()[:80]) for name in some]
                made.update(zip(some, _vectors(encoder, lines, kind), strict=True))
                progress(f"similarities of {found.name}, {kind}", start + len(some), len(names))
    return Similarities(queries, documents)


def _vectors(encoder: DenseEncoder, lines: Iterable[str], kind: str) -> Any:
    if kind == "queries":
        return encoder.encode_queries([Query(str(number), line) for number, line in enumerate(lines)])
    return encoder.encode_documents([Document(str(number), line) for number, line in enumerate(lines)])
