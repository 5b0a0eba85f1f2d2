"""Sheets: rows as CSV that a spreadsheet shows as text, and never runs as a formula.

Source: OWASP, CSV Injection.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""By it a spreadsheet knows UTF-8."""
ESCAPE = "'"
_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Also as full-width signs, which some spreadsheets take for the same."""
_BLANKS = " \t\r\n\N{NO-BREAK SPACE}"


def written(rows: Iterable[Sequence[object]], separator: str = ",") -> str:
    """Rows as lines of CSV; texts that a spreadsheet would run begin with an apostrophe."""
    out = io.StringIO()
    lines = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    lines.writerows([_cell(one) for one in row] for row in rows)
    return out.getvalue()


def escaped(text: str) -> str:
    """That text as a spreadsheet shows it: where it would be run, an apostrophe before it."""
    return f"{ESCAPE}{text}" if _is_run(text.lstrip(ESCAPE)) else text


def plain(text: str) -> str:
    """What was escaped, as it was."""
    is_escaped = text.startswith(ESCAPE) and _is_run(text.lstrip(ESCAPE))
    return text[1:] if is_escaped else text


def _is_run(text: str) -> bool:
    return text.startswith(("\t", "\r", "\n")) or text.lstrip(_BLANKS).startswith(_STARTS)


def _cell(value: object) -> object:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return value
        case datetime():
            return value.isoformat(timespec="milliseconds")
        case _:
            return escaped(str(value))
