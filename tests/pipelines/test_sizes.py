"""Sizes as people write them."""

import pytest

from irloom.core.errors import BadValue
from irloom.pipelines.sizes import parse_size, size_text


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2GB", 2 * 10**9),
        ("2gb", 2 * 10**9),
        ("2G", 2 * 10**9),
        ("2GiB", 2 << 30),
        (" 1.5 MiB ", 3 << 19),
        (".5k", 500),
        ("4000", 4000),
        ("7b", 7),
        ("1T", 10**12),
    ],
)
def test_sizes(text, size) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "GB", "2 GB extra", "-1GB", "2XB", "1e9", "2,000", "inf", "nan", "２GB"])
def test_what_is_no_size(text) -> None:
    with pytest.raises(BadValue, match="a size such as 2GB"):
        parse_size(text)


def test_too_small_says_the_least() -> None:
    with pytest.raises(BadValue, match=r"max-memory is '1MB'; expected 64\.0 MB or more"):
        parse_size("1MB", name="max-memory", least=64 * 10**6)


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 bytes"), (1000, "1.00 kB"), (999_600, "1.00 MB"), (12_345, "12.3 kB"), (5 * 10**15, "5000 TB")]
)
def test_texts(size, text) -> None:
    assert size_text(size) == text
