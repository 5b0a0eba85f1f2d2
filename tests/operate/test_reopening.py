"""An alarm that was closed by mistake is taken back: told once, in order, on each database."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import Connection

from gateway import operate
from gateway.domain import escalation
from gateway.domain.alarm import Disposition, State
from gateway.domain.deed import Deed
from gateway.domain.errors import Foreign, NotYours, Stale, StaysClosed
from gateway.domain.escalation import Ladder, Rung
from gateway.domain.kind import Priority
from gateway.domain.operator import Operator
from gateway.domain.period import Period
from gateway.domain.steps import CLAIM_LASTS, LINGERS, SIGN, Response, ResponseState
from gateway.escalate import Escalate
from gateway.store import alarms, audit_views, dues, figures, forgetting
from gateway.store.audit_views import Sought
from tests.domain.making import NOW, SCHOOL
from tests.harness.changed import replace
from tests.operate.bench import AIGERIM, AUEZOV, BOLAT, CENTRE, DUTY, TECHNICIAN, Bench

REASON = "the wrong row"


async def closed(at: Bench, key: int = 1, **more: object) -> str:
    """A press that Bolat held and closed as false; its id."""
    one = await at.raised(key, **{"district": "medeu", **more})
    held = await operate.claim(at.desk, BOLAT, one)
    await operate.close(at.desk, BOLAT, one, held.version, Disposition.FALSE, "a child")
    return one


async def test_a_reopening_is_told_to_the_centre_once_and_in_order(either: Bench) -> None:
    key = await closed(either)
    after = await operate.reopen(either.desk, AIGERIM, key, 3, REASON)
    assert (after.state, after.claimed_by, after.version) == (State.ACKNOWLEDGED, "aigerim", 4)
    assert await either.notices(key) == ["raised", "acknowledged", "closed", "reopened"]
    last = either.owed[-1]
    told = msgspec.json.decode(last.body)
    assert (told["id"], told["type"]) == (f"{key}:4", "dabyl.alarm.reopened")
    assert (told["data"]["alarm"]["state"], told["data"]["disposition"]) == ("ACKNOWLEDGED", None)
    assert (told["data"]["operator"], told["data"]["note"]) == ("aigerim", REASON)
    assert last.sequence == either.owed[-2].sequence + 1


async def test_ones_own_reopening_again_changes_nothing(either: Bench) -> None:
    key = await closed(either)
    for _ in range(2):
        after = await operate.reopen(either.desk, AIGERIM, key, 3, REASON)
        assert (after.version, after.is_open) == (4, True)
    assert (await either.notices(key)).count("reopened") == 1


async def test_of_two_who_reopen_it_one_does_and_the_other_is_told_who(either: Bench) -> None:
    key = await closed(either)
    found = await asyncio.gather(
        *(operate.reopen(either.desk, who, key, 3, REASON) for who in (AIGERIM, BOLAT)),
        return_exceptions=True,
    )
    (stale,) = [one for one in found if isinstance(one, Stale)]
    assert stale.by == (await either.alarm(key)).claimed_by
    assert (await either.notices(key)).count("reopened") == 1


async def test_everything_that_closing_put_away_is_there_again(either: Bench) -> None:
    key = await closed(either, site=SCHOOL.id)
    await operate.reopen(either.desk, AIGERIM, key, 3, REASON)
    later = either.clock.now() + timedelta(days=400)
    await either.database.read(lambda c: _assert_open(c, key))
    gone = await either.database.read(lambda c: forgetting.alarms(c, later, 100))
    assert gone == 0


def _assert_open(connection: Connection, key: str) -> None:
    wanted = alarms.Filter(is_open=True)
    listed = alarms.listed(connection, wanted, 10, None)
    assert [one.id for one in listed] == [key]
    assert alarms.open_counts(connection) == {Priority.P0: 1}
    assert dues.anything_held(connection, ["aigerim"])
    assert alarms.real_p0(connection, [SCHOOL.id]) == (key, SCHOOL.id)


async def test_its_ladder_climbs_when_whoever_reopened_it_says_nothing(either: Bench) -> None:
    key = await closed(either)
    await either.clock.push(2)  # the press came at the bench's NOW, a second after its clock
    await operate.reopen(either.desk, AIGERIM, key, 3, REASON, has_stream=True)
    turn = Escalate(desk=either.desk, ladder=Ladder(), committed=lambda: None)
    await either.clock.push(119)
    await turn.once()
    assert (await either.alarm(key)).escalation == Rung.NONE
    await either.clock.push(1)
    await turn.once()
    assert (await either.alarm(key)).escalation == Rung.SUPERVISOR
    last = (await either.line(key))[-1]
    assert last.data["why"] == escalation.Why.NO_RESPONSE


@pytest.mark.parametrize(("has_stream", "lasts"), [(False, CLAIM_LASTS), (True, LINGERS + SIGN)])
async def test_a_hold_of_one_who_is_gone_lapses(
    either: Bench, *, has_stream: bool, lasts: timedelta
) -> None:
    key = await closed(either)
    after = await operate.reopen(either.desk, AIGERIM, key, 3, REASON, has_stream=has_stream)
    over = either.clock.now() + lasts
    assert after.claimed_until == over
    found = await either.database.read(lambda c: dues.lapsed(c, over, 10))
    assert [one.id for one in found] == [key]


async def test_whoever_was_called_about_it_hears_that_it_is_open_again(either: Bench) -> None:
    key = await either.raised(raised_at=NOW, asks_since=NOW)
    await either.clock.push(121)
    await Escalate(desk=either.desk, ladder=Ladder(), committed=lambda: None).once()
    version = (await either.alarm(key)).version
    await operate.close(either.desk, BOLAT, key, version, Disposition.TEST)
    await operate.reopen(either.desk, AIGERIM, key, version + 1, REASON)
    told = [one.type for one in either.owed if one.receiver == "duty"]
    assert told == [f"dabyl.alarm.{one}" for one in ("escalated", "closed", "reopened")]


async def test_whoever_was_never_called_hears_nothing_of_it(either: Bench) -> None:
    key = await closed(either)
    await operate.reopen(either.desk, AIGERIM, key, 3, REASON)
    assert {one.receiver for one in either.owed} == {"centre"}


async def test_the_report_counts_it_once_and_not_as_false_any_more(either: Bench) -> None:
    key = await closed(either, site=SCHOOL.id)
    now = either.clock.now()
    period = Period(since=now - timedelta(days=1), until=now + timedelta(days=1))
    nobody = frozenset[str]()
    before = await either.database.read(lambda c: figures.false_alarms(c, period, nobody))
    await operate.reopen(either.desk, AIGERIM, key, 3, REASON)
    assert await either.database.read(lambda c: figures.false_alarms(c, period, nobody)) == []
    await operate.close(either.desk, AIGERIM, key, 4, Disposition.FALSE, "a child after all")
    after = await either.database.read(lambda c: figures.false_alarms(c, period, nobody))
    assert after == before
    taken = await either.database.read(lambda c: figures.taken(c, period, nobody))
    assert sum(taken[Priority.P0].values()) == 1


async def test_each_closing_keeps_how_it_ended_in_the_time_line(at: Bench) -> None:
    key = await closed(at)
    await operate.reopen(at.desk, AIGERIM, key, 3, REASON)
    await operate.close(at.desk, AIGERIM, key, 4, Disposition.CONFIRMED, "a fight")
    told = [(one.what, one.data, one.note) for one in (await at.line(key))[2:]]
    assert told == [
        ("close", {"disposition": "false"}, "a child"),
        ("reopen", {"was": "false"}, REASON),
        ("close", {"disposition": "confirmed"}, "a fight"),
    ]


async def test_a_reopening_stands_in_the_audit_with_its_reason(at: Bench) -> None:
    key = await closed(at)
    await operate.reopen(at.desk, AIGERIM, key, 3, REASON)
    sought = Sought(what=Deed.REOPEN)
    (row,) = await at.database.read(lambda c: audit_views.listed(c, sought, 9))
    assert (row.who, row.key, row.district) == ("aigerim", key, "medeu")
    assert (row.data["was"], row.data["note"], row.data["version"]) == ("false", REASON, 4)


async def test_the_device_is_told_nothing_new_by_a_reopening_and_closed_no_more(
    either: Bench,
) -> None:
    key = await closed(either)
    await closed(either, 2, event_id="another", device="button-1")
    assert await _levels(either) == ["seen", "closed", "seen", "closed"]
    await operate.reopen(either.desk, AIGERIM, key, 3, REASON)
    assert await _levels(either) == ["seen", "seen", "closed"]
    said = Response(id="r1", state=ResponseState.DISPATCHED)
    await operate.respond(either.desk, AIGERIM, key, said)
    assert await _levels(either) == ["seen", "seen", "closed", "dispatched"]


async def _levels(at: Bench) -> list[object]:
    """What is still sent to devices, in order."""
    return [one.data["level"] for one in await at.commands()]


async def test_a_late_word_of_the_centre_that_it_is_closed_does_not_close_it_again(
    at: Bench,
) -> None:
    shut = Response(id="r1", state=ResponseState.CLOSED, disposition=Disposition.FALSE)
    key = await at.raised()
    await operate.respond(at.desk, CENTRE, key, shut)
    await operate.reopen(at.desk, AIGERIM, key, 2, REASON)
    assert (await operate.respond(at.desk, CENTRE, key, shut)).is_open
    anew = await operate.respond(at.desk, CENTRE, key, replace(shut, id="r2"))
    assert (anew.is_open, anew.closing_as) == (True, Disposition.FALSE)


@pytest.mark.parametrize("who", [CENTRE, DUTY, TECHNICIAN])
async def test_only_those_who_dispatch_may_reopen(at: Bench, who: Operator) -> None:
    key = await closed(at)
    with pytest.raises(NotYours):
        await operate.reopen(at.desk, who, key, 3, REASON)


async def test_another_districts_alarm_is_not_there_to_be_reopened(at: Bench) -> None:
    key = await closed(at)
    with pytest.raises(Foreign):
        await operate.reopen(at.desk, AUEZOV, key, 3, REASON)


async def test_after_a_day_it_stays_closed(at: Bench) -> None:
    key = await closed(at)
    await at.clock.push(24 * 3600 + 1)
    with pytest.raises(StaysClosed, match="24 hours"):
        await operate.reopen(at.desk, AIGERIM, key, 3, REASON)
    assert (await at.notices(key))[-1] == "closed"
