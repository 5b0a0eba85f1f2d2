"""Consoles as rows: the last word of each, and never more than a person can sit at."""

from datetime import timedelta

from gateway.domain.consoles import OF_A_PERSON, Console
from gateway.store import consoles
from gateway.store.database import CountingDatabase
from tests.domain.making import NOW, later
from tests.harness.changed import replace
from tests.store.making import do

ONE = Console(
    id="console-1",
    person="aigerim",
    role="dispatcher",
    districts=("auezov", "medeu"),
    armed=True,
    sound=False,
    heard_at=NOW,
)


async def test_the_last_word_of_a_console_is_kept(store: CountingDatabase) -> None:
    later_on = replace(ONE, sound=True, heard_at=later(10))
    await do(store, consoles.hear, ONE)
    await do(store, consoles.hear, later_on)
    (found,) = await do(store, consoles.heard_since, NOW)
    assert found == later_on
    assert (found.armed, found.sound) == (True, True)
    assert type(found.armed) is type(found.sound) is bool  # SQLite has none, and JSON tells
    assert await do(store, consoles.heard_since, later(10)) == []


async def test_of_one_person_those_heard_last_are_kept(store: CountingDatabase) -> None:
    for n in range(OF_A_PERSON + 3):
        await do(store, consoles.hear, replace(ONE, id=f"console-{n}", heard_at=later(n)))
    await do(store, consoles.hear, replace(ONE, id="another", person="bolat"))
    found = await do(store, consoles.heard_since, NOW - timedelta(days=1))
    assert [one.person for one in found].count("aigerim") == OF_A_PERSON
    assert {f"console-{n}" for n in range(3)}.isdisjoint(one.id for one in found)


async def test_consoles_of_past_shifts_are_forgotten(store: CountingDatabase) -> None:
    await do(store, consoles.hear, ONE)
    await do(store, consoles.hear, replace(ONE, id="console-2", heard_at=later(5)))
    assert await do(store, consoles.forget, later(1), 99) == 1
    (left,) = await do(store, consoles.heard_since, NOW - timedelta(days=1))
    assert left.id == "console-2"
