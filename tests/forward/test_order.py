"""The order of one alarm's words, where there is no room for all of them or the store is away."""

import asyncio

import pytest

from gateway.forward.order import Order
from gateway.store import holding, outbox
from gateway.store.outbox import Settled, Settlement
from tests.forward.making import delivery
from tests.forward.test_adopting import OURS, Post, adopted, post, sending
from tests.harness import waiting
from tests.harness.changed import replace
from tests.store.making import do

__all__ = ["post"]


async def bear(post: Post, number: int, alarm: str, nth: int) -> None:
    """Owe a word as a commit does, and hand it over."""
    now = post.clock.now()
    elsewhere = await do(post.database.real, outbox.held_elsewhere, "g1", [alarm])
    born = replace(delivery(number, alarm, nth, priority=1), created_at=now)
    if not elsewhere:
        born = replace(born, claimed_by="g1", claimed_until=now + holding.HELD)
    await post.owe(born)
    if not elsewhere:
        post.forward.take([born])


async def passes(post: Post, seconds: float) -> None:
    for _ in range(int(seconds * 10)):
        await post.look()
        await asyncio.sleep(0.003)  # in which the store answers


async def sent(post: Post, count: int) -> list[str]:
    async def is_sent() -> bool:
        await passes(post, 0.2)
        return len(post.centre.asked) >= count

    await waiting.until(is_sent, what=f"{count} are sent")
    return post.centre.keys()


async def test_words_that_had_no_room_go_before_those_that_are_born_when_there_is(
    post: Post,
) -> None:
    post.line.room = 1
    post.centre.gate.clear()
    async with sending(post):
        await adopted(post)
        await bear(post, 1, "z", 1)  # fills the line
        await bear(post, 2, "a", 2)
        await passes(post, 4)
        await bear(post, 3, "a", 3)  # held for longer than the one before it
        await passes(post, 1)
        post.centre.gate.set()
        await passes(post, 1.8)
        await bear(post, 4, "a", 4)
        assert await sent(post, 4) == ["z:1", "a:2", "a:3", "a:4"]


async def test_what_was_claimed_and_could_not_be_let_go_is_not_overtaken(post: Post) -> None:
    post.centre.gate.clear()
    async with sending(post):
        await adopted(post)
        post.line.room = 2
        post.database.before_claim = lambda: setattr(post.line, "room", 1)
        await bear(post, 1, "z", 1)
        await post.owe(delivery(2, "a", 1, priority=1))
        post.database.refuses = "_let_go"
        await passes(post, 3)
        assert not post.database.refuses
        await post.owe(delivery(3, "a", 2, priority=1))  # another gateway's
        post.centre.gate.set()
        assert await sent(post, 3) == ["z:1", "a:1", "a:2"]


@pytest.mark.parametrize("how", ["refuses", "loses"])
@pytest.mark.parametrize("in_doubt", [False, True])
async def test_what_had_no_room_and_was_not_known_to_be_let_go_comes_soon_and_in_order(
    post: Post, how: str, *, in_doubt: bool
) -> None:
    """Sooner than its claim runs out: it is adopted, or claimed."""
    post.line.room = 1
    post.centre.gate.clear()
    asks = asyncio.Event()
    post.database.before_adoption = lambda _: asks.wait()
    async with sending(post):
        if not in_doubt:
            asks.set()
            await adopted(post)
        await bear(post, 1, "z", 1)  # fills the line
        setattr(post.database, how, "_let_go")
        await bear(post, 2, "a", 1)
        await passes(post, 0.5)
        assert not getattr(post.database, how)
        asks.set()
        await adopted(post, 2)
        post.centre.gate.set()
        await bear(post, 3, "a", 2)
        await passes(post, 4)
        assert post.centre.keys()[:2] == ["z:1", "a:1"]
        assert await sent(post, 3) == ["z:1", "a:1", "a:2"]


async def test_what_was_let_go_unknown_to_us_and_sent_by_another_holds_up_nothing(
    post: Post,
) -> None:
    post.line.room = 1
    post.centre.gate.clear()
    async with sending(post):
        await adopted(post)
        await bear(post, 1, "z", 1)
        post.database.loses = "_let_go"
        await bear(post, 2, "a", 1)
        await passes(post, 0.5)
        await adopted(post, 2)
        done = Settlement(id=2, state=Settled.DONE, attempts=1)
        await do(post.database.real, outbox.settle, [done], post.clock.now())
        post.centre.gate.set()
        await bear(post, 3, "a", 2)
        assert await sent(post, 2) == ["z:1", "a:2"]


@pytest.mark.parametrize("by", ["claim", "adoption"])
async def test_what_came_to_be_ours_before_another_took_the_alarm_over_is_let_go(
    post: Post, by: str
) -> None:
    """The answer that tells of the second came first."""

    async def lose(_: int = 0) -> None:
        post.line.order.lose({"a"}, post.clock.monotonic())

    word = delivery(2, "a", 2)
    if by == "adoption":
        word = replace(word, **OURS)
        post.database.before_adoption = lose
    await post.owe(word)
    async with sending(post):
        if by == "claim":
            await adopted(post)
            post.database.before_claim = lambda: post.line.order.lose({"a"}, post.clock.monotonic())
        await waiting.until(post.is_claimed_and_let_go, what="it is let go of")
        assert post.centre.keys() == []
        post.database.before_claim = lambda: None
        assert await sent(post, 1) == ["a:2"]


def test_an_alarm_comes_back_by_a_claim_once_all_its_words_were_let_go() -> None:
    order = Order()
    assert order.allows("a", None)
    order.turn_away("a", 2)
    order.turn_away("a", 3)
    assert (order.allows("a", None), order.allows("a", 1.0)) == (False, False)
    order.let_go([2], 1.0)
    assert not order.allows("a", 2.0)
    order.let_go([3, 99], 3.0)
    assert (order.allows("a", None), order.to_let_go()) == (False, set())
    assert not order.allows("a", 3.0)  # asked for before they were let go of
    assert (order.allows("a", 4.0), order.allows("a", None)) == (True, True)


def test_a_claim_from_before_another_took_over_brings_nothing_back() -> None:
    order = Order()
    order.lose(["a"], 5.0)
    assert not order.allows("a", None)
    assert not order.allows("a", 4.0)
    assert order.allows("b", None)
    order.forget(14.0)
    assert not order.allows("a", None)
    assert order.allows("a", 6.0)


def test_what_changed_hands_long_ago_is_forgotten() -> None:
    order = Order()
    order.lose(["a"], 7.0)
    order.turn_away("b", 1)
    order.let_go([1], 7.0)
    order.turn_away("c", 2)
    order.forget(18.0)
    assert order.alarms == {"c"}  # the store still calls it ours
