"""The parts of the watch by themselves: waits, tickets, shares."""

import asyncio
import random
from datetime import timedelta

import pytest

from adapters.devices.onvif.fault import Reason
from adapters.signal import Spoken
from gateway.watch import shares, waits
from gateway.watch.held import Held
from gateway.watch.tickets import SLOW_S, Tickets
from gateway.watch.wanted import Wanted
from tests.domain.making import NOW, WIRED, later, spoken
from tests.harness.changed import replace
from tests.harness.clock import PushedClock

DICE = random.Random(1)


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("failures", [1, 2, 5, 10_000])
def test_a_wait_is_never_nothing_and_never_longer_than_ten_minutes(
    reason: Reason, failures: int
) -> None:
    found = [waits.wait_s(reason, failures, DICE) for _ in range(300)]
    assert min(found) >= 1
    assert max(found) <= (600 if reason is Reason.SLOTS else 300)


def test_what_may_come_back_any_moment_is_tried_within_a_minute_and_spread() -> None:
    for reason in (Reason.REFUSED, Reason.UNREACHABLE, Reason.RESET, Reason.TIMED_OUT):
        found = [waits.wait_s(reason, 20, DICE) for _ in range(1000)]
        assert max(found) <= 40
        assert len({int(wait) for wait in found}) > 30


def test_waits_double_to_their_limit_and_slots_wait_for_an_end_of_somebody_elses() -> None:
    longest = [
        max(waits.wait_s(Reason.NOT_SOAP, failures, DICE) for _ in range(500))
        for failures in (1, 2, 3, 4)
    ]
    assert longest == pytest.approx([60, 120, 240, 300], rel=0.1)
    assert min(waits.wait_s(Reason.SLOTS, 1, DICE) for _ in range(500)) >= 120


def test_three_failed_logins_in_a_quarter_of_an_hour_lock_for_the_rest_of_it() -> None:
    failed = [NOW, NOW + timedelta(minutes=2), NOW + timedelta(minutes=4)]
    now = NOW + timedelta(minutes=5)
    assert waits.locked_until(failed[:2], now) is None
    assert waits.locked_until(failed, now) == NOW + timedelta(minutes=15)
    assert waits.locked_until(failed, NOW + timedelta(minutes=15)) is None
    assert waits.locked_until([now + timedelta(hours=9)] * 3, now) is None


async def test_tickets_are_given_out_by_the_second_and_by_how_many_are_under_way() -> None:
    clock, taken = PushedClock(), []
    tickets = Tickets(clock, per_s=10, at_once=15)

    async def begin() -> None:
        taken.append(await tickets.take())

    tasks = [asyncio.create_task(begin()) for _ in range(40)]
    await clock.push(0.95)
    assert len(taken) == 10
    await clock.push(5)
    assert len(taken) == 15
    for ticket in list(taken[:5]):
        ticket.give_back()
        ticket.give_back()
    await clock.push(5)
    assert len(taken) == 20
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for ticket in taken:
        ticket.give_back()
    rest = [asyncio.create_task(tickets.take()) for _ in range(15)]
    await clock.push(60)
    assert all(task.done() for task in rest)  # whoever was cancelled holds none


async def test_whoever_is_slow_at_a_handshake_keeps_nobody_waiting() -> None:
    clock = PushedClock()
    tickets = Tickets(clock, per_s=100, at_once=2)
    slow = [await tickets.take()]
    waiting = [asyncio.create_task(tickets.take()) for _ in range(2)]
    await clock.push(SLOW_S - 0.1)
    tickets.expire()
    assert [task.done() for task in waiting] == [True, False]
    await clock.push(0.2)
    tickets.expire()
    await clock.push(0.1)
    assert waiting[1].done()
    slow[0].give_back()
    assert slow[0].is_back


@pytest.mark.parametrize(
    ("held", "cameras", "living", "more"),
    [(0, 10, 1, 10), (0, 10, 2, 5), (5, 10, 2, 0), (5, 11, 2, 1), (7, 10, 2, 0), (0, 0, 1, 0)],
)
def test_each_takes_up_to_its_share(held: int, cameras: int, living: int, more: int) -> None:
    assert shares.may_take(held, cameras, living) == more


def test_who_has_far_more_gives_to_one_who_has_less_and_a_few_at_a_time() -> None:
    both = {"g1", "g2"}
    assert shares.to_give(1000, 1000, {"g1": 1000}, both) == shares.GIVE_AT_ONCE
    assert shares.to_give(540, 1000, {"g1": 540, "g2": 460}, both) == 0
    assert shares.to_give(560, 1000, {"g1": 560, "g2": 440}, both) == 10
    assert shares.to_give(1000, 1000, {"g1": 1000}, {"g1"}) == 0
    assert shares.to_give(600, 1000, {"g1": 600, "g2": 500}, both) == 0


def turned(kind: str, said_s: float, heard_s: float) -> Spoken:
    """An input's contact: by the camera's clock, and when we heard it."""
    name, at = f"{kind} {said_s}", later(said_s)
    one = spoken(f"input.{kind}", WIRED.id, id=name, adapter=True, at=later(heard_s))
    return replace(one, said=replace(one.said, at=at))


@pytest.mark.parametrize(
    ("said_s", "heard_s", "pulses"),
    [
        ((0, 3), (0, 3), {1}),
        ((0, 3), (0, 0), {1}),
        ((0, 300), (900, 900), set()),
        ((0, 0), (0, 300), set()),
        ((0, -9000), (0, 3), set()),
    ],
    ids=["sprang back", "in one reply", "told by Seek", "clock stands", "clock was set"],
)
def test_whether_a_contact_stays_is_told_by_the_words_own_times(
    said_s: tuple[float, float], heard_s: tuple[float, float], pulses: set[int]
) -> None:
    held = Held(wanted=wanted())
    held.contact(turned("activated", said_s[0], heard_s[0]))
    held.contact(turned("cleared", said_s[1], heard_s[1]))
    assert held.pulses == pulses


def test_a_contact_that_stays_for_a_minute_latches_again_and_what_is_told_twice_counts_once() -> (
    None
):
    held = Held(wanted=wanted())
    for begun_s, stays_s, pulses in ((0, 3, {1}), (100, 60, set())):
        held.contact(turned("activated", begun_s, begun_s))
        held.contact(turned("cleared", begun_s + stays_s, begun_s + stays_s))
        assert held.pulses == pulses
    for _ in range(2):
        held.contact(turned("activated", 0, 600))
        held.contact(turned("cleared", 3, 600))
        assert held.pulses == set()


def test_of_a_contact_that_was_found_closed_nobody_knows_since_when() -> None:
    held, closed = Held(wanted=wanted()), turned("activated", 0, 0)
    content = {**closed.said.content, "data": {"initial": True}}
    held.contact(replace(closed, said=replace(closed.said, content=content)))
    held.contact(turned("cleared", 3, 3))
    assert held.pulses == set()


def wanted() -> Wanted:
    return Wanted(device=WIRED.id, host="192.0.2.1", port=80, tls=False, secret=None, hold_s=30)
