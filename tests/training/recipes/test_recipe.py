from pathlib import Path
from random import Random
from typing import Any

import pytest

from irloom.core.errors import BadValue, ConfigError, IrloomError, UnknownName
from irloom.training.recipes.recipe import parse_recipe, read_recipe

STAGE = {"name": "first", "steps": 10, "documents": [3, 5], "losses": {"ranknet": 10, "answer": 1}}
SMALLEST: dict[str, Any] = {"name": "small", "stages": [STAGE], "datasets": {"here": 1}}


def test_a_recipe_is_read() -> None:
    recipe = parse_recipe({**SMALLEST, "model": {"dim": 64, "heads": 4}, "lists": {"words": [2, 4]}, "optimiser": {"rate": 1}}, where="r")
    assert (recipe.model.dim, recipe.model.layers, recipe.lists.words, recipe.optimiser.rate) == (64, 3, (2, 4), 1.0)
    assert recipe.stages[0].losses == {"ranknet": 10, "answer": 1}


def test_stages_follow_each_other() -> None:
    recipe = parse_recipe({**SMALLEST, "stages": [STAGE, {**STAGE, "name": "second", "steps": 5}]}, where="r")
    assert recipe.steps == 15
    assert [recipe.stage(step)[0].name for step in (0, 9, 10, 14)] == ["first", "first", "second", "second"]
    assert [recipe.stages[0].size(step, Random(0)) for step in range(10)] == [3, 3, 3, 4, 4, 4, 4, 5, 5, 5]
    with pytest.raises(BadValue):
        recipe.stage(15)


def test_some_lists_are_shorter() -> None:
    """Half of them have what the step says, the others anything from the fewest on."""
    [stage] = parse_recipe({**SMALLEST, "stages": [{**STAGE, "documents": [5, 20], "shorter": 0.5}]}, where="r").stages
    sizes = [stage.size(9, Random(seed)) for seed in range(2000)]
    assert set(sizes) == set(range(5, 21))
    assert 0.48 < sizes.count(20) / 2000 < 0.58
    assert {stage.size(0, Random(seed)) for seed in range(50)} == {5}


def test_the_key_tells_what_decides_the_weights() -> None:
    """How often checkpoints are written does not; anything else does."""
    recipe = parse_recipe(SMALLEST, where="r")
    assert parse_recipe({**SMALLEST, "optimiser": {"every": 7}}, where="r").key == recipe.key
    assert parse_recipe({**SMALLEST, "seed": 1}, where="r").key != recipe.key
    assert parse_recipe({**SMALLEST, "stages": [{**STAGE, "steps": 11}]}, where="r").key != recipe.key


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown key": ({"stage": []}, "stages"),
    "unknown stage key": ({"stages": [{**STAGE, "step": 3}]}, "steps"),
    "no steps": ({"stages": [{**STAGE, "steps": 0}]}, "1 or more"),
    "too many documents": ({"stages": [{**STAGE, "documents": [3, 21]}]}, "20"),
    "one number of documents": ({"stages": [{**STAGE, "documents": [3]}]}, "2 whole numbers"),
    "more shorter lists than lists": ({"stages": [{**STAGE, "shorter": 1.5}]}, "a share from 0 to 1"),
    "ordered is a share": ({"stages": [{**STAGE, "ordered": True}]}, "float"),
    "no queries": ({"stages": [{**STAGE, "queries": 0}]}, "1 or more"),
    "unknown loss": ({"stages": [{**STAGE, "losses": {"ranknets": 1}}]}, "ranknet"),
    "unknown model key": ({"model": {"width": 3}}, "dim"),
    "wrong kind": ({"model": {"dim": "wide"}}, "int"),
    "truth is no number": ({"seed": True}, "int"),
    "width and heads": ({"model": {"dim": 100, "heads": 3}}, "twice the heads"),
    "a share": ({"lists": {"copied": 2}}, "from 0 to 1"),
    "no datasets": ({"datasets": {}}, "dataset"),
    "a name with a slash": ({"name": "a/b"}, "folder"),
    "stages are no list": ({"stages": 3}, "list"),
    "a stage is no mapping": ({"stages": [3]}, "mapping"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named(name: str) -> None:
    change, told = WRONG[name]
    with pytest.raises(IrloomError, match=told):
        parse_recipe({**SMALLEST, **change}, where="r.yaml")


def test_required_keys() -> None:
    with pytest.raises(ConfigError, match="stages"):
        parse_recipe({"name": "small", "datasets": {"here": 1}}, where="r")
    with pytest.raises(UnknownName, match="ranknet"):
        parse_recipe({**SMALLEST, "stages": [{**STAGE, "losses": {"rnknet": 1}}]}, where="r")


def test_the_recipes_of_the_repository() -> None:
    folder = Path(__file__).parents[3] / "configs" / "training"
    found = sorted(folder.glob("*.yaml"))
    assert found
    for path in found:
        assert read_recipe(path).steps > 0
