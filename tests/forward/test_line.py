"""The line: what each answer means, and how gently a silent receiver is asked."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from adapters.receivers.contract import Outcome, Reason, TryAgain
from gateway.forward import line as lines
from gateway.forward.line import Trouble
from gateway.forward.queue import PICTURES, PICTURES_AT_ONCE
from tests.forward.making import BAD, BUSY, CUT, YES, Running, delivery, running, stills


async def opened(found: Running) -> None:
    """Three different deliveries that did not get through: the breaker is open."""
    found.take(*(delivery(n, f"x{n}", priority=1, device=f"d{n}") for n in range(3)))
    await found.push()
    assert found.line.breaker.is_open


async def test_an_accepted_delivery_is_done_with_the_receivers_reference() -> None:
    async with running(lambda *_: YES) as found:
        found.take(delivery(1, "a"))
        await found.push()
        ((key, settlement),) = found.settled
    assert (key, settlement.state, settlement.reference) == ("a:1", "done", "CAD-1")
    assert settlement.attempts == 1


@pytest.mark.parametrize("reason", list(Reason))
async def test_whatever_is_not_accepted_goes_again_until_it_is(reason: Reason) -> None:
    again = TryAgain(reason=reason)
    async with running(lambda _, nth: again if nth < 4 else YES) as found:
        found.take(delivery(1, "a"))
        await found.push(10)
        assert found.ended() == {"a:1": "done"}
        first, *rest = (b - a for a, b in pairwise(found.receiver.times()))
    assert 0.39 <= first <= 0.71
    assert all(wait >= 0.39 for wait in rest)


@pytest.mark.parametrize(("priority", "wait_s"), [(0, 2), (1, 60)])
async def test_a_receivers_wish_is_granted_up_to_its_cap(priority: int, wait_s: float) -> None:
    wish = TryAgain(reason=Reason.OVERLOADED, after=timedelta(seconds=500))
    async with running(lambda _, nth: wish if nth < 2 else YES) as found:
        found.take(delivery(1, "a", priority=priority))
        await found.push(wait_s + 1)
        first, second = found.receiver.times()
    assert second - first == pytest.approx(wait_s, abs=0.1)


async def test_a_refused_delivery_is_dead_with_the_answer() -> None:
    async with running(lambda *_: BAD) as found:
        found.take(delivery(1, "a", priority=1))
        await found.push(60)
        ((_, settlement),) = found.settled
    assert (settlement.state, settlement.answer) == ("dead", "422 no such site")
    assert (found.said, len(found.receiver.asked)) == ([Trouble.DELIVERY_REFUSED], 1)


async def test_a_refused_cry_is_never_dead_but_goes_again_every_half_minute() -> None:
    async with running(lambda *_: BAD) as found:
        found.take(delivery(1, "a"))
        await found.push(61)
        assert found.settled == []
        assert found.receiver.times() == pytest.approx([0, 30, 60], abs=0.2)


async def test_a_refused_cry_goes_to_the_backup_at_once() -> None:
    async with running(lambda _, nth: BAD if nth < 2 else YES, has_backup=True) as found:
        found.take(delivery(1, "a"))
        await found.push()
        assert [backup for _, _, backup in found.receiver.asked] == [False, True]
        assert found.ended() == {"a:1": "done"}


async def test_the_backup_takes_no_lesser_notice() -> None:
    async with running(lambda *_: BAD, has_backup=True) as found:
        found.take(delivery(1, "a", priority=1))
        await found.push()
        assert [backup for _, _, backup in found.receiver.asked] == [False]


@pytest.mark.parametrize(
    ("reason", "trouble"),
    [
        (Reason.TIMEOUT, Trouble.UNREACHABLE),
        (Reason.TLS, Trouble.UNREACHABLE),
        (Reason.UNREACHABLE, Trouble.UNREACHABLE),
        (Reason.MISCONFIGURED, Trouble.REFUSING),
    ],
)
async def test_a_silent_receiver_is_told_once_and_asked_at_most_twice_a_second(
    reason: Reason, trouble: Trouble
) -> None:
    async with running(lambda *_: TryAgain(reason=reason)) as found:
        await opened(found)
        await found.push(20)
        times = found.receiver.times()[3:]
        keys = found.receiver.keys()[2:]
    assert found.said == [trouble]
    assert min(b - a for a, b in pairwise(times)) >= 0.5
    assert len(times) >= 30
    assert all(a != b for a, b in pairwise(keys))


async def test_one_probe_is_under_way_at_a_time() -> None:
    async with running(lambda *_: CUT) as found:
        await opened(found)
        found.receiver.gate.clear()
        await found.push(5)
        assert len(found.receiver.asked) == 4


async def test_an_untried_cry_goes_at_once_although_the_receiver_is_silent() -> None:
    async with running(lambda *_: CUT) as found:
        await opened(found)
        before = len(found.receiver.asked)
        found.take(*(delivery(100 + n, f"cry{n}", device=f"c{n}") for n in range(5)))
        await found.push()
        assert found.receiver.keys()[before:] == [f"cry{n}:1" for n in range(5)]


async def test_everything_goes_at_once_when_the_receiver_is_back() -> None:
    is_back = False

    def script(*_: object) -> Outcome:
        return YES if is_back else CUT

    async with running(script) as found:
        await opened(found)
        found.take(*(delivery(10 + n, f"y{n}", priority=n % 4, device="b") for n in range(40)))
        await found.push(120)
        is_back = True
        await found.push(0.6)
        assert len(found.settled) == 43
        assert (found.line.state, found.said[-1]) == ("ok", Trouble.REACHED)


async def test_a_receiver_that_answers_anything_is_not_silent() -> None:
    """One alarm that it cannot take holds up no other."""
    is_back = False

    def script(key: str, _: int) -> Outcome:
        if not is_back:
            return CUT
        return BUSY if key == "x0:1" else YES

    async with running(script) as found:
        await opened(found)
        is_back = True
        await found.push(3)
        assert found.ended() == {"x1:1": "done", "x2:1": "done"}


async def test_a_proxys_page_is_no_proof_and_is_told() -> None:
    async with running(lambda *_: TryAgain(reason=Reason.UNPROVEN)) as found:
        found.take(*(delivery(n, f"a{n}") for n in range(5)))
        await found.push(5)
        assert (found.said, found.line.breaker.is_open) == ([Trouble.UNPROVEN], False)


async def test_a_forwarder_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "SEND_TIMEOUT_S", 0.0)
    async with running(lambda *_: YES) as found:
        found.receiver.gate.clear()
        found.take(delivery(1, "a"))
        await found.push()
        assert found.line.breaker.failed == [1]


async def test_a_full_line_leaves_the_rest_in_the_outbox_but_never_a_cry() -> None:
    async with running(lambda *_: CUT) as found:
        found.line.room = 3
        await opened(found)
        assert not found.line.take(delivery(9, "z", priority=1))
        assert found.line.take(delivery(10, "cry"))


async def test_a_probe_never_blocks_the_next_one_when_a_cry_gets_through_beside_it() -> None:
    is_back = False

    def script(key: str, _: int) -> Outcome:
        return YES if key.startswith("cry") or is_back else CUT

    async with running(script) as found:
        await opened(found)
        for n in range(20):  # at every moment between two probes
            found.take(delivery(100 + n, f"cry{n}"))
            await found.push(0.25)
        is_back = True
        await found.push(40)
        assert len(found.settled) == 23


async def test_pictures_that_are_not_taken_give_way_to_words_about_the_alarm() -> None:
    busy = TryAgain(reason=Reason.SERVER_ERROR, detail="500")
    async with running(lambda key, _: busy if key == "a:2" else YES) as found:
        found.take(delivery(1, "a"), stills(2, "a", 2), delivery(3, "a", 3))
        await found.push(10)
        assert found.ended() == {"a:1": "done", "a:2": "dead", "a:3": "done"}


async def test_pictures_wait_for_a_receiver_that_is_away_and_while_nothing_is_behind_them() -> None:
    answers: list[Outcome] = [CUT]
    async with running(lambda *_: answers[-1]) as found:
        found.take(stills(2, "a", 2), delivery(3, "a", 3))
        found.take(*(delivery(n, f"x{n}", device=f"d{n}") for n in range(4, 7)))
        await found.push(60)
        answers.append(YES)
        await found.push(60)
        assert found.ended()["a:2"] == found.ended()["a:3"] == "done"
    async with running(lambda _, nth: BUSY if nth < 9 else YES) as found:
        found.take(stills(2, "a", 2))
        await found.push(300)
        assert found.ended() == {"a:2": "done"}


async def test_a_refused_picture_is_dead_though_its_alarm_is_a_cry() -> None:
    async with running(lambda key, _: BAD if key == "a:2" else YES) as found:
        found.take(delivery(1, "a"), stills(2, "a", 2), delivery(3, "a", 3))
        await found.push(1)
        assert found.ended() == {"a:1": "done", "a:2": "dead", "a:3": "done"}


async def test_a_receiver_that_hangs_on_pictures_has_room_for_words_and_is_not_called_silent() -> (
    None
):
    async with running(lambda key, _: YES if key.endswith(":1") else CUT) as found:
        gate, found.receiver.gate = found.receiver.gate, asyncio.Event()
        found.take(*(stills(n, f"p{n}", 2) for n in range(100, 200)))
        await found.push()
        assert len(found.receiver.asked) == PICTURES_AT_ONCE
        found.take(*(delivery(n, f"w{n}", priority=1, device=f"d{n}") for n in range(50)))
        await found.push()
        assert len(found.receiver.asked) == PICTURES_AT_ONCE + 50
        found.receiver.gate.set()
        gate.set()
        await found.push(10)
        assert not found.line.breaker.is_open
        assert found.said == []


async def test_a_word_behind_a_picture_waits_for_no_other_picture() -> None:
    async with running(lambda *_: YES) as found:
        found.receiver.gate.clear()
        found.take(*(stills(n, f"p{n}", 2) for n in range(100, 150)))
        await found.push()
        found.take(stills(200, "a", 2), delivery(201, "a", 3, priority=1))
        await found.push()
        assert found.receiver.keys()[-1] == "a:2"


async def test_more_pictures_than_a_hand_holds_are_dead_letters_and_words_are_taken() -> None:
    async with running(lambda *_: BUSY) as found:
        found.take(*(stills(n, f"p{n}", 2) for n in range(1, PICTURES + 4)))
        found.take(*(delivery(n, f"p{n - 5000}", 3, priority=1) for n in range(5001, 5011)))
        await found.push()
        assert list(found.ended().values()) == ["dead"] * 3
        assert len(found.line.queue) == PICTURES + 10
