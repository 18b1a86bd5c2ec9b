"""Encoding real passages with MiniLM: DenseEncoder as it is, against sentence-transformers' `encode` at its best batch size.

The best batch size is sought on a sample, then both encode all passages in turn. Vectors are compared as well.
"""

import argparse
import logging
from itertools import islice
from typing import Any

import numpy as np
import torch
from networks import against_best_batch, result_rows, save, versions
from results import machine, table, write_section
from sentence_transformers import SentenceTransformer

from irloom.core.types import Document
from irloom.data.named import load_dataset
from irloom.models.encoders.dense import DenseEncoder


def passages(dataset: str, count: int) -> list[Document]:
    """The first passages of a dataset."""
    return list(islice(load_dataset(dataset).documents(), count))


def measure(documents: list[Document], *, threads: int, sample: int, repeats: int) -> dict[str, Any]:
    """Both libraries on the same passages with the same threads."""
    torch.set_num_threads(threads)
    encoder = DenseEncoder("minilm", device="cpu")
    peer = SentenceTransformer(str(encoder.folder), device="cpu")
    texts = [document.full_text for document in documents]
    lengths = [len(ids) for ids in peer.tokenizer(texts, truncation=True, max_length=peer.max_seq_length)["input_ids"]]

    def encode(some: list[str], size: int) -> np.ndarray:
        return peer.encode(some, batch_size=size, show_progress_bar=False)

    encoder.encode_documents(documents[:32])
    encode(texts[:32], 32)
    one = against_best_batch(lambda: encoder.encode_documents(documents), encode, texts, lengths, sample=sample, repeats=repeats)
    theirs = encode(texts[:200], one["peer_best_batch_size"])
    return {"threads": threads, **one, "largest_difference": float(np.abs(encoder.encode_documents(documents[:200]) - theirs).max())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", nargs="+", default=["scifact"])
    parser.add_argument("--passages", type=int, default=2000)
    parser.add_argument("--sample", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="+", default=[torch.get_num_threads()])
    options = parser.parse_args()
    logging.getLogger("irloom").setLevel(logging.ERROR)
    found, rows = [], []
    for dataset in options.dataset:
        documents = passages(dataset, options.passages)
        for threads in options.threads:
            one = measure(documents, threads=threads, sample=options.sample, repeats=options.repeats)
            found.append({"dataset": dataset, **one})
            for label, *figures in result_rows(one):
                rows.append((f"{dataset}, {one['items']} passages", threads, label, *figures))
    save("encoding", {"machine": machine(), "versions": versions(), "runs": found})
    titles = ["passages", "threads", "encoder", "passages/s", "ratio", "of the fp32 rate"]
    difference = max(one["largest_difference"] for one in found)
    rates = ", ".join(f"{one['fp32_gflops']:.0f} GFLOP/s with {one['threads']} threads" for one in found)
    note = (
        f"{versions()}. all-MiniLM-L6-v2, float32, 256 tokens at most; median of {options.repeats}, taken in turn. "
        f"Measured fp32 matrix product: {rates}. The share counts the network's own multiplications, no padding, "
        f"over the whole time, tokenising included. Largest difference of a component: {difference:.1e}."
    )
    write_section("Encoding", f"{note}\n\n{table(titles, rows)}")


if __name__ == "__main__":
    main()
