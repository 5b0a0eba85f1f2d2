"""How listings look: a table for a person, JSON for a machine."""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click
import msgspec

Row = Mapping[str, Any]

as_json = click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400


def listing(rows: Sequence[Row], *, as_json: bool, empty: str) -> None:
    """Print rows: JSON as they are, else a table of their texts; `empty` where there are none."""
    if as_json:
        json(list(rows))
    elif not rows:
        click.echo(empty)
    else:
        table(rows)


def json(content: object) -> None:
    """Print one JSON document, times as RFC 3339 in UTC."""
    encoded = msgspec.json.encode(content, enc_hook=str, order="deterministic")
    click.echo(msgspec.json.format(encoded, indent=2).decode())


def table(rows: Sequence[Row]) -> None:
    """Print rows under the names of their fields."""
    names = list(rows[0])
    texts = [[_text(row[name]) for name in names] for row in rows]
    heads = [name.replace("_", " ").upper() for name in names]
    widths = [max(map(len, column)) for column in zip(heads, *texts, strict=True)]
    for number, line in enumerate([heads, *texts]):
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo(click.style("  ".join(cells).rstrip(), bold=number == 0))


def fields(row: Row) -> None:
    """Print one thing, a field a line."""
    width = max(map(len, row))
    for name, value in row.items():
        click.echo(f"{name.replace('_', ' ').ljust(width)}  {_text(value)}")


def time(moment: datetime | None, zone: ZoneInfo) -> str:
    """A moment as the clock on the wall shows it."""
    return "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def utc(moment: datetime | None) -> str | None:
    """A moment for a machine."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def age(since: timedelta) -> str:
    """How long ago, in one unit."""
    seconds = max(0, round(since.total_seconds()))
    for unit_s, name in ((_DAY_S, "d"), (_HOUR_S, "h"), (_MINUTE_S, "min")):
        if seconds >= 2 * unit_s:
            return f"{seconds // unit_s} {name}"
    return f"{seconds} s"


def progress(text: str) -> None:
    """Overwrite one line on a terminal; nothing where nobody looks. An empty text clears it."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{text}", nl=False, err=True)


def plain(text: str) -> str:
    """What somebody else wrote, without what could move a terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list() | tuple() | set() | frozenset():
            return ", ".join(map(_text, value))
        case _:
            return plain(str(value))
