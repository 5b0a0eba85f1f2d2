"""Charts: figures laid out as pictures, in a picture's own units; templates/charts.html draws them.

Pure: numbers in, places out. Everything that can be read in a picture stands in a table beside it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 640.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 48.0, 28.0, 20.0, 34.0
ROW, ROW_VALUE = 44.0, 130.0
LETTERS = 70
"""So many of a row's name have room above its bar."""
_STEPS = 4
_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A word somewhere in the picture; `anchor` as SVG says it."""

    x: float
    y: float
    text: str
    anchor: str = "middle"
    kind: str = "tick"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    kind: str = "grid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A filled box; `text` is what a pointer on it reads."""

    x: float
    y: float
    width: float
    height: float
    kind: str = "bar"
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A curve; `path` as SVG draws it."""

    path: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is drawn, from behind to the front."""

    id: str
    title: str
    told: str
    """What it shows, in a sentence, for who does not see it."""
    width: float = WIDTH
    height: float = HEIGHT
    rules: Sequence[Rule] = ()
    areas: Sequence[Area] = ()
    lines: Sequence[Line] = ()
    labels: Sequence[Label] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A named line of points, in the values' own units."""

    name: str
    kind: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A point to be reached, with its name."""

    x: float
    y: float
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its value, what a pointer reads, the name below it (empty: none)."""

    value: float
    text: str
    name: str = ""
    kind: str = "bar"
    sign: str = ""
    """What stands above it, so that its kind is no matter of colour alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: its name, its value as a length and in words."""

    name: str
    value: float
    said: str
    kind: str = "bar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """From zero to `top`, with the words at some of its values."""

    top: float
    ticks: Sequence[tuple[float, str]] = field(default_factory=tuple)


def steps(across: Axis, up: Axis, curves: Sequence[Curve], marks: Sequence[Mark]) -> Picture:
    """Curves that rise in steps, and the marks that they should pass above."""
    x, y = _across(across), _up(up)
    rules, labels = _frame(across, up)
    for mark in marks:
        at, height = x(mark.x), y(mark.y)
        rules.append(Rule(x1=at, y1=y(0), x2=at, y2=height, kind="goal"))
        rules.append(Rule(x1=at - 7, y1=height, x2=at + 7, y2=height, kind="goal-top"))
        labels.append(Label(x=at + 10, y=height + 18, text=mark.name, anchor="start", kind="goal"))
    return Picture(
        id="", title="", told="",
        rules=rules,
        lines=[Line(path=_stepped(one.points, x, y), kind=one.kind) for one in curves],
        labels=labels,
    )  # fmt: skip


def columns(found: Sequence[Column], up: Axis, lines: Sequence[tuple[float, str, str]]) -> Picture:
    """Columns side by side, and lines across: (value, words, kind)."""
    across = Axis(top=float(max(1, len(found))))
    x, y = _across(across), _up(up)
    rules, labels = _frame(across, up)
    for value, words, kind in lines:
        if value <= up.top:
            rules.append(Rule(x1=LEFT, y1=y(value), x2=WIDTH - RIGHT, y2=y(value), kind=kind))
            at = Label(x=LEFT + 6, y=y(value) - 5, text=words, anchor="start", kind=kind)
            labels.append(at)
    step = x(1) - x(0)
    wide = max(0.6, step * (0.7 if step > 4 else 0.92))  # noqa: PLR2004 - thin ones need no gap
    areas = []
    for place, one in enumerate(found):
        left, high = x(place) + (step - wide) / 2, y(min(one.value, up.top))
        tall = _rounded(y(0) - high)
        if one.value > 0:
            box = Area(x=_rounded(left), y=_rounded(high), width=_rounded(wide), height=tall,
                       kind=one.kind, text=one.text)  # fmt: skip
            areas.append(box)
        if one.sign:
            labels.append(Label(x=left + wide / 2, y=high - 4, text=one.sign, kind="sign"))
        if one.name:
            labels.append(Label(x=left + wide / 2, y=HEIGHT - 12, text=one.name))
    return Picture(id="", title="", told="", rules=rules, areas=areas, labels=labels)


def rows(found: Sequence[Row]) -> Picture:
    """Bars below each other, each with its name above it and its value behind it."""
    top = max((row.value for row in found), default=0.0) or 1.0
    room = WIDTH - ROW_VALUE
    areas, labels = [], []
    for place, row in enumerate(found):
        y, long = place * ROW, max(1.5, _rounded(room * row.value / top))
        said = f"{row.name}: {row.said}"
        areas.append(Area(x=0, y=y + 22, width=long, height=14, kind=row.kind, text=said))
        labels += [
            Label(x=0, y=y + 16, text=_cut(row.name, LETTERS), anchor="start", kind="name"),
            Label(x=long + 8, y=y + 34, text=row.said, anchor="start", kind="value"),
        ]
    return Picture(
        id="", title="", told="", height=max(ROW, ROW * len(found)), areas=areas, labels=labels
    )


def nice(value: float, least: float = 1.0) -> float:
    """A round number not below that value."""
    wanted = max(value, least)
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(one * power for one in _NICE if one * power >= wanted * 0.999)


def ticks(top: float) -> list[float]:
    """Round values from zero to the top."""
    return [top * step / _STEPS for step in range(_STEPS + 1)]


def _frame(across: Axis, up: Axis) -> tuple[list[Rule], list[Label]]:
    x, y = _across(across), _up(up)
    rules = [Rule(x1=LEFT, y1=y(v), x2=WIDTH - RIGHT, y2=y(v)) for v, _ in up.ticks]
    labels = [Label(x=LEFT - 8, y=y(v) + 5, text=text, anchor="end") for v, text in up.ticks]
    labels += [Label(x=x(v), y=HEIGHT - 12, text=text) for v, text in across.ticks]
    rules.append(Rule(x1=LEFT, y1=y(0), x2=WIDTH - RIGHT, y2=y(0), kind="ground"))
    return rules, labels


class _Scale:
    """From values to places."""

    def __init__(self, begin: float, end: float, top: float) -> None:
        self._begin, self._unit = begin, (end - begin) / top

    def __call__(self, value: float) -> float:
        return _rounded(self._begin + value * self._unit)


def _across(axis: Axis) -> _Scale:
    return _Scale(LEFT, WIDTH - RIGHT, axis.top)


def _up(axis: Axis) -> _Scale:
    return _Scale(HEIGHT - BOTTOM, TOP, axis.top)


def _stepped(points: Sequence[tuple[float, float]], x: _Scale, y: _Scale) -> str:
    if not points:
        return ""
    parts = [f"M{x(points[0][0]):g},{y(points[0][1]):g}"]
    for along, high in points[1:]:
        parts += [f"H{x(along):g}", f"V{y(high):g}"]
    return "".join(parts)


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"


def _rounded(value: float) -> float:
    return round(value, 1)
