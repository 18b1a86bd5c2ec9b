"""Trains a small decoder that reranks lists, as a recipe says."""

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch

from irloom.core.errors import CollectionError, DataError, ModelError
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

_SHOWN = 16
"""Words of a document that its similarity is taken of."""

WORK = ".work"
"""Beside the model's folder: collections and the checkpoint, until the model is whole."""


class Similarities:
    """Orders of a list's documents by how similar a model finds them to a query.

    What a list needs is computed with the list, and nothing is kept, so that an order does not depend on the lists before.

    Args:
        source: the model.
        texts: of the collections by name.
    """

    def __init__(self, source: str, texts: Sequence[Texts]) -> None:
        self._encoder = DenseEncoder(source)
        self._texts = {found.name: found for found in texts}

    def ranks(self, drawn: TrainingList) -> list[list[int]]:
        """For each query the rank of each document from 1: its own document first, then by similarity."""
        texts = self._texts[drawn.corpus]
        shown = [" ".join(texts.documents[name].split()[:_SHOWN]) for name in drawn.names]
        documents = self._encoder.encode_documents([Document(str(place), text) for place, text in enumerate(shown)])
        queries = self._encoder.encode_queries([Query(name, texts.queries[name]) for name in drawn.query_names])
        scores = np.asarray(queries @ documents.T, np.float64)
        scores[np.arange(len(scores)), list(drawn.targets)] = np.inf
        return [[int(rank) for rank in row] for row in 1 + np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1)]


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
    done = loop.run(recipe.steps, _batches(recipe, texts, tokenizer, model), progress=progress, log=log)
    made = work / "model"
    remove_tree(made)
    with quiet_loading():
        try:
            model.save_pretrained(str(made))
        except require("safetensors", extra="models").SafetensorError as error:
            raise ModelError(f"{made}: the weights cannot be written ({error})") from error
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


def _batches(recipe: Recipe, texts: Sequence[Texts], tokenizer: Any, model: Any) -> Callable[[int], Sequence[Part]]:
    """The parts of each step; what is drawn depends on the seed, the step and the part alone."""

    def encode(lines: Sequence[str]) -> list[list[int]]:
        return [encoding.ids for encoding in tokenizer.encode_batch(list(lines), add_special_tokens=False)]

    corpora = [found.tokens(encode, words=recipe.lists.words[1], query_tokens=recipe.query_tokens) for found in texts]
    shares = list(recipe.datasets.values())
    sampler, packer = ListSampler(corpora, shares, recipe.lists), Packer(tokenizer)
    known = Similarities(recipe.source, texts)
    objectives = [Objective(model, stage.losses) for stage in recipe.stages]
    ends = list(accumulate(stage.steps for stage in recipe.stages))

    def part(step: int, number: int) -> Part:
        stage, own = recipe.stage(step)
        objective = objectives[next(place for place, end in enumerate(ends) if step < end)]

        def compute() -> Measured:
            rng = Random(f"{recipe.seed}:{step}:{number}")  # a text, so that no two sums meet
            n, ordered = stage.size(own, rng), rng.random() < stage.ordered
            most = stage.queries if ordered else n
            lists = sampler.batch(rng, n=n, count=max(1, round(recipe.batch / n)), copies=not ordered, most=most)
            if not ordered or lists[0].numbered:
                return objective.measure(packer.pack(lists), numbered=lists[0].numbered)
            ranks = [row for drawn in lists for row in known.ranks(drawn)]
            orders = [sorted(range(n), key=order.__getitem__) for order in ranks]
            return objective.measure(packer.pack(lists, orders=orders), ranks=ranks)

        return compute

    return lambda step: [part(step, number) for number in range(recipe.optimiser.threads)]
