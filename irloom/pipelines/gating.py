"""A base and a new version side by side, and the gates between them: what `irloom compare` does."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from irloom.core.errors import BadValue, ConfigError, DataError, UnknownName
from irloom.core.types import Json
from irloom.eval.bootstrap import Method
from irloom.eval.comparison import Change, Test, adjusted, changes_of, paired_values
from irloom.eval.evaluate import Evaluation
from irloom.eval.gates import Gate, GateResult, parse_gate
from irloom.eval.measures.parse import parse_measure
from irloom.pipelines.comparing import DEFAULT_MEASURES
from irloom.pipelines.judgments import open_judgments
from irloom.pipelines.manifest import read_manifest
from irloom.pipelines.sides import Side, is_run_file, pairs_of, read_experiment_side, read_run_sides


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed, and which gates hold.

    Attributes:
        base: as it was named.
        new: as it was named.
        changes: by system, then measure.
        gates: by system, then gate.
        test: the paired test.
        method: of the intervals.
    """

    base: str
    new: str
    changes: tuple[Change, ...]
    gates: tuple[GateResult, ...]
    test: Test
    method: Method

    @property
    def passed(self) -> bool:
        """Whether every gate holds."""
        return all(result.passed for result in self.gates)

    def to_json(self) -> dict[str, Json]:
        """Plain data."""
        return {
            "base": self.base,
            "new": self.new,
            "interval": {"method": f"bootstrap {self.method}", "level": 0.95},
            "significance": {"test": self.test, "correction": "Holm over the changes"},
            "changes": [change.to_json() for change in self.changes],
            "gates": [result.to_json() for result in self.gates],
            "passed": self.passed,
        }


def compare(
    base: str | Path,
    new: str | Path,
    *,
    qrels: str | None = None,
    split: str | None = None,
    gates: Sequence[str] = (),
    measures: Sequence[str] = (),
    systems: Sequence[str] = (),
    missing_as_zero: bool = False,
    test: Test = "t",
    method: Method = "percentile",
) -> Comparison:
    """Compares two run files, or the systems of two experiments that have the same name.

    Args:
        base: a TREC run file, the folder of an experiment, or its report.json.
        new: the same; a run file and an experiment may be mixed.
        qrels: for run files: a file of judgments, or a dataset's name or folder.
        split: of the dataset; None for its protocol's.
        gates: as `irloom.eval.gates` reads them; each is held for every system that is compared.
        measures: to be shown besides those of the gates; none for nDCG@10 and R@100 of run files, and for all that both experiments have.
        systems: of the experiments; none for all of the base.
        missing_as_zero: whether a judged query that only one run file has counts 0 for the other, instead of being an error.
        test: the paired test.
        method: of the bootstrap intervals.

    Raises:
        BadValue: a gate cannot be read, or the sides have no systems to be compared.
        ConfigError: run files without judgments.
        UnknownName: a measure, a system, the dataset or its split is unknown.
        DataError: a file cannot be read, the two are over different queries, or a gate holds because every value is 0 on both sides.
    """
    parsed = [parse_gate(gate) for gate in gates]
    asked = [str(parse_measure(measure)) for measure in measures]
    wanted = list(dict.fromkeys([*asked, *(gate.measure for gate in parsed)]))
    computed = list(dict.fromkeys([*(asked or DEFAULT_MEASURES), *wanted]))
    before, after = _sides(Path(base), Path(new), qrels, split, computed, missing_as_zero)
    changes: list[Change] = []
    results: list[GateResult] = []
    for name, (old, young) in pairs_of(before, after, systems).items():
        shown = wanted if asked else list(dict.fromkeys([*_shared(old, young), *wanted]))
        for side, evaluation in ((before, old), (after, young)):
            _check_measures(shown, evaluation.values, side)
        try:
            changes += changes_of(name, old, young, shown, test=test, method=method)
        except DataError as error:
            raise DataError(f"{base} and {new} are {error}; compare what was made over the same queries") from None
        results += [_held(gate, old, young, name) for gate in parsed]
    return Comparison(str(base), str(new), tuple(adjusted(changes)), tuple(results), test, method)


def _sides(
    base: Path, new: Path, qrels: str | None, split: str | None, measures: Sequence[str], missing_as_zero: bool
) -> tuple[Side, Side]:
    run_files = [path for path in (base, new) if is_run_file(path)]
    if not run_files:
        if qrels is not None:
            raise BadValue("qrels", qrels, "none: an experiment's report has its values; judgments are for run files")
        _warn_of_other_data(base, new)
        return read_experiment_side(base), read_experiment_side(new)
    if qrels is None:
        raise ConfigError(f"{run_files[0]} is a run file, and no judgments are given; name a file of them or a dataset with --qrels")
    runs = read_run_sides(run_files, open_judgments(qrels, split=split, measures=measures), measures, missing_as_zero=missing_as_zero)
    before, after = (runs[path] if path in runs else read_experiment_side(path) for path in (base, new))
    return before, after


def _warn_of_other_data(base: Path, new: Path) -> None:
    """Warns where the manifests say that documents, queries or judgments changed, so that the difference is not the systems' alone."""
    try:
        before, after = (read_manifest(path).datasets for path in (base, new))
    except DataError:
        return  # only a report, or a manifest of another version: the reports can be compared all the same
    for name in before:
        if name in after and before[name]["data"]["content_hash"] != after[name]["data"]["content_hash"]:
            text = f"the data of {name} are not the same in {base} and {new}; see what changed with: irloom diff {base} {new}"
            warnings.warn(text, UserWarning, stacklevel=2)


def _held(gate: Gate, old: Evaluation, young: Evaluation, system: str) -> GateResult:
    """What a gate says; that it holds is no news where nothing was found on either side."""
    before, after = paired_values(old, young, gate.measure)
    result = gate.check(before, after, system=system)
    if result.passed and not before.any() and not after.any():
        problem = f"looks at nothing: {gate.measure} of {system} is 0 for every query on both sides"
        raise DataError(f"the gate {gate.text!r} {problem}; are the judgments of these runs, and is any document relevant?")
    return result


def _shared(old: Evaluation, young: Evaluation) -> list[str]:
    return [measure for measure in old.values if measure in young.values]


def _check_measures(measures: Sequence[str], values: Mapping[str, object], side: Side) -> None:
    for measure in measures:
        if measure not in values:
            raise UnknownName("measure of this report", measure, values, where=str(side.path))
