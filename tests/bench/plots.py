"""Plots as SVG: lines over a plain grid, readable on white and on black."""

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

from tests.bench.figures import Curve, percentile

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 320, 70, 50, 40
TITLES = {
    "latency": "Press to centre, ms, by percentile",
    "passages": "Passages receipted, over seconds",
    "storm": "Alarms at the centre, over seconds",
    "outage": "Centre away: seconds from its return to the alarm, by the second of the press",
    "broker": "Broker away: press to centre, s, by the second of the press",
    "backlog": "Morning peak: passages without a receipt, in seconds of the peak, over seconds",
    "peak": "Morning peak: the slowest press to centre of ten seconds, ms, over seconds",
    "memory": "Memory of the gateway, MiB, over seconds",
}
"""Every plot of the report, in its order."""
_COLOURS = ("#3367b0", "#c4661f", "#2f8f5b", "#8a4fa3", "#b03a48", "#5f7d1f")
_LETTERS = 'font-family="sans-serif" font-size="12" fill="#888"'
_STEPS = 5
Point = tuple[float, float]


def latencies(found: dict[str, list[float]]) -> str:
    """Latency by share of presses: the right end is where it hurts."""
    shares = [number / 200 for number in range(1, 200)]
    curves = [
        Curve(name=name, points=[(share * 100, percentile(values, share)) for share in shares])
        for name, values in found.items()
        if values
    ]
    return lines(TITLES["latency"], curves)


def lines(title: str, curves: Sequence[Curve]) -> str:
    """Curves in one frame, from zero."""
    points = [point for curve in curves for point in curve.points]
    right = _nice(max((x for x, _ in points), default=1.0))
    top = _nice(max((y for _, y in points), default=1.0))
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {_LETTERS}>',
        f'<text x="{LEFT}" y="20" font-size="14">{escape(title)}</text>',
        *_grid(right, top),
    ]
    for number, curve in enumerate(curves):
        colour = _COLOURS[number % len(_COLOURS)]
        placed = [_placed(point, right, top) for point in curve.points]
        text = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        parts += [
            f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{text}"/>',
            _text(*_legend(number), curve.name, f'fill="{colour}"'),
        ]
    return "\n".join([*parts, "</svg>\n"])


def _legend(number: int) -> Point:
    """Three to a line."""
    return LEFT + 10 + number % 3 * 200, TOP - 4 + number // 3 * 14


def _grid(right: float, top: float) -> list[str]:
    parts = []
    for step in range(_STEPS + 1):
        x, y = _placed((right * step / _STEPS, top * step / _STEPS), right, top)
        _, base = _placed((0, 0), right, top)
        parts += [
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - 20}" stroke="#888" stroke-opacity=".3"/>',
            _text(LEFT - 8, y + 4, f"{top * step / _STEPS:g}", 'text-anchor="end"'),
            _text(x, base + 20, f"{right * step / _STEPS:g}", 'text-anchor="middle"'),
        ]
    return parts


def _text(x: float, y: float, text: str, how: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {how}>{escape(text)}</text>'


def _placed(point: Point, right: float, top: float) -> Point:
    x, y = point
    high = HEIGHT - BOTTOM - TOP - 10
    return LEFT + x / right * (WIDTH - LEFT - 20), HEIGHT - BOTTOM - y / top * high


def _nice(value: float) -> float:
    """The next number above that divides well."""
    if value <= 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(value))
    return next(size * step for step in (1, 2, 2.5, 5, 10) if value <= size * step)
