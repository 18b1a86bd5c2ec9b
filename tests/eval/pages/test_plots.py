import re

import numpy as np
import pytest

from irloom.eval.bootstrap import Interval
from irloom.eval.pages.plots import Point, deltas, quality_against_latency, share, swatch, won_and_lost


def point(name: str, place: int, latency: float, mean: float) -> Point:
    return Point(name, place, latency, Interval(mean, mean - 0.02, mean + 0.02))


def marks(svg: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"translate\(([\d.]+) ([\d.]+)\)", svg)]


def test_points_stand_by_the_logarithm_of_the_latency() -> None:
    svg = quality_against_latency([point("a", 0, 1.0, 0.5), point("b", 1, 10.0, 0.6), point("c", 2, 100.0, 0.7)], "nDCG@10")
    (x0, y0), (x1, y1), (x2, y2) = marks(svg)
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.2)
    assert y0 - y1 == pytest.approx(y1 - y2, abs=0.2)
    assert y0 > y1  # better is higher, and y points down
    assert "<title" in svg
    assert "a 0.500 at 1.00 ms; b 0.600 at 10.00 ms" in svg


def test_one_point_and_equal_points_are_inside() -> None:
    for points in ([point("a", 0, 2.5, 0.0)], [point("a", 0, 3.0, 0.5), point("b", 9, 3.0, 0.5)], [Point("a", 0, 1e-4, Interval(1, 1, 1))]):
        for x, y in marks(quality_against_latency(points, "RR")):
            assert 44 < x < 348
            assert 14 <= y <= 220


@pytest.mark.parametrize("mean", [0.0, 0.5])
@pytest.mark.parametrize("systems", [2, 5, 40])
def test_names_do_not_stand_on_each_other_and_stay_inside(systems: int, mean: float) -> None:
    svg = quality_against_latency([point(f"system{place}", place, 5.0, mean - place / 1e4) for place in range(systems)], "RR")
    heights = [float(y) for y in re.findall(r'class="name" x="[\d.]+" y="([\d.]+)"', svg)]
    assert len(heights) == min(systems, 15)
    assert min(np.diff(heights)) >= 12.9
    assert heights[0] > 10
    assert heights[-1] <= 218
    assert len(marks(svg)) == systems


def test_32_systems_look_different() -> None:
    assert len({swatch(place) for place in range(32)}) == 32


def test_a_bar_per_query_sorted() -> None:
    svg = deltas(np.array([0.0, -0.5, 0.25, 0.5]), "dense", place=1, identity="d")
    bars = [(float(x), float(top)) for x, top in re.findall(r"M([\d.]+) [\d.]+h[\d.]+V([\d.]+)", svg)]
    assert len(bars) == 3  # no bar for no difference
    tops = [top for _, top in sorted(bars)]
    assert tops == sorted(tops)
    assert "dense: 2 better, 1 equal, 1 worse" in svg


def test_many_queries_keep_the_plot_small_and_its_ends() -> None:
    values = np.random.default_rng(0).normal(0, 0.1, 100_000)
    values[5] = 1.0
    svg = deltas(values, "dense", place=0, identity="d")
    assert len(svg) < 20_000
    assert "+1.00" in svg
    assert re.search(r"V8\.0", svg)


def test_nothing_differs_and_no_queries() -> None:
    for values in (np.zeros(3), np.zeros(0)):
        assert 'd=""' in deltas(values, "same", place=0, identity="d")
    assert won_and_lost(np.zeros(3)) == "0 better, 3 equal, 0 worse"


def test_a_share_is_a_width() -> None:
    assert 'class="fill s3" width="25.0"' in share(0.25, place=11)
