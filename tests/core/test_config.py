"""YAML: what cannot be read is named with its place, and never a traceback."""

from pathlib import Path

import pytest

from irloom.core.config import Builder, load_yaml
from irloom.core.errors import BadLine, BadValue, ConfigError, UnknownName


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
