"""A plot of lines as SVG: recall across, queries a second upwards on a logarithmic scale."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 860, 480, 80, 230, 48, 56
COLOURS = ("#0b6e4f", "#c8553d", "#28559a", "#8a5a83", "#b8860b", "#4c4c4c", "#2a9d8f", "#9c2c77")
DASHES = ("", "7 3", "2 3")

Line = Sequence[tuple[float, float]]


def write_curves(path: Path, title: str, lines: Mapping[str, Line], *, least: float = 0.8) -> None:
    """Writes the plot.

    Args:
        path: of the SVG file.
        title: over the plot.
        lines: by name, points of recall and queries a second; those below `least` are left out.
        least: the recall at the left edge.
    """
    shown = {name: sorted(point for point in points if point[0] >= least) for name, points in lines.items()}
    rates = [rate for points in shown.values() for _, rate in points]
    low, high = math.floor(math.log10(min(rates))), math.ceil(math.log10(max(rates)))

    def across(recall: float) -> float:
        return LEFT + (recall - least) / (1 - least) * (WIDTH - LEFT - RIGHT)

    def upwards(rate: float) -> float:
        return HEIGHT - BOTTOM - (math.log10(rate) - low) / max(1, high - low) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="26" font-size="16" font-weight="bold">{escape(title)}</text>',
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 14}" text-anchor="middle">recall at 10</text>',
        f'<text transform="translate(20 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">queries a second</text>',
    ]
    for step in range(5):
        recall = least + step * (1 - least) / 4
        parts.append(_rule(across(recall), TOP, across(recall), HEIGHT - BOTTOM))
        parts.append(f'<text x="{across(recall):.0f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{recall:.2f}</text>')
    for power in range(low, high + 1):
        parts.append(_rule(LEFT, upwards(10**power), WIDTH - RIGHT, upwards(10**power)))
        parts.append(f'<text x="{LEFT - 8}" y="{upwards(10**power) + 4:.0f}" text-anchor="end">{10**power:,}</text>')
    for number, (name, points) in enumerate(shown.items()):
        look = (
            f'stroke="{COLOURS[number % len(COLOURS)]}" stroke-width="2" stroke-dasharray="{DASHES[number // 3 % len(DASHES)]}" fill="none"'
        )
        places = [f"{across(recall):.1f},{upwards(rate):.1f}" for recall, rate in points]
        parts.append(f'<polyline points="{" ".join(places)}" {look}/>')
        parts += [f'<circle cx="{place.split(",")[0]}" cy="{place.split(",")[1]}" r="2.5" {look}/>' for place in places]
        height = TOP + 14 + 22 * number
        parts.append(f'<line x1="{WIDTH - RIGHT + 16}" y1="{height}" x2="{WIDTH - RIGHT + 46}" y2="{height}" {look}/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 54}" y="{height + 4}">{escape(name)}</text>')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*parts, "</svg>"]) + "\n", encoding="utf-8")


def _rule(x: float, y: float, end_x: float, end_y: float) -> str:
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{end_x:.1f}" y2="{end_y:.1f}" stroke="#ddd"/>'
