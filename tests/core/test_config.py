"""YAML: what cannot be read is named with its place, and never a traceback."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from irloom.core import registry
from irloom.core.config import Builder, load_yaml, yaml_text, yaml_value
from irloom.core.contracts import Generator
from irloom.core.errors import BadLine, BadValue, ConfigError, UnknownName
from irloom.core.registry import Component
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Query


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 2020-13-45\n", "month"),
        ("a: " + "9" * 5000 + "\n", "digits"),
        ("a: " + "[" * 3000 + "\n", "cannot be read"),
        ("a: &loop {b: *loop}\n", "never end"),
        ("[a, b]: 1\n", "no plain value"),
        ("a: 1\na: 2\n", "line 2: the key 'a' occurs twice"),
        ("- a\n", "found list"),
    ],
)
def test_yaml_that_cannot_be_read(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "e.yaml"
    path.write_text(text)
    with pytest.raises((BadLine, ConfigError), match=problem) as caught:
        load_yaml(path)
    assert str(path) in str(caught.value)


def test_a_value_out_of_range_is_named_with_its_place() -> None:
    builder = Builder({}, context={"corpus": object()}, where="e.yaml")
    with pytest.raises(BadValue, match=r"^e\.yaml: systems\.a\.maxsim\.depth is 0; expected 1 or more"):
        builder.reranker({"maxsim": {"encoder": "minilm", "depth": 0}}, where="systems.a")
    with pytest.raises(BadValue, match=r"^e\.yaml: systems\.a\.rrf\.of is \[\]"):
        builder.retriever({"rrf": {"of": []}}, where="systems.a")
    with pytest.raises(BadValue, match=r"systems\.a\.rrf\.of is 'bm25'; expected a list, such as \[bm25\]"):
        builder.retriever({"rrf": {"of": "bm25"}}, where="systems.a")
    with pytest.raises(UnknownName, match=r"^e\.yaml: systems\.a: unknown reranker 'maxsm'.*Did you mean 'maxsim'"):
        builder.reranker({"maxsm": {}}, where="systems.a")


class Echo:
    """A Generator."""

    def __init__(self, voice: str = "", extra: Mapping[str, Any] | None = None) -> None:
        self.voice, self.extra = voice, extra

    def generate(self, prompts: Sequence[str], *, max_new_tokens: int) -> list[str]:
        return [f"{self.voice}{prompt}"[:max_new_tokens] for prompt in prompts]


class Asking(Reranker):
    """A reranker whose model is a name, a Generator, or an Echo and nothing else."""

    fingerprint = "asking"

    def __init__(self, model: str | Generator, echo: Echo | None = None, *, depth: int = 5) -> None:
        self.model, self.echo, self.depth = model, echo, depth

    def rerank(self, queries: Sequence[Query], run: Run, *, k: int) -> Run:
        return run.cut(k)


def test_a_generator_is_built_where_one_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {("generator", "echo"): Echo, ("reranker", "asking"): Asking}
    found = [Component(name, kind, f"{cls.__module__}:{cls.__name__}", "") for (kind, name), cls in own.items()]
    monkeypatch.setattr(registry, "COMPONENTS", (*registry.COMPONENTS, *found))
    registry.table.cache_clear()
    try:
        builder = Builder({}, context={}, where="e.yaml")
        built = builder.reranker({"asking": {"model": {"echo": {"voice": "a "}}, "echo": {"echo": {}}}}, where="a")
        assert isinstance(built, Asking)
        assert isinstance(built.model, Echo)
        assert built.model.generate(["b"], max_new_tokens=9) == ["a b"]
        assert isinstance(built.echo, Echo)
        assert builder.generator({"echo": {"extra": {"seed": 1}}}, where="a").extra == {"seed": 1}
        with pytest.raises(BadValue, match=r"echo\.extra is 3; expected Mapping or none"):
            builder.generator({"echo": {"extra": 3}}, where="a")
        assert builder.reranker({"asking": {"model": "a name"}}, where="a").model == "a name"  # type: ignore[attr-defined]
        with pytest.raises(UnknownName, match=r"asking\.model\.echo: unknown key 'voise'.*Did you mean 'voice'"):
            builder.reranker({"asking": {"model": {"echo": {"voise": ""}}}}, where="a")
        with pytest.raises(UnknownName, match=r"asking\.model: unknown model 'eco'.*Did you mean 'echo'"):
            builder.reranker({"asking": {"model": {"eco": {}}}}, where="a")
    finally:
        registry.table.cache_clear()


@pytest.mark.parametrize(
    "value", [0.001, 1e-7, 1e30, "1e-3", "1.5e3", "-2E+10", "1e3x", "12e4567", 3, "3", True, "true", None, "é", [1e-3, "1e-3"]]
)
def test_what_is_written_is_read_again(tmp_path: Path, value: object) -> None:
    (tmp_path / "a.yaml").write_text(yaml_text({"a": value}), encoding="utf-8")
    assert load_yaml(tmp_path / "a.yaml") == {"a": value}


def test_numbers_are_those_of_yaml_1_2() -> None:
    for text, value in (
        ("1e-3", 1e-3),
        ("+2E5", 2e5),
        ("-1.e2", -100.0),
        ("1.5e+3", 1500.0),
        ("12e4567", "12e4567"),
        ("e3", "e3"),
        ("1e", "1e"),
    ):
        assert yaml_value(text, where="--set x") == value


def test_a_value_alone() -> None:
    assert yaml_value("[1, 2.5, a]", where="--set x") == [1, 2.5, "a"]
    assert yaml_value("", where="--set x") is None
    for text in ("{a: 1, a: 2}", "[", "9" * 5000, "2020-13-45"):
        with pytest.raises(BadValue, match="--set x"):
            yaml_value(text, where="--set x")
