"""Steps over a real store: versions, one winner, and a centre that may say things twice."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from gateway import commission, operate
from gateway.domain.alarm import Alarm, Disposition, State
from gateway.domain.errors import (
    Alarmed,
    Claimed,
    Incomplete,
    NotYours,
    Refusal,
    Stale,
    StepRefused,
    Unknown,
)
from gateway.domain.kind import Priority
from gateway.domain.operator import Operator
from gateway.domain.steps import Response, ResponseState
from tests.harness.changed import replace
from tests.operate.bench import AIGERIM, AUEZOV, BOLAT, CENTRE, DUTY, TECHNICIAN, Bench

P1 = Priority.P1
FALSE = Disposition.FALSE


def said(state: ResponseState, key: str = "r1", how: Disposition | None = None) -> Response:
    return Response(id=key, state=state, disposition=how)


def shown(alarm: Alarm) -> Alarm:
    """As a person sees it: without the count of its notices, which runs behind in an answer."""
    return replace(alarm, notices=0)


CLOSED = said(ResponseState.CLOSED, how=FALSE)


async def test_a_claim_is_one_step_one_version_one_notice(at: Bench) -> None:
    key = await at.raised()
    after = await operate.claim(at.desk, AIGERIM, key)
    assert (after.claimed_by, after.state, after.version) == ("aigerim", State.ACKNOWLEDGED, 2)
    assert shown(await at.alarm(key)) == shown(after)
    assert await at.notices(key) == ["raised", "acknowledged"]
    assert [one.type for one in at.owed] == ["dabyl.alarm.acknowledged"]


@pytest.mark.parametrize("_round", range(5))
async def test_of_two_claims_at_once_exactly_one_wins(at: Bench, _round: int) -> None:
    people = [AIGERIM, BOLAT]
    for key in [await at.raised(number) for number in range(1, 21)]:
        found = await asyncio.gather(
            *(operate.claim(at.desk, one, key) for one in people), return_exceptions=True
        )
        (winner,) = [one for one in found if isinstance(one, Alarm)]
        (loser,) = [one for one in found if isinstance(one, Claimed)]
        assert winner.claimed_by == loser.by == (await at.alarm(key)).claimed_by
        assert await at.notices(key) == ["raised", "acknowledged"]


async def test_ones_own_claim_again_is_the_same_answer(at: Bench) -> None:
    key = await at.raised()
    first = await operate.claim(at.desk, AIGERIM, key)
    assert shown(await operate.claim(at.desk, AIGERIM, key)) == shown(first)
    assert len(at.owed) == 1


async def test_ones_own_step_again_is_the_same_answer_and_anothers_is_stale(at: Bench) -> None:
    key = await at.raised(priority=P1)
    first = await operate.acknowledge(at.desk, AIGERIM, key, 1, "seen")
    again = await operate.acknowledge(at.desk, AIGERIM, key, 1, "seen")
    assert shown(again) == shown(first)
    with pytest.raises(Stale, match="first was aigerim"):
        await operate.acknowledge(at.desk, BOLAT, key, 1)
    closed = await operate.close(at.desk, BOLAT, key, 2, FALSE, "a child")
    assert shown(await operate.close(at.desk, BOLAT, key, 2, FALSE, "a child")) == shown(closed)
    assert await at.notices(key) == ["raised", "acknowledged", "closed"]


@pytest.mark.parametrize("version", [0, 2, 99])
async def test_a_step_on_another_version_changes_nothing(at: Bench, version: int) -> None:
    key = await at.raised(priority=P1)
    until = at.clock.now() + timedelta(hours=1)
    for step in (
        operate.acknowledge(at.desk, AIGERIM, key, version),
        operate.close(at.desk, AIGERIM, key, version, FALSE),
        operate.shelve(at.desk, AIGERIM, key, version, until, "noise"),
        operate.unshelve(at.desk, AIGERIM, key, version),
    ):
        with pytest.raises(Stale):
            await step
    assert len(await at.line(key)) == 1


async def test_a_note_needs_no_version_and_moves_none(at: Bench) -> None:
    key = await at.raised()
    await operate.add_note(at.desk, AIGERIM, key, "called the school")
    after = await operate.add_note(at.desk, BOLAT, key, "nobody answers")
    assert (after.version, after.note) == (1, "nobody answers")
    assert [line.note for line in await at.line(key)][1:] == ["called the school", "nobody answers"]


async def test_a_cry_is_never_shelved(at: Bench) -> None:
    key = await at.raised()
    with pytest.raises(StepRefused):
        await operate.shelve(at.desk, AIGERIM, key, 1, at.clock.now() + timedelta(hours=1), "noise")


async def test_what_is_shelved_is_told_and_shown_again(at: Bench) -> None:
    key = await at.raised(priority=P1)
    until = at.clock.now() + timedelta(hours=1)
    await operate.shelve(at.desk, AIGERIM, key, 1, until, "builders")
    after = await operate.unshelve(at.desk, AIGERIM, key, 2)
    assert (after.hidden, after.version) == (None, 3)


@pytest.mark.parametrize("who", [CENTRE, TECHNICIAN])
async def test_who_may_not_step_is_refused(at: Bench, who: Operator) -> None:
    key = await at.raised()
    for step in (
        operate.claim(at.desk, who, key),
        operate.acknowledge(at.desk, who, key, 1),
        operate.close(at.desk, who, key, 1, FALSE),
        operate.add_note(at.desk, who, key, "x"),
    ):
        with pytest.raises(NotYours):
            await step


async def test_an_alarm_of_another_district_is_not_there(at: Bench) -> None:
    key = await at.raised()
    for who, alarm in ((AUEZOV, key), (AIGERIM, "f" * 32)):
        with pytest.raises(Unknown):
            await operate.claim(at.desk, who, alarm)
    unplaced = await at.raised(2, district=None, site=None)
    assert (await operate.claim(at.desk, AUEZOV, unplaced)).claimed_by == "bolat"


async def test_the_centre_says_a_thing_once_however_often_it_repeats_it(at: Bench) -> None:
    key = await at.raised()
    for _ in range(3):
        await operate.respond(at.desk, CENTRE, key, said(ResponseState.ACCEPTED))
    after = await at.alarm(key)
    assert (after.state, after.version) == (State.ACKNOWLEDGED, 2)
    assert [line.what for line in await at.line(key)] == ["raise", "accepted"]


async def test_the_same_word_twice_at_once_counts_once(at: Bench) -> None:
    key = await at.raised()
    await asyncio.gather(*(operate.respond(at.desk, CENTRE, key, CLOSED) for _ in range(10)))
    assert [line.what for line in await at.line(key)] == ["raise", "close"]


async def test_the_centre_with_authority_closes_with_a_disposition(at: Bench) -> None:
    key = await at.raised()
    with pytest.raises(Incomplete):
        await operate.respond(at.desk, CENTRE, key, said(ResponseState.CLOSED))
    after = await operate.respond(at.desk, CENTRE, key, CLOSED)
    assert (after.state, after.disposition) == (State.NORMAL, FALSE)


async def test_a_receiver_that_was_never_told_knows_no_such_alarm(at: Bench) -> None:
    key = await at.raised()
    with pytest.raises(Unknown):
        await operate.respond(at.desk, DUTY, key, said(ResponseState.ACCEPTED))


async def test_a_rejected_cry_asks_again(at: Bench) -> None:
    key = await at.raised()
    await operate.claim(at.desk, AIGERIM, key)
    after = await operate.respond(at.desk, CENTRE, key, said(ResponseState.REJECTED))
    assert (after.state, after.claimed_by) == (State.UNACKNOWLEDGED, None)


async def test_a_centre_that_closes_too_fast_is_stopped_and_told(at: Bench) -> None:
    keys = [await at.raised(number) for number in range(1, 8)]
    refused = []
    for number, key in enumerate(keys):
        word = said(ResponseState.CLOSED, f"r{number}", FALSE)
        try:
            await operate.respond(at.desk, CENTRE, key, word)
        except Refusal as refusal:
            refused.append((key, type(refusal)))
    assert refused == [(keys[5], NotYours), (keys[6], NotYours)]
    assert at.flooded == ["centre", "centre"]
    await at.clock.push(61)
    word = said(ResponseState.CLOSED, "r5", FALSE)
    assert not (await operate.respond(at.desk, CENTRE, keys[5], word)).is_open


@pytest.mark.parametrize(
    ("state", "level"),
    [
        (ResponseState.ACCEPTED, "seen"),
        (ResponseState.REJECTED, "rejected"),
        (ResponseState.DISPATCHED, "dispatched"),
        (ResponseState.ON_SCENE, "on_scene"),
    ],
)
async def test_the_device_shows_what_the_centre_said(
    at: Bench, state: ResponseState, level: str
) -> None:
    key = await at.raised(silent=True)
    await operate.respond(at.desk, CENTRE, key, said(state))
    (command,) = await at.commands()
    assert (command.device, command.command) == ("button-1", "confirm")
    assert (command.data["level"], command.data["silent"]) == (level, True)


async def test_a_dead_letter_that_is_not_there_is_not_resent(at: Bench) -> None:
    admin = Operator(name="root", role=TECHNICIAN.role.ADMIN)
    with pytest.raises(Unknown):
        await operate.resend(at.desk, admin, 7)


async def test_a_window_is_told_when_it_opens_and_when_it_closes(at: Bench) -> None:
    window = await commission.open_window(at.desk, TECHNICIAN, ["button-1"], 10, 2, "yearly")
    closed = await commission.close_window(at.desk, TECHNICIAN, window.id)
    again = await commission.close_window(at.desk, TECHNICIAN, window.id)
    assert again == closed
    assert [one.type for one in at.owed] == ["dabyl.test.opened", "dabyl.test.closed"]


@pytest.mark.parametrize(
    ("devices", "minutes", "expected", "refusal"),
    [
        (["button-1"], 0, 3, Incomplete),
        (["button-1"], 61, 3, Incomplete),
        (["button-1"], 10, 0, Incomplete),
        ([], 10, 3, Incomplete),
        (["nobody-7"], 10, 3, Unknown),
    ],
)
async def test_a_window_that_may_not_be_is_not_opened(
    at: Bench, devices: list[str], minutes: int, expected: int, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await commission.open_window(at.desk, TECHNICIAN, devices, minutes, expected, "x")


async def test_no_test_begins_where_a_real_p0_is_open_until_it_is_closed(at: Bench) -> None:
    key = await at.raised(device="button-9")
    for begin in (
        commission.open_window(at.desk, TECHNICIAN, ["gate-1", "button-1"], 10),
        commission.command(at.desk, TECHNICIAN, "button-1", "test", {}),
    ):
        with pytest.raises(Alarmed, match=r"School No. 12 \(school-12\): deal with it and close"):
            await begin
    assert not at.owed
    assert not await at.commands()
    await operate.close(at.desk, AIGERIM, key, 1, FALSE, "a child")
    assert (await commission.open_window(at.desk, TECHNICIAN, ["button-1"], 10)).id
    await commission.command(at.desk, TECHNICIAN, "button-1", "test", {})


@pytest.mark.parametrize("harmless", [{"priority": P1}, {"test": True}, {"site": "school-13"}])
async def test_a_test_begins_beside_what_is_no_real_p0_of_that_site(
    at: Bench, harmless: dict[str, Any]
) -> None:
    await at.raised(**harmless)
    assert (await commission.open_window(at.desk, TECHNICIAN, ["button-1"], 10)).id
