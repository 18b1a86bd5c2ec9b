"""Language-model rerankers against what transformers does with the same weights: passes over the same prompts, in turn, in one run.

    python benchmarks/lm_rerankers.py [--quick] [--documents 20 50 100] [--dataset scifact]

ICR and FIRST against one plain prefill of their prompt; heads of the lower half of the layers against all; memory, each in a process of its
own; what shared prefixes save of what they could; yes or no about passages against a loop over padded batches.
"""

import argparse
import json
import logging
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")

import numpy as np
import torch
import transformers
from lm_model import HEADS, LAYERS, SHAPE, save_model
from lm_sharing import sharing
from networks import in_turn, save, versions
from results import machine, table, write_section

from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.data.named import load_dataset
from irloom.models.decoders.decoder import Decoder
from irloom.models.scorers.yes_no import PROMPT as YES_NO
from irloom.models.scorers.yes_no import YesNo
from irloom.rerankers.attention.icr import ICR
from irloom.rerankers.attention.qrhead import QRHead
from irloom.rerankers.first import FIRST

WORDS = 50
"""Words of a passage."""
BATCH_SIZES = (4, 8, 16, 32)


class Bench:
    """The model twice, as irloom's Decoder and as transformers' class, and passages under a query."""

    def __init__(self, folder: Path, query: Query, documents: Sequence[Document]) -> None:
        self.query, self.documents = query, documents
        self.decoder = Decoder(folder, device="cpu")
        self.decoder.warm_up()
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        self.peer = transformers.AutoModelForCausalLM.from_pretrained(folder, attn_implementation="sdpa").eval()

    def fetch(self, doc_ids: Sequence[str]) -> list[Document]:
        """The bench is its own corpus."""
        return [self.documents[int(doc_id)] for doc_id in doc_ids]

    def run(self, n: int) -> Run:
        """The first `n` passages in the order given."""
        return Run.from_rankings({self.query.id: Ranking.from_order([document.id for document in self.documents[:n]])})

    def icr(self, n: int) -> ICR:
        """All heads."""
        return ICR(self.decoder, self, depth=n, words=WORDS)

    def lower_half(self, n: int) -> QRHead:
        """All heads of the lower half of the layers."""
        return QRHead(
            self.decoder, self, heads=[(layer, head) for layer in range(LAYERS // 2) for head in range(HEADS)], depth=n, words=WORDS
        )

    def icr_ids(self, n: int) -> torch.Tensor:
        """Token ids of ICR's prompt, (1, tokens), as the tokenizer of transformers gives them."""
        icr = self.icr(n)
        texts = [icr.document_text(document) for document in self.documents[:n]]
        text = icr.scorer.writer.layout.text(texts[::-1], self.query.text)
        return self.tokenizer(text, return_tensors="pt")["input_ids"]

    def prefill(self, ids: torch.Tensor) -> None:
        """One plain pass, as users do: the cache is kept, logits of the last position."""
        with torch.inference_mode():
            self.peer(ids, logits_to_keep=1)

    def base(self, ids: torch.Tensor) -> None:
        """The same without the head."""
        with torch.inference_mode():
            self.peer.model(ids)

    def maps(self, ids: torch.Tensor) -> None:
        """Attention maps of the whole prompt, of which ICR would read rows."""
        with torch.inference_mode():
            self.eager.model(ids, output_attentions=True, use_cache=False)

    @property
    def eager(self) -> Any:
        """The same model with attention written out."""
        if not hasattr(self, "_eager"):
            self._eager = transformers.AutoModelForCausalLM.from_pretrained(self.decoder.folder, attn_implementation="eager").eval()
        return self._eager


def against_prefill(bench: Bench, n: int, *, repeats: int, eager: bool) -> dict[str, Any]:
    """ICR, heads of the lower half and prefills of the same prompt; with `eager` two passes with maps, for the query and for N/A."""
    ids, run = bench.icr_ids(n), bench.run(n)
    icr, lower = bench.icr(n), bench.lower_half(n)
    works: dict[str, Callable[[], object]] = {
        "icr": lambda: icr.rerank([bench.query], run, k=n),
        "prefill": lambda: bench.prefill(ids),
        "base": lambda: bench.base(ids),
        "lower_half": lambda: lower.rerank([bench.query], run, k=n),
    }
    if eager:
        works["maps"] = lambda: (bench.maps(ids), bench.maps(ids))
    times = in_turn(works, repeats)
    told = icr.rerank([bench.query], run, k=n).notes
    medians = {name: statistics.median(found) for name, found in times.items()}
    return {"documents": n, "tokens": ids.shape[1], "icr_tokens": told["prompt_tokens"][0], "seconds": times, "median": medians}


def first_token(bench: Bench, *, repeats: int) -> dict[str, Any]:
    """FIRST over one window of 20 against a prefill of the same prompt."""
    first = FIRST(bench.decoder, bench, depth=20, schedule="full", words=WORDS)
    prompt = first.comparator.prompt
    passages = [prompt.passage(document, words=WORDS) for document in bench.documents[:20]]
    ids = torch.as_tensor(bench.decoder.encode_chat(prompt.messages(bench.query.text, passages), start=prompt.start))[None]
    run = bench.run(20)
    first.warm_up()
    times = in_turn({"first": lambda: first.rerank([bench.query], run, k=20), "prefill": lambda: bench.prefill(ids)}, repeats)
    return {"tokens": ids.shape[1], "seconds": times, "median": {name: statistics.median(found) for name, found in times.items()}}


def yes_no(bench: Bench, n: int, *, repeats: int) -> dict[str, Any]:
    """The score of "Yes" against "No" for `n` passages, and the same by padded batches in the order given."""
    scorer, documents = YesNo(bench.decoder), list(bench.documents[:n])
    tokens = [bench.decoder.token(word, after="\n\n") for word in ("Yes", "No")]
    bench.tokenizer.padding_side = "left"
    texts = [YES_NO.format(text=scorer.prompts.shorten(document.full_text, 128), query=bench.query.text) for document in documents]
    messages = [[{"role": "user", "content": text}] for text in texts]
    chats = bench.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)

    def loop(some: Sequence[str], size: int) -> np.ndarray:
        rows = []
        for start in range(0, len(some), size):
            batch = bench.tokenizer(some[start : start + size], padding=True, add_special_tokens=False, return_tensors="pt")
            with torch.inference_mode():
                logits = bench.peer(**batch, logits_to_keep=1).logits[:, 0, tokens]
            rows.append(logits.log_softmax(dim=-1)[:, 0])
        return torch.cat(rows).numpy()

    sizes = {size: loop_seconds[0] for size, loop_seconds in in_turn({s: lambda s=s: loop(chats[:32], s) for s in BATCH_SIZES}, 1).items()}
    best = min(sizes, key=sizes.__getitem__)
    group = [(bench.query, documents)]
    times = in_turn({"irloom": lambda: scorer.score(group), "loop": lambda: loop(chats, best)}, repeats)
    return {"documents": n, "batch": best, "rates": {name: n / statistics.median(found) for name, found in times.items()}, "seconds": times}


def peak(kind: str, folder: Path, n: int, dataset: str) -> dict[str, float]:
    """MiB over what was resident after loading, measured in a process of its own."""
    command = [sys.executable, __file__, "--peak", kind, "--model", str(folder), "--documents", str(n), "--dataset", dataset]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def measure_peak(bench: Bench, kind: str, n: int) -> dict[str, float]:
    """What one call adds to the resident memory; a call with two passages has been made before."""
    icr, ids, few = bench.icr(n), bench.icr_ids(n), bench.icr_ids(2)
    works: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "icr": (lambda: bench.icr(2).rerank([bench.query], bench.run(2), k=2), lambda: icr.rerank([bench.query], bench.run(n), k=n)),
        "prefill": (lambda: bench.prefill(few), lambda: bench.prefill(ids)),
    }
    small, whole = works[kind]
    small()
    before = _resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    whole()
    return {"before_mib": before, "added_mib": _resident("VmHWM") - before}


def _resident(field: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def passages(dataset: str, n: int) -> tuple[Query, list[Document], list[str]]:
    """A query, `n` passages whose ids are their places, and texts to train a tokenizer on."""
    data = load_dataset(dataset)
    documents = list(islice(data.documents(), 2000))
    named = [Document(str(place), document.text, document.title) for place, document in enumerate(documents[:n])]
    return data.queries()[0], named, [document.full_text for document in documents]


def section(found: dict[str, Any], options: argparse.Namespace) -> str:
    """The tables."""
    icr = [
        (
            one["documents"], one["tokens"], f"{one['median']['icr']:.2f} s", f"{one['median']['icr'] / one['median']['prefill']:.2f}",
            f"{one['median']['icr'] / one['median']['base']:.2f}", f"{one['median']['lower_half'] / one['median']['icr']:.2f}",
            f"{one['median']['maps'] / one['median']['icr']:.1f}" if "maps" in one["median"] else "-",
        )
        for one in found["icr"]
    ]  # fmt: skip
    first, memory, points = found["first"], found["memory"], found["yes_no"]
    shares = [
        (
            one["layout"], one["prompts"], one["tokens"], one["distinct"], f"{one['ideal']:.2f}", f"{one['gain']:.2f}",
            f"{one['gain'] / one['ideal']:.2f}", f"{one['gain_on_one_thread'] / one['ideal']:.2f}",
        )
        for one in found["sharing"]
    ]  # fmt: skip
    intro = (
        f"{versions()}; {torch.get_num_threads()} threads. {SHAPE}. Passages of {options.dataset}, {WORDS} words each at most; medians of "
        f"{options.repeats}, taken in turn. The public ICR class is no package, and patches two architectures of an older transformers: "
        "attention maps of the eager model, once for the query and once for N/A, stand for it."
    )
    about_icr = (
        "ICR, texts to ranking, both tails counted, against one pass of transformers over the same prompt (sdpa, cache kept, logits of the "
        "last position; or no head at all):"
    )
    about_rest = (
        f"Memory that one call adds with {memory['documents']} documents: ICR {memory['icr']['added_mib']:.0f} MiB, prefill "
        f"{memory['prefill']['added_mib']:.0f} MiB, ratio {memory['icr']['added_mib'] / memory['prefill']['added_mib']:.2f}. "
        f"FIRST over 20 documents ({first['tokens']} tokens): {first['median']['first']:.2f} s, "
        f"{first['median']['first'] / first['median']['prefill']:.2f} of one prefill of the same prompt."
    )
    about_sharing = (
        "Prompts that begin alike. Ideal: tokens of all prompts of a ranking / tokens of their trie, each counted once. Gain: time of "
        "the same prompts read whole, in the same rounds, without padding / time of the reranker, texts to ranking. "
        "The last column has the ratio with one thread: short passes keep two less busy."
    )
    about_points = (
        f"Yes or no about {points['documents']} passages: irloom {points['rates']['irloom']:.1f} a second, a loop over padded batches of "
        f"{points['batch']} (its best size) {points['rates']['loop']:.1f}, ratio {points['rates']['irloom'] / points['rates']['loop']:.2f}."
    )
    titles = ["documents", "tokens", "ICR", "/ prefill", "/ prefill without head", "lower half of layers / all", "maps / ICR"]
    shared = table(["layout", "prompts", "tokens", "distinct", "ideal", "gain", "gain / ideal", "on one thread"], shares)
    return "\n\n".join([intro, about_icr, table(titles, icr), about_rest, about_sharing, shared, about_points])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="scifact")
    parser.add_argument("--documents", type=int, nargs="+", default=[20, 50, 100])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a few documents once, printed alone")
    parser.add_argument("--model", type=Path, help="the model's folder; made when left out")
    parser.add_argument("--peak", choices=["icr", "prefill"], help="measures memory in this process")
    options = parser.parse_args()
    if options.quick:
        options.documents, options.repeats = [20], 1
    logging.getLogger("irloom").setLevel(logging.ERROR)
    transformers.utils.logging.disable_progress_bar()
    most = max(options.documents)
    query, documents, texts = passages(options.dataset, max(50, most))
    if options.peak:
        print(json.dumps(measure_peak(Bench(options.model, query, documents), options.peak, most)))
        return
    with tempfile.TemporaryDirectory() as folder:
        model = options.model or save_model(Path(folder), texts)
        memory = {"documents": most, **{kind: peak(kind, model, most, options.dataset) for kind in ("icr", "prefill")}}
        bench = Bench(model, query, documents)
        bench.icr(5).rerank([query], bench.run(5), k=5)
        bench.prefill(bench.icr_ids(5))
        found = {
            "memory": memory,
            "icr": [against_prefill(bench, n, repeats=options.repeats, eager=n <= 20) for n in options.documents],
            "first": first_token(bench, repeats=options.repeats),
            "sharing": sharing(bench, repeats=options.repeats, few=options.quick),
            "yes_no": yes_no(bench, 20 if options.quick else 100, repeats=options.repeats),
        }
    if options.quick:
        print(section(found, options))
        return
    save("lm_rerankers", {"machine": machine(), "versions": versions(), "model": SHAPE, "dataset": options.dataset, **found})
    write_section("Language-model rerankers", section(found, options))


if __name__ == "__main__":
    main()
