"""Errors: one root, texts that say what was asked, found and to be done."""

import inspect

import pytest

from irloom.core import errors, optional


def test_every_error_descends_from_the_root() -> None:
    classes = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if cls.__module__ == errors.__name__]
    assert len(classes) >= 18
    assert all(issubclass(cls, errors.IrloomError) for cls in classes)


def test_texts() -> None:
    line = errors.BadLine("corpus.jsonl", 812, "field '_id' is missing; each line needs '_id' and 'text'")
    assert str(line) == "corpus.jsonl line 812: field '_id' is missing; each line needs '_id' and 'text'"
    assert (line.line, line.problem[:5]) == (812, "field")
    assert errors.UnknownName("measure", "ndgc", ["nDCG", "RR"]).suggestion == "nDCG"
    assert errors.UnknownName("measure", "zzzz", []).suggestion is None
    assert "a.b" in str(errors.SpaceMismatch("p", asked="a.b", found="c"))


def test_a_missing_extra_says_how_to_get_it() -> None:
    with pytest.raises(errors.MissingExtra, match=r"Thing needs the package 'no_such_module', .* pip install 'irloom\[models\]'"):
        optional.require("no_such_module.inner", extra="models", purpose="Thing")
    assert optional.require("json.decoder", extra="models").__name__ == "json.decoder"
    assert not optional.available("no_such_module")


def test_a_very_long_value_is_cut_in_the_text_and_whole_in_the_attribute() -> None:
    error = errors.BadValue("text", "x" * 100_000, "less")
    assert len(str(error)) < 400
    assert error.value == "x" * 100_000
    assert "100,002 characters" in str(error)


def test_a_known_name_is_listed_once() -> None:
    assert str(errors.UnknownName("analyzer", "englsh", ["english", "code", "english"])).count("english") == 2  # listed, and suggested
