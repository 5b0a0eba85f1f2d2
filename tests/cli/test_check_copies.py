"""`dabyl check` on the standbys: a press is on as many machines as it should be, or it is told."""

from dataclasses import replace

import pytest

from gateway.cli.checks import copies
from gateway.cli.checks.finding import Verdict
from gateway.store.database import open_database
from gateway.store.standbys import Standing
from tests.company.making import primary

WHOLE = primary("pg2", "pg3")
HIDDEN = replace(WHOLE, standbys=tuple(replace(one, state=None) for one in WHOLE.standbys))


@pytest.mark.parametrize(
    ("standing", "expected", "verdict", "word"),
    [
        (WHOLE, 2, Verdict.OK, "confirming: pg2, pg3"),
        (primary("pg2"), 2, Verdict.WEAK, "pg3 away"),
        (primary("pg2", names=""), 2, Verdict.WRONG, "on 1 machine"),
        (HIDDEN, 2, Verdict.WEAK, "pg_monitor"),
    ],
)
def test_what_a_primary_promises_is_held_against_what_it_should(
    standing: Standing, expected: int, verdict: Verdict, word: str
) -> None:
    (finding,) = copies.found(standing, expected)
    assert (finding.verdict, word in finding.why) == (verdict, True)


async def test_where_nobody_expects_a_standby_nothing_is_said(database_url: str) -> None:
    store = open_database(database_url)
    assert await copies.all_of(store, 1) == []
    await store.close()
