"""Sheets: what a spreadsheet would run is shown as text, and can be read back."""

import csv
import io
from datetime import UTC, datetime

import pytest

from gateway.domain import sheet

EVIL = [
    '=HYPERLINK("http://evil")', "+7 727 264", "-1", "@SUM(A1)", " =1+1", "\t=1", "\r=1", "\n=1",
    "\uff1d1+1", "\N{NO-BREAK SPACE}=1", "\tx",
]  # fmt: skip


@pytest.mark.parametrize("text", EVIL)
def test_a_formula_is_text(text: str) -> None:
    (row,) = csv.reader(io.StringIO(sheet.written([[text]]), newline=""))
    assert row == [f"'{text}"]


@pytest.mark.parametrize("text", [*EVIL, "", "'", "''=1", "'=1", "'quoted'", "мектеп", 'a,b;"c"'])
def test_what_was_escaped_is_read_as_it_was(text: str) -> None:
    assert sheet.plain(sheet.escaped(text)) == text


def test_numbers_moments_and_nothing_are_what_they_are() -> None:
    at = datetime(2026, 11, 26, 3, 15, 42, 131000, tzinfo=UTC)
    assert sheet.written([[-1, 2.5, at, None, True, "Школа"]], ";") == (
        "-1;2.5;2026-11-26T03:15:42.131+00:00;;true;Школа\r\n"
    )
