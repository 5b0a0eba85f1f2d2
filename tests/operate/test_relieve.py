"""Coming on duty, handing over, taking over: on both databases, one transaction each."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway import operate, relieve
from gateway.domain.alarm import State
from gateway.domain.errors import Claimed, Incomplete, NotYours, Refusal, StepRefused, Unknown
from gateway.domain.operator import Operator, Role
from gateway.domain.shift import Handover, Shift
from gateway.store import audit, migrate, shifts
from tests.harness.changed import replace
from tests.operate import bench
from tests.operate.bench import AIGERIM, AUEZOV, BOLAT, TECHNICIAN, Bench

DANA = Operator(name="dana", role=Role.SUPERVISOR)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
async def at(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("database_url")
        await asyncio.to_thread(migrate.prepare, url)
    async with bench.bench(tmp_path, url) as found:
        yield found


async def on_duty(at: Bench) -> list[Shift]:
    return await at.database.read(shifts.standing)


async def test_a_shift_goes_from_one_to_the_next_with_what_was_held(at: Bench) -> None:
    alarm = await at.raised()
    await relieve.begin(at.desk, AIGERIM)
    await operate.claim(at.desk, AIGERIM, alarm)
    offer = await relieve.offer(at.desk, AIGERIM, "bolat", "бақылау керек")
    assert [one.person for one in await on_duty(at)] == ["aigerim"]
    assert (await at.alarm(alarm)).claimed_by == "aigerim"
    at.owed.clear()
    taken = await relieve.take(at.desk, BOLAT, offer.id)
    assert (taken.taken_by, [one.claimed_by for one in taken.open]) == ("bolat", ["aigerim"])
    assert [one.person for one in await on_duty(at)] == ["bolat"]
    held = await at.alarm(alarm)
    assert (held.claimed_by, held.state) == ("bolat", State.ACKNOWLEDGED)
    assert (await at.line(alarm))[-1].what == "handed_over"
    assert [one.type for one in at.owed] == ["dabyl.alarm.acknowledged"]


async def test_a_claim_that_the_next_one_got_is_theirs_and_stale_for_the_other(at: Bench) -> None:
    alarm = await at.raised()
    await relieve.begin(at.desk, AIGERIM)
    held = await operate.claim(at.desk, AIGERIM, alarm)
    offer = await relieve.offer(at.desk, AIGERIM, None, "")
    await relieve.take(at.desk, BOLAT, offer.id)
    with pytest.raises(Refusal, match="bolat"):
        await operate.acknowledge(at.desk, AIGERIM, alarm, held.version)
    with pytest.raises(Claimed, match="taken by bolat"):
        await operate.claim(at.desk, AIGERIM, alarm)


async def test_one_alone_takes_it_when_two_try_at_once(at: Bench) -> None:
    await relieve.begin(at.desk, AIGERIM)
    for _ in range(10):
        offer = await relieve.offer(at.desk, AIGERIM, None, "")
        found = await asyncio.gather(
            *(relieve.take(at.desk, one, offer.id) for one in (BOLAT, DANA)),
            return_exceptions=True,
        )
        won = [one for one in found if not isinstance(one, BaseException)]
        assert len(won) == 1
        assert [type(one) for one in found if isinstance(one, BaseException)] == [Claimed]
        assert [one.person for one in await on_duty(at)] == [won[0].taken_by]
        winner = next(one for one in (BOLAT, DANA) if one.name == won[0].taken_by)
        back = await relieve.offer(at.desk, winner, "aigerim", "")
        await relieve.take(at.desk, AIGERIM, back.id)


async def test_somebody_who_begins_with_both_hands_at_once_is_on_duty_once(at: Bench) -> None:
    found = await asyncio.gather(*(relieve.begin(at.desk, AIGERIM) for _ in range(8)))
    assert len({one.id for one in found}) == 1
    assert len(await on_duty(at)) == 1


async def test_a_new_offer_withdraws_the_one_before(at: Bench) -> None:
    await relieve.begin(at.desk, AIGERIM)
    first = await relieve.offer(at.desk, AIGERIM, None, "")
    second = await relieve.offer(at.desk, AIGERIM, None, "")
    with pytest.raises(StepRefused):
        await relieve.take(at.desk, BOLAT, first.id)
    back = await relieve.withdraw(at.desk, AIGERIM, second.id)
    assert back.withdrawn_at == at.clock.now()
    assert [one.person for one in await on_duty(at)] == ["aigerim"]


async def test_what_the_next_one_does_not_see_stays_with_the_other(at: Bench) -> None:
    elsewhere = await at.raised(2, district="bostandyk")
    narrow = replace(AIGERIM, districts=frozenset({"auezov"}))
    await relieve.begin(at.desk, narrow)
    await operate.claim(at.desk, AIGERIM, elsewhere)
    offer = await relieve.offer(at.desk, narrow, None, "")
    assert offer.open_count == 0
    await relieve.take(at.desk, AUEZOV, offer.id)
    assert (await at.alarm(elsewhere)).claimed_by == "aigerim"


async def test_nobody_leaves_an_open_alarm_to_an_empty_room(at: Bench) -> None:
    alarm = await at.raised()
    shift = await relieve.begin(at.desk, AIGERIM)
    with pytest.raises(Incomplete, match="hand over"):
        await relieve.end(at.desk, AIGERIM, shift.id)
    await relieve.begin(at.desk, BOLAT)
    ended = await relieve.end(at.desk, AIGERIM, shift.id)
    assert (ended.ended_by, [one.person for one in await on_duty(at)]) == ("aigerim", ["bolat"])
    assert (await at.alarm(alarm)).is_open


async def test_an_offer_is_gone_when_its_shift_was_ended_by_a_supervisor(at: Bench) -> None:
    shift = await relieve.begin(at.desk, AIGERIM)
    offer = await relieve.offer(at.desk, AIGERIM, None, "")
    await at.clock.push(timedelta(hours=13))
    await relieve.end(at.desk, DANA, shift.id)
    with pytest.raises(StepRefused):
        await relieve.take(at.desk, BOLAT, offer.id)


async def test_a_shift_is_held_before_its_offer_and_both_before_the_audit(
    at: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one order, or two who end, keep and take at once wait for each other."""
    held = _watched(monkeypatch)

    async def order(verb: Awaitable[Shift | Handover]) -> tuple[str, list[str]]:
        held.clear()
        return (await verb).id, [*dict.fromkeys(held)]

    shift = await relieve.begin(at.desk, AIGERIM)
    _, first = await order(relieve.offer(at.desk, AIGERIM, None, ""))
    key, again = await order(relieve.offer(at.desk, AIGERIM, None, "again"))
    _, kept = await order(relieve.withdraw(at.desk, AIGERIM, key))
    await relieve.begin(at.desk, BOLAT)
    await relieve.offer(at.desk, AIGERIM, None, "")
    _, ended = await order(relieve.end(at.desk, AIGERIM, shift.id))
    key, _ = await order(relieve.offer(at.desk, BOLAT, None, ""))
    _, taken = await order(relieve.take(at.desk, AIGERIM, key))
    for one in (first, again, kept, ended, taken):
        assert one == sorted(one)
        assert one[-1] == "3 audit"


def _watched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is held, as it comes."""
    held: list[str] = []

    def watch(room: Any, name: str, what: str, *, always: bool) -> None:  # noqa: ANN401 - a module
        plain = getattr(room, name)

        def watched(*arguments: Any, **more: Any) -> Any:  # noqa: ANN401 - as it is
            if always or more.get("hold"):
                held.append(what)
            return plain(*arguments, **more)

        monkeypatch.setattr(room, name, watched)

    watch(shifts, "get", "1 shift", always=False)
    watch(shifts, "handover", "2 offer", always=False)
    watch(shifts, "settle", "2 offer", always=True)
    watch(audit, "note", "3 audit", always=True)
    return held


async def test_what_is_not_theirs_does_not_exist_or_is_refused(at: Bench) -> None:
    await relieve.begin(at.desk, AIGERIM)
    offer = await relieve.offer(at.desk, AIGERIM, None, "")
    with pytest.raises(Unknown):
        await relieve.take(at.desk, AUEZOV, offer.id)
    with pytest.raises(Unknown):
        await relieve.end(at.desk, BOLAT, "f" * 32)
    with pytest.raises(NotYours):
        await relieve.begin(at.desk, TECHNICIAN)
    with pytest.raises(Incomplete, match="not on duty"):
        await relieve.offer(at.desk, BOLAT, None, "")
