"""How far to believe likely false negatives, as `irloom diagnose` calls them.

Each judgment is hidden in turn, each rule is asked whether it suspects the document, and the judgment says whether it is right. Beside it
the share of relevant documents among all that were asked of. Needs the test collections under IRLOOM_DATA.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from results import table, write_section

from irloom.core.run import Run
from irloom.core.types import Qrels
from irloom.data.named import load_dataset
from irloom.data.trec import read_run
from irloom.eval.suspects import SuspectRule, find_suspects
from irloom.pipelines.running import run_experiment
from irloom.text.minhash import by_document, near_duplicates

VOTERS = ("bm25", "minilm")
EXPERIMENT = """
dataset: [cranfield, cisi, medline]
systems:
  bm25: {bm25: {k1: 0.9, b: 0.4}}
  minilm: {dense: {encoder: minilm}}
"""


def agreed(runs: Mapping[str, Run], qrels: Qrels, *, top: int) -> Iterator[tuple[bool, bool]]:
    """Whether each of the first documents of the first run is suspected, and whether it is relevant."""
    rule, first = SuspectRule(top=top, systems=len(runs)), next(iter(runs.values()))
    for query_id, row in qrels.items():
        tops = [run[query_id].doc_ids[:top] for run in runs.values()]
        for doc_id in first[query_id].doc_ids[:top]:
            hidden = {other: grade for other, grade in row.items() if other != doc_id}
            found = find_suspects(first[query_id].doc_ids[:top], hidden, min_grade=1, rule=rule, similar={}, tops=tops)
            yield doc_id in {suspect.doc_id for suspect in found}, row.get(doc_id, 0) >= 1


def resembling(name: str, *, min_grade: int) -> Iterator[tuple[bool, bool]]:
    """The same of each judged document, suspected where it is a near-duplicate of a relevant one."""
    dataset = load_dataset(name)
    similar = by_document(near_duplicates({document.id: document.full_text for document in dataset.documents()}))
    for row in dataset.qrels().values():
        for doc_id, grade in row.items():
            hidden = {other: given for other, given in row.items() if other != doc_id}
            found = find_suspects([doc_id], hidden, min_grade=min_grade, rule=SuspectRule(), similar=similar, tops=[])
            yield bool(found), grade >= min_grade


def line(collection: str, rule: str, pairs: Iterator[tuple[bool, bool]]) -> list[str]:
    """A row of the table."""
    asked = list(pairs)
    right = [relevant for suspected, relevant in asked if suspected]
    base = sum(relevant for _, relevant in asked) / len(asked)
    return [collection, rule, str(len(asked)), str(len(right)), f"{sum(right) / max(1, len(right)):.2f}", f"{base:.2f}"]


def main() -> None:
    """Writes the section."""
    rows = [line("trec-dl-2019", "near-duplicate of a relevant one", resembling("trec-dl-2019", min_grade=2))]
    with TemporaryDirectory() as folder:
        (Path(folder) / "agreed.yaml").write_text(EXPERIMENT)
        for report in run_experiment(Path(folder) / "agreed.yaml", output=Path(folder) / "out"):
            runs = {name: read_run(Path(folder) / "out" / report.dataset / "runs" / f"{name}.trec") for name in VOTERS}
            qrels = load_dataset(report.dataset).qrels()
            rows += [line(report.dataset, f"within the first {top} of both", agreed(runs, qrels, top=top)) for top in (1, 3)]
    titles = ["collection", "suspected where it is", "asked of", "suspected", "relevant among them", "relevant among all asked"]
    notes = f"`python benchmarks/suspects.py`; the systems that must agree are {' and '.join(VOTERS)}."
    write_section("Likely false negatives: how many are relevant", f"{notes}\n\n{table(titles, rows)}")


if __name__ == "__main__":
    main()
