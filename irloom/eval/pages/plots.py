"""Plots as SVG in the page: no script draws them, and the page's style sheet colours them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irloom.eval.bootstrap import Interval
from irloom.eval.pages.markup import Html, joined, plain

COLOURS = 8
"""How many colours the style sheet has for systems: classes `s0` to `s7`."""

BARS = 300
"""How many bars the plot of differences has room for."""

_WIDTH, _HEIGHT = 360, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 14, 40
_LINE = 13
_NAMES = 15


@dataclass(frozen=True, slots=True)
class Point:
    """A system in the plot of quality against latency.

    Attributes:
        name: the system.
        place: among the systems, for its colour and shape.
        latency_ms: milliseconds per query, above 0.
        interval: of the measure.
    """

    name: str
    place: int
    latency_ms: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class _Scale:
    """Turns a value into a coordinate, from `low` at `start` to `high` at `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def figure(width: int, height: int, title: str, parts: Sequence[Html], *, identity: str, kind: str) -> Html:
    """An SVG with its title, which is what a screen reader says."""
    return Html(
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{identity}">'
        f'<title id="{identity}">{plain(title)}</title>{joined(parts)}</svg>'
    )


def quality_against_latency(points: Sequence[Point], measure: str) -> Html:
    """Each system's mean and interval over its latency, on a logarithmic axis."""
    x_low, x_high = _log_range([point.latency_ms for point in points])
    y_low, y_high = _range(min(point.interval.low for point in points), max(point.interval.high for point in points))
    x = _Scale(x_low, x_high, _LEFT, _WIDTH - _RIGHT)
    y = _Scale(y_low, y_high, _HEIGHT - _BOTTOM, _TOP)
    parts = [*_x_axis(x), *_y_axis(y), _label(_WIDTH - _RIGHT, _HEIGHT - 4, "milliseconds per query (logarithmic)", anchor="end")]
    parts.append(_label(2, _TOP - 4, measure, anchor="start"))
    parts += [_whisker(point, x(math.log10(point.latency_ms)), y) for point in points]
    parts += _names(points, x, y)
    parts += [_mark(point, x(math.log10(point.latency_ms)), y) for point in points]
    told = "; ".join(f"{point.name} {point.interval.mean:.3f} at {point.latency_ms:.2f} ms" for point in points)
    return figure(_WIDTH, _HEIGHT, f"{measure} against milliseconds per query: {told}", parts, identity="latency-plot", kind="plot")


def deltas(values: NDArray[np.float64], name: str, *, place: int, identity: str) -> Html:
    """Bars of the differences of one system to the baseline, one per query, sorted; float64 (q,).

    Where there are more queries than `BARS`, that many of the sorted differences are drawn, at even distances and with both ends.
    """
    ordered = np.sort(values)[::-1]
    drawn = ordered[np.linspace(0, len(ordered) - 1, min(BARS, len(ordered))).round().astype(np.int64)] if len(ordered) else ordered
    top = max(float(np.abs(values).max(initial=0)), 1e-9)
    height = 120
    y = _Scale(-top, top, height - 8, 8)
    step = (_WIDTH - _LEFT - _RIGHT) / max(1, len(drawn))
    path = "".join(
        f"M{_LEFT + step * bar:.1f} {y(0):.1f}h{step:.2f}V{y(value):.1f}h{-step:.2f}z" for bar, value in enumerate(drawn.tolist()) if value
    )
    axis = [_line(_LEFT, y(0), _WIDTH - _RIGHT, y(0), "axis")]
    axis += [_label(_LEFT - 5, y(tick) + 4, _signed(tick), anchor="end") for tick in (-top, 0.0, top)]
    bars = Html(f'<path class="bars s{place % COLOURS}" d="{path}"/>')
    return figure(_WIDTH, height, f"{name}: {won_and_lost(values)}", [*axis, bars], identity=identity, kind="plot")


def won_and_lost(values: NDArray[np.float64]) -> str:
    """How many queries are better, equal and worse."""
    better, worse = int((values > 0).sum()), int((values < 0).sum())
    return f"{better:,} better, {len(values) - better - worse:,} equal, {worse:,} worse"


def share(value: float, *, place: int) -> Html:
    """A bar of a share between 0 and 1; it repeats a number beside it, so that readers are not told of it."""
    return Html(
        '<svg class="share" viewBox="0 0 100 10" aria-hidden="true" preserveAspectRatio="none">'
        '<rect class="track" width="100" height="10"/>'
        f'<rect class="fill s{place % COLOURS}" width="{100 * min(1.0, max(0.0, value)):.1f}" height="10"/></svg>'
    )


def swatch(place: int) -> Html:
    """The colour and shape of a system, for headings."""
    return Html(f'<svg class="swatch" viewBox="-7 -7 14 14" aria-hidden="true">{_shape(place)}</svg>')


def _shape(place: int) -> Html:
    paths = ("M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z", "M-4.5-4.5h9v9h-9z", "M0-6L5.5 4.5h-11z", "M0-6L6 0L0 6L-6 0z")
    return Html(f'<path class="mark s{place % COLOURS}" d="{paths[(place + place // COLOURS) % len(paths)]}"/>')


def _whisker(point: Point, x: float, y: _Scale) -> Html:
    low, high = y(point.interval.low), y(point.interval.high)
    path = f"M{x:.1f} {low:.1f}V{high:.1f}m-4 0h8M{x - 4:.1f} {low:.1f}h8"
    return Html(f'<path class="whisker s{point.place % COLOURS}" d="{path}"/>')


def _mark(point: Point, x: float, y: _Scale) -> Html:
    return Html(f'<g transform="translate({x:.1f} {y(point.interval.mean):.1f})">{_shape(point.place)}</g>')


def _names(points: Sequence[Point], x: _Scale, y: _Scale) -> list[Html]:
    """The names beside the marks, moved where they would stand on each other; of many systems only the best have one."""
    named = sorted(points, key=lambda point: (-point.interval.mean, point.place))[:_NAMES]
    heights: list[float] = []
    for point in named:
        heights.append(max(y(point.interval.mean) + 4, heights[-1] + _LINE if heights else 0.0))
    lowest = float(_HEIGHT - _BOTTOM - 2)
    for place in reversed(range(len(heights))):
        heights[place] = min(heights[place], lowest)
        lowest = heights[place] - _LINE
    names = []
    for point, height in zip(named, heights, strict=True):
        across = x(math.log10(point.latency_ms))
        left = across > _WIDTH * 0.6
        names.append(_label(across + (-9 if left else 9), height, _short(point.name), anchor="end" if left else "start", kind="name"))
    return names


def _x_axis(x: _Scale) -> list[Html]:
    bottom = _HEIGHT - _BOTTOM
    parts = [_line(_LEFT, bottom, _WIDTH - _RIGHT, bottom, "axis")]
    steps = (1, 2, 5) if x.high - x.low <= 2.6 else (1,)
    for power in range(math.floor(x.low), math.ceil(x.high) + 1):
        for step in steps:
            value = step * 10.0**power
            if x.low <= math.log10(value) <= x.high:
                across = x(math.log10(value))
                parts += [_line(across, _TOP, across, bottom, "grid"), _label(across, bottom + 15, f"{value:g}", anchor="middle")]
    return parts


def _y_axis(y: _Scale) -> list[Html]:
    step = _step(y.high - y.low)
    ticks = np.arange(math.ceil(y.low / step), math.floor(y.high / step) + 1) * step
    parts = []
    for tick in ticks.tolist():
        parts.append(_line(_LEFT, y(tick), _WIDTH - _RIGHT, y(tick), "grid"))
        parts.append(_label(_LEFT - 5, y(tick) + 4, f"{tick:.{max(0, -math.floor(math.log10(step)))}f}", anchor="end"))
    return parts


def _step(span: float) -> float:
    """A round distance for about five ticks."""
    rough = span / 5
    power = 10.0 ** math.floor(math.log10(rough))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= rough))


def _range(low: float, high: float) -> tuple[float, float]:
    margin = 0.08 * (high - low) or 0.05 * abs(high) or 0.05
    return low - margin, high + margin


def _log_range(values: Sequence[float]) -> tuple[float, float]:
    """The decimal logarithms of the ends; at least a factor of four apart."""
    low, high = math.log10(min(values)), math.log10(max(values))
    margin = max(0.12 * (high - low), (0.6 - (high - low)) / 2, 0.1)
    return low - margin, high + margin


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Html:
    return Html(f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')


def _label(x: float, y: float, text: str, *, anchor: str, kind: str = "tick") -> Html:
    return Html(f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{plain(text)}</text>')


def _short(name: str) -> str:
    return name if len(name) <= 24 else f"{name[:23]}…"


def _signed(value: float) -> str:
    return f"{value:+.2f}" if value else "0"
