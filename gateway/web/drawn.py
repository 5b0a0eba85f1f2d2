"""Drawn: a report's figures as pictures, with a reader's words on them."""

from dataclasses import replace
from datetime import timedelta

from gateway import report
from gateway.domain import period
from gateway.domain.figures import FLOOD, GOALS, MANAGEABLE, Claims, Slot
from gateway.domain.kind import Priority
from gateway.domain.period import Period
from gateway.domain.site import Registry
from gateway.report import Report
from gateway.web import charts
from gateway.web.charts import Axis, Column, Curve, Mark, Picture, Row
from gateway.web.spoken import Speech

CURVE_S = 120
"""How far the picture of claims reaches: twice the last goal."""
DAILY_FROM = timedelta(days=8)
ROWS = 10
"""So many rows are drawn; the table beside them has all."""
SIGN = "▲"
"""Above a column that is a flood."""


def claims(found: Report, speech: Speech) -> Picture:
    """Which share of alarms was taken within how many seconds, beside the goals."""
    curves = [
        Curve(
            name=f"P{int(priority)}",
            kind=f"curve p{int(priority)}",
            points=[(s, 100 * (one.share(s) or 0.0)) for s in range(CURVE_S + 1)],
        )
        for priority, one in found.claims.items()
        if one.raised
    ]
    marks = [
        Mark(
            x=goal.within_s,
            y=100 * goal.share,
            name=speech.say("report.goal", s=goal.within_s, share=speech.percent(goal.share)),
        )
        for goal in GOALS
    ]
    across = Axis(
        top=CURVE_S,
        ticks=[(s, speech.say("lasting.s", n=s)) for s in range(0, CURVE_S + 1, 30)],
    )
    up = Axis(top=100, ticks=[(v, speech.percent(v / 100)) for v in charts.ticks(100)])
    told = "; ".join(_told(priority, one, speech) for priority, one in found.claims.items())
    return _named(charts.steps(across, up, curves, marks), "claims", told, speech)


def load(found: Report, speech: Speech) -> Picture:
    """Alarms per operator in ten minutes: all of them of a day, else the worst of each stretch."""
    groups = _groups(found)
    top = charts.nice(max((slot.each for _, slot in groups if slot), default=0.0), FLOOD + 2)
    up = Axis(top=top, ticks=[(v, speech.number(v, 1)) for v in charts.ticks(top)])
    lines = [
        (FLOOD, speech.say("report.flood_line", n=speech.number(FLOOD)), "limit"),
        (
            MANAGEABLE,
            speech.say("report.manageable_line", n=speech.number(MANAGEABLE)),
            "limit low",
        ),
    ]
    named = max(1, len(groups) // 7)
    columns = [
        _column(slot, speech, name=_name(piece, found, speech) if place % named == 0 else "")
        for place, (piece, slot) in enumerate(groups)
    ]
    told = speech.say("report.no_load")
    if found.load is not None:
        one = found.load
        a, b = speech.number(one.average, 1), speech.number(one.worst, 1)
        told = speech.say("report.load_told", a=a, b=b, n=one.floods)
    return _named(charts.columns(columns, up, lines), "load", told, speech)


def false(found: Report, speech: Speech, registry: Registry) -> Picture:
    """The sites with the most false alarms."""
    rows = [
        Row(
            name=site_name(one.site, registry, speech),
            value=one.false,
            said=_of(speech.number(one.false), speech.number(one.raised), speech),
        )
        for one in found.false[:ROWS]
    ]
    told = rows[0].name + ": " + rows[0].said if rows else speech.say("report.no_false")
    return _named(charts.rows(rows), "false", told, speech)


def quiet(found: Report, speech: Speech) -> Picture:
    """How many devices of each district were silent, on average."""
    length = found.so_far.length
    rows = [
        Row(
            name=district_name(one.district, speech),
            value=one.on_average(length),
            said=_of(speech.number(one.on_average(length), 1), speech.number(one.devices), speech),
        )
        for one in found.quiet[: 2 * ROWS]
    ]
    told = rows[0].name + ": " + rows[0].said if rows else speech.say("report.no_quiet")
    return _named(charts.rows(rows), "quiet", told, speech)


def site_name(site: str, registry: Registry, speech: Speech) -> str:
    """A site's name; its id where it is registered no more."""
    one = registry.sites.get(site)
    return site if one is None else speech.named(one.name) or site


def district_name(district: str | None, speech: Speech) -> str:
    """A district's name as the operator wrote it."""
    return district or speech.say("report.unplaced")


def _told(priority: Priority, one: Claims, speech: Speech) -> str:
    """The claims of one priority in a sentence."""
    name, n = f"P{int(priority)}", speech.number(one.raised)
    a, b = (speech.percent(one.share(goal.within_s)) for goal in GOALS)
    return speech.say("report.claims_told", name=name, n=n, a=a, b=b)


def _of(some: str, whole: str, speech: Speech) -> str:
    return speech.say("report.of", n=some, m=whole)


def _groups(found: Report) -> list[tuple[Period, Slot | None]]:
    """Stretches of the whole period, each with its worst ten minutes so far."""
    whole = found.period
    if whole.length <= report.HOURLY_UP_TO:
        pieces = list(period.parts(whole, timedelta(minutes=10)))
    elif whole.length <= DAILY_FROM:
        pieces = list(period.parts(whole, timedelta(hours=1)))
    else:
        pieces = list(period.parts(whole, timedelta(days=1)))
    worst: dict[int, Slot] = {}
    each = pieces[0].length if pieces else timedelta(1)
    for slot in found.slots:
        place = (slot.since - whole.since) // each
        if place not in worst or slot.each > worst[place].each:
            worst[place] = slot
    return [(piece, worst.get(place)) for place, piece in enumerate(pieces)]


def _column(slot: Slot | None, speech: Speech, *, name: str) -> Column:
    if slot is None:
        return Column(value=0.0, text="", name=name)
    at, n, m = speech.moment(slot.since), slot.alarms, slot.operators
    said = speech.say("report.slot", at=at, n=n, m=m)
    return Column(
        value=slot.each,
        text=said,
        name=name,
        kind="bar flood" if slot.is_flood else "bar",
        sign=SIGN if slot.is_flood else "",
    )


def _name(piece: Period, found: Report, speech: Speech) -> str:
    if found.period.length <= report.HOURLY_UP_TO:
        return speech.clock(piece.since)
    if found.period.length <= DAILY_FROM:
        return speech.week_day(piece.since)
    return speech.short_day(piece.since)


def _named(picture: Picture, key: str, told: str, speech: Speech) -> Picture:
    return replace(picture, id=f"picture-{key}", title=speech.say(f"report.{key}"), told=told)
