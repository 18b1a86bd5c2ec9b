"""Labels of a model: kept as they come, apart from those of people and of other models."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from irloom.core.errors import BadLine, DataError, Locked, ModelError
from irloom.data.pool import PoolItem
from irloom.data.qrels import read_qrels, write_qrels
from irloom.pipelines import model_judging
from irloom.pipelines.judge_prompts import PROMPTS
from irloom.pipelines.judging import Judging
from irloom.pipelines.judgment_log import log_path, read_log
from irloom.pipelines.model_judge import ModelJudge
from irloom.pipelines.model_judging import ModelJudging, told
from tests.fakes_llm import FakeGenerator
from tests.pipelines.test_model_judge import Flaky, by_word

UMBRELA = PROMPTS["umbrela"]
POOL = [PoolItem("q1", f"d{place}", "a query", "", text) for place, text in enumerate(["0", "1", "2", "", "none", "3"])]


def session(output: Path, generator: object, *, pool: list[PoolItem] = POOL, prompt: str = "umbrela") -> ModelJudging:
    judge = ModelJudge(generator, PROMPTS[prompt])  # type: ignore[arg-type]
    return ModelJudging(pool, output, judge=judge, now=lambda: datetime(2026, 1, 31, 12, tzinfo=UTC))


def test_labels_and_their_provenance(tmp_path: Path) -> None:
    output = tmp_path / "new" / "umbrela.qrels"
    with session(output, FakeGenerator(by_word)) as work:
        work.run()
        result = work.result
    assert read_qrels(output) == {"q1": {"d0": 0, "d1": 1, "d2": 2, "d3": 0, "d4": 0, "d5": 3}}
    first = json.loads(log_path(output).read_text().splitlines()[0])
    assert first["judge"] == "umbrela by FakeGenerator"
    assert (first["kind"], first["at"], first["grade"]) == ("model", "2026-01-31T12:00:00+00:00", 0)
    assert first["detail"]["answers"] == ["##final score: 0"]
    assert {"prompt": "umbrela", "model": "fake_generator", "read": "strict"}.items() <= first["detail"].items()
    assert (result.labels, result.left, result.invalid) == (6, 0, 1)
    assert result.ways == {"strict": 4, "empty": 1, "invalid": 1}
    assert result.histogram == {0: 2, 1: 1, 2: 1, 3: 1}
    lines = told(result, output)
    assert (
        lines[-1] == f"6 labels in {output}, 0 pairs of the pool left; 0: 2, 1: 1, 2: 1, 3: 1; 1 (16.7%) could not be read and stand as 0."
    )
    assert "1 passages without text, which are 0 and cost no call." in lines


def test_taken_up_where_it_was_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_judging, "BATCH", 2)
    output = tmp_path / "umbrela.qrels"

    def failing(prompt: str) -> str:
        if "Passage: none" in prompt:
            raise ModelError("gone")
        return by_word(prompt)

    with session(output, FakeGenerator(failing)) as work, pytest.raises(ModelError, match="gone"):
        work.run()
    assert read_qrels(output) == {"q1": {"d0": 0, "d1": 1, "d2": 2, "d3": 0}}
    generator = FakeGenerator(by_word)
    with session(output, generator) as work:
        work.run()
    assert len(generator.prompts) == 2
    assert len(read_log(output)) == 6


def test_a_line_that_a_kill_cut_short_is_judged_again(tmp_path: Path) -> None:
    output = tmp_path / "umbrela.qrels"
    with session(output, FakeGenerator(by_word)) as work:
        work.run()
    whole = log_path(output).read_bytes()
    ends = [place + 1 for place, byte in enumerate(whole) if byte == ord("\n")]
    for length in (ends[-1] - 1, ends[-1] - 2, ends[-2] + 1, ends[-2], ends[0] + 40, 5, 0):
        log_path(output).write_bytes(whole[:length])
        output.unlink()
        generator = FakeGenerator(by_word)
        with session(output, generator) as work:
            work.run()
        assert read_qrels(output)["q1"]["d5"] == 3
        assert log_path(output).read_bytes() == whole
    log_path(output).write_bytes(b"broken\n" + whole)
    with pytest.raises(BadLine, match="line 1"), session(output, FakeGenerator(by_word)):
        pass


def test_failed_calls_are_left_for_the_next_time(tmp_path: Path) -> None:
    output = tmp_path / "umbrela.qrels"
    pool = [PoolItem("q1", name, "a query", "", name) for name in "abcd"]
    with session(output, Flaky(), pool=pool) as work:
        work.run()
        result = work.result
    assert set(read_qrels(output)["q1"]) == {"a", "b", "d"}
    assert (result.left, result.faults, result.prompt_tokens) == (1, {"failed: status 500": 1}, 28)
    assert "1 not judged, asked again next time: failed: status 500" in told(result, output)


def test_labels_of_people_and_models_never_mix(tmp_path: Path) -> None:
    people, model = tmp_path / "alice.qrels", tmp_path / "umbrela.qrels"
    with Judging(POOL, people, judge="alice") as judging:
        judging.give(2)
    with session(model, FakeGenerator(by_word)) as work:
        work.run()
    before = {path: path.read_bytes() for path in (people, model)}
    with pytest.raises(DataError, match="holds the judgments of 'alice'"), session(people, FakeGenerator(by_word)):
        pass
    with pytest.raises(DataError, match="labels of a model"), Judging(POOL, model, judge="umbrela by FakeGenerator"):
        pass
    with pytest.raises(DataError, match="another model, prompt or setting"), session(model, FakeGenerator(by_word), prompt="llmjudge"):
        pass
    foreign = tmp_path / "foreign.qrels"
    write_qrels({"q1": {"d0": 1}}, foreign)
    with pytest.raises(DataError, match="'irloom judge' did not write"), session(foreign, FakeGenerator(by_word)):
        pass
    assert {path: path.read_bytes() for path in (people, model)} == before
    assert read_qrels(foreign) == {"q1": {"d0": 1}}


def test_a_pool_without_texts_and_a_second_process(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="make the pool with --dataset"):
        session(tmp_path / "a.qrels", FakeGenerator(by_word), pool=[PoolItem("q", "d")])
    with (
        session(tmp_path / "a.qrels", FakeGenerator(by_word)),
        pytest.raises(Locked),
        session(tmp_path / "a.qrels", FakeGenerator(by_word)),
    ):
        pass


def test_a_full_disk_is_told_with_the_file(tmp_path: Path) -> None:
    output = tmp_path / "umbrela.qrels"
    with session(output, FakeGenerator(by_word)) as work:
        log_path(output).symlink_to("/dev/full")
        with pytest.raises(OSError, match="No space left on device") as caught:
            work.run()
    assert caught.value.filename == str(log_path(output))


@pytest.mark.parametrize(("read", "alarm"), [(0, True), (1, True), (2, False), (4, False)])
def test_an_alarm_where_most_answers_cannot_be_read(tmp_path: Path, read: int, alarm: bool) -> None:
    pool = [PoolItem("q1", f"d{place}", "a query", "", "2" if place < read else "none") for place in range(4)]
    with session(tmp_path / "umbrela.qrels", FakeGenerator(by_word), pool=pool) as work:
        assert work.result.alarm == ""
        work.run()
        told_ = work.result.alarm
    assert told_.startswith(f"ALARM: {4 - read} of 4 labels (") if alarm else told_ == ""
