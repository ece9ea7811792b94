"""Draws outcomes as an SVG: bars for messages a second, on a logarithmic scale."""

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

from benchmarks.measure import Measurement, Outcome
from benchmarks.table import number

WIDTH, LABELS, FIGURES = 760, 190, 70
BAR, GAP, HEADING, CAPTION = 14, 4, 34, 20
COLOURS = {True: "#0b7285", False: "#adb5bd"}
FONT = 'font-family="sans-serif" font-size="11"'


def draw(outcomes: Sequence[Outcome]) -> str:
    """Give the picture of all cases, one below the other."""
    rows = [
        f'<text x="8" y="16" {FONT}>Messages a second, logarithmic scale; thin lines from lowest to highest</text>'
    ]
    y = CAPTION
    for outcome in outcomes:
        if not outcome.measurements:
            continue
        y += HEADING
        title = f"{outcome.case.title} ({outcome.receiver})"
        rows.append(f'<text x="8" y="{y - 8}" {FONT} font-weight="bold">{escape(title)}</text>')
        highest = max(one.rate.highest for one in outcome.measurements)
        lowest = min(one.rate.lowest for one in outcome.measurements)
        for one in outcome.measurements:
            rows += _bar(one, y, floor=lowest / 2, ceiling=highest)
            y += BAR + GAP
    height = y + GAP
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            "<title>eilbote and its peers, messages a second, logarithmic scale</title>",
            f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
            *rows,
            "</svg>\n",
        ]
    )


def _bar(one: Measurement, y: int, *, floor: float, ceiling: float) -> list[str]:
    room = WIDTH - LABELS - FIGURES

    def length(rate: float) -> float:
        return room * math.log(rate / floor) / math.log(ceiling / floor)

    middle, rate, colour = y + BAR / 2, one.rate, COLOURS[one.client.is_eilbote]
    low, high = LABELS + length(rate.lowest), LABELS + length(rate.highest)
    return [
        f'<text x="{LABELS - 8}" y="{y + BAR - 3}" {FONT} text-anchor="end">{escape(one.client.name)}</text>',
        f'<rect x="{LABELS}" y="{y}" width="{length(rate.median):.1f}" height="{BAR}" fill="{colour}"/>',
        f'<path d="M{low:.1f} {middle}H{high:.1f}" stroke="#212529"/>',
        f'<text x="{high + 6:.1f}" y="{y + BAR - 3}" {FONT}>{number(rate.median)}</text>',
    ]
