"""Scoring pairs of mixed lengths: CrossEncoder, which chooses for itself, against sentence-transformers' `predict` at its best batch size.

The network has MiniLM's shape and weights (6 layers, 384 wide) and a seeded random head with one logit: what is timed does
not depend on the head's values. Scores are compared as well.
"""

import argparse
import logging
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import sentence_transformers
import torch
import transformers
from networks import against_best_batch, result_rows, save, versions
from results import machine, table, write_section

from irloom.core.types import Document, Query
from irloom.data.named import load_dataset
from irloom.models.loading import model_folder
from irloom.models.scorers.cross_encoder import CrossEncoder

Groups = list[tuple[Query, list[Document]]]


def make_model(folder: Path) -> Path:
    """MiniLM with a seeded head, saved as a sequence-classification model."""
    source = model_folder("minilm", purpose="the benchmark")
    torch.manual_seed(7)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(source, num_labels=1)
    model.save_pretrained(folder)
    transformers.AutoTokenizer.from_pretrained(source).save_pretrained(folder)
    return folder


def pairs(dataset: str, queries: int, depth: int) -> Groups:
    """Queries with documents of mixed lengths: every other one is cut to a seeded length."""
    data = load_dataset(dataset)
    random = np.random.default_rng(7)
    documents = list(islice(data.documents(), queries * depth))
    mixed = [
        document if place % 2 else Document(document.id, document.text[: int(random.integers(40, 1200))], document.title)
        for place, document in enumerate(documents)
    ]
    return [(query, mixed[start::queries]) for start, query in enumerate(data.queries()[:queries])]


def measure(folder: Path, groups: Groups, *, threads: int, sample: int, repeats: int) -> dict[str, Any]:
    """Both libraries on the same pairs with the same threads."""
    torch.set_num_threads(threads)
    scorer = CrossEncoder(folder, device="cpu", truncation="longest_first")
    peer = sentence_transformers.CrossEncoder(str(folder), device="cpu")
    texts = [(query.text, document.full_text) for query, documents in groups for document in documents]
    cut = peer.tokenizer(*map(list, zip(*texts, strict=True)), truncation=True, max_length=peer.max_seq_length)
    lengths = [len(ids) for ids in cut["input_ids"]]

    def predict(some: list[tuple[str, str]], size: int) -> np.ndarray:
        return peer.predict(some, batch_size=size, show_progress_bar=False, activation_fn=torch.nn.Identity())

    scorer.score(groups[:1])
    predict(texts[:16], 16)
    one = against_best_batch(lambda: scorer.score(groups), predict, texts, lengths, sample=sample, repeats=repeats)
    theirs = predict(texts, one["peer_best_batch_size"])
    return {"threads": threads, **one, "largest_difference": float(np.abs(np.concatenate(scorer.score(groups)) - theirs).max())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", default="scifact")
    parser.add_argument("--queries", type=int, default=4)
    parser.add_argument("--depth", type=int, default=50)
    parser.add_argument("--sample", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="+", default=[torch.get_num_threads()])
    options = parser.parse_args()
    logging.getLogger("irloom").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        model = make_model(Path(folder))
        groups = pairs(options.dataset, options.queries, options.depth)
        found = [measure(model, groups, threads=threads, sample=options.sample, repeats=options.repeats) for threads in options.threads]
    rows = [(label, one["threads"], *figures) for one in found for label, *figures in result_rows(one)]
    save("cross_encoder", {"machine": machine(), "versions": versions(), "dataset": options.dataset, "runs": found})
    rates = ", ".join(f"{one['fp32_gflops']:.0f} GFLOP/s with {one['threads']} threads" for one in found)
    note = (
        f"{versions()}. {found[0]['items']} pairs from {options.dataset}, mean {found[0]['tokens'] / found[0]['items']:.0f} tokens; "
        f"a network of MiniLM's shape (6 layers, 384 wide), float32, 512 tokens at most; median of {options.repeats}, taken in turn. "
        f"Measured fp32 matrix product: {rates}. The share counts "
        "the whole network's multiplications, no padding, over the whole time, tokenising included; "
        "irloom leaves out those of the last layer that no score depends on, so its share can pass what the machine really did. "
        f"Largest difference of a score: {max(one['largest_difference'] for one in found):.1e}."
    )
    write_section("Cross-encoder", f"{note}\n\n{table(['scorer', 'threads', 'pairs/s', 'ratio', 'of the fp32 rate'], rows)}")


if __name__ == "__main__":
    main()
