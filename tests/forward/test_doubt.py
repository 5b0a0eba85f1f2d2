"""A write of unknown fate: what it owed goes first, and what came later waits for it."""

import asyncio
from collections.abc import Sequence

import pytest

from gateway.forward.doubt import Doubt
from gateway.store.database import StoreDown, Urgency, Work
from gateway.store.heeded import Heeded
from gateway.store.work import Kept
from tests.forward.making import delivery

LATER = [delivery(7, "a", 2)]


def in_hand(doubt: Doubt) -> Sequence[object]:
    return doubt.past(LATER)


async def test_a_new_life_holds_back_until_it_has_asked_what_its_former_one_held() -> None:
    doubt = Doubt()
    assert in_hand(doubt) == ()
    assert doubt.end(await doubt.began()) == LATER
    assert in_hand(doubt) == LATER


async def test_a_doubt_that_begins_while_the_store_is_asked_needs_another_question() -> None:
    doubt = Doubt()
    first = await doubt.began()
    assert in_hand(doubt) == ()
    doubt.begin()
    assert doubt.end(first) == ()
    assert doubt.stands
    assert doubt.end(await doubt.began()) == LATER


async def test_without_a_doubt_nobody_waits() -> None:
    doubt = Doubt()
    doubt.end(await doubt.began())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await doubt.began()


class Lost:
    """A database whose answer never comes, or comes as a failure."""

    dialect = "sqlite"

    async def write(self, work: Work[None], urgency: Urgency) -> None:  # noqa: ARG002
        raise StoreDown("nobody knows")

    async def keep(self, work: Work[None], urgency: Urgency) -> Kept[None]:  # noqa: ARG002
        await asyncio.Event().wait()
        return Kept(None)


async def test_every_write_that_failed_or_was_given_up_is_told() -> None:
    told: list[str] = []
    heeded = Heeded(Lost(), lambda: told.append("doubt"))  # type: ignore[arg-type]  # it only writes
    with pytest.raises(StoreDown):
        await heeded.write(lambda _: None, Urgency.ALARM)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await heeded.keep(lambda _: None, Urgency.ALARM)
    assert told == ["doubt", "doubt"]
