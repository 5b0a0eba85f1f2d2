"""What is ours and in nobody's hand is taken in order, in slices, once; no first word waits."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import gateway.forward as forwarding
from gateway.forward import Forward
from gateway.forward.line import Line
from gateway.store import deliveries, outbox, schema
from gateway.store.database import CountingDatabase, StoreDown, Urgency, Work, open_database
from gateway.store.outbox import Delivery
from gateway.store.wakeups import Wakeups
from tests.domain.making import NOW, later
from tests.forward.making import CUT, Scripted, delivery
from tests.harness import waiting
from tests.harness.changed import replace
from tests.harness.clock import PushedClock
from tests.store.making import do

OURS: dict[str, Any] = {"claimed_by": "g1", "claimed_until": later(6)}
THEIRS: dict[str, Any] = {"claimed_by": "g2", "claimed_until": later(6)}


class Unsure:
    """A database that now and then does what it is asked, and whose answer gets lost; or not."""

    dialect = "sqlite"

    def __init__(self, real: CountingDatabase) -> None:
        self.real, self.read, self.close = real, real.read, real.close
        self.adoptions = self.adopted = self.let_go = 0
        self.loses = ""
        """The work whose answer gets lost, once."""
        self.after_adoption: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(0)
        self.before_claim: Callable[[], object] = lambda: None
        self.refuses = ""
        """The work that is not done, once."""
        self.before_adoption: Callable[[int], Awaitable[object]] = lambda _: asyncio.sleep(0)
        """Given the how-manieth it is."""
        self.settles = asyncio.Event()
        self.settles.set()

    async def write(self, work: Work[Any], urgency: Urgency) -> Any:  # noqa: ANN401 - the work's own
        if self.refuses and self.refuses in work.__qualname__:
            self.refuses = ""
            raise StoreDown("it is away")
        if "_claim" in work.__qualname__:
            self.before_claim()
        if "_adopt_slice" in work.__qualname__:
            self.adoptions += 1
            await self.before_adoption(self.adoptions)
        elif "settle" in work.__qualname__:
            await self.settles.wait()
        found = await self.real.write(work, urgency)
        if "_adopt_slice" in work.__qualname__:
            await self.after_adoption()
            self.adopted += 1
        self.let_go += "_let_go" in work.__qualname__
        if self.loses and self.loses in work.__qualname__:
            self.loses = ""
            raise StoreDown("nobody knows")
        return found


@dataclass
class Post:
    """A forward with one line on a database, and the receiver at its end."""

    forward: Forward
    line: Line
    database: Unsure
    centre: Scripted
    clock: PushedClock

    async def owe(self, *rows: Delivery) -> None:
        await do(self.database.real, outbox.owe, rows)

    async def is_nothing_waiting(self) -> bool:
        return not await self.database.read(deliveries.waiting)

    async def held(self) -> int:
        rows = schema.deliveries
        asked = select(func.count()).where(rows.c.claimed_by == "g1")
        return await self.database.read(lambda c: c.execute(asked).scalar_one())

    async def is_claim_lost(self) -> bool:
        await self.look()
        return not self.database.loses

    async def is_claimed_and_let_go(self) -> bool:
        await self.look()
        return self.database.let_go > 0

    async def look(self) -> None:
        self.forward.wakeups.wake()
        await self.clock.push(0.1)

    async def until_sent(self, count: int) -> list[str]:
        await waiting.until(lambda: len(self.centre.asked) >= count, what=f"{count} are sent")
        return self.centre.keys()


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Post]:
    real = open_database(f"sqlite:///{folder / 'store.db'}")
    await real.write(schema.metadata.create_all, Urgency.BULK)
    database, clock = Unsure(real), PushedClock(NOW)
    centre = Scripted(clock)
    centre.gate.set()
    forward = Forward(
        database=database,
        clock=clock,
        gateway="g1",
        lines={},
        wakeups=Wakeups(),
        confirm=lambda _, __: [],
        ordered=lambda _: None,
        committed=lambda: None,
    )
    line = Line(
        name="centre", forwarder=centre, clock=clock, settled=forward.settled, voice=lambda *_: None
    )
    forward.lines = {"centre": line}
    yield Post(forward, line, database, centre, clock)
    await real.close()


@asynccontextmanager
async def sending(post: Post) -> AsyncIterator[None]:
    task = asyncio.create_task(post.forward.run())
    yield
    task.cancel()
    await asyncio.wait([task])


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    async with opened(tmp_path) as made:
        yield made


async def adopted(post: Post, slices: int = 1) -> None:
    await waiting.until(lambda: post.database.adopted >= slices, what="the store was asked")
    await asyncio.sleep(0.05)


async def test_a_first_word_goes_while_a_doubt_stands(post: Post) -> None:
    answers = asyncio.Event()
    post.database.before_adoption = lambda _: answers.wait()
    async with sending(post):
        words = [delivery(1, "a"), replace(delivery(2, "b", 2), **OURS)]
        await post.owe(*words)
        post.forward.take(words)
        assert await post.until_sent(1) == ["a:1"]
        answers.set()
        assert await post.until_sent(2) == ["a:1", "b:2"]


async def test_what_waited_for_a_doubt_and_was_adopted_is_sent_once(post: Post) -> None:
    """It is stored, held back, adopted, sent and settled, while a second doubt stands."""
    word = replace(delivery(2, "a", 2), **OURS)
    await post.owe(word)
    post.forward.take([word])

    async def before(nth: int) -> None:
        if nth == 1:
            post.forward.doubt()
        else:
            await waiting.until(post.is_nothing_waiting, what="it is settled")

    post.database.before_adoption = before
    async with sending(post):
        await adopted(post, 2)
    assert post.centre.keys() == ["a:2"]


async def test_what_went_while_the_store_was_asked_is_not_sent_again(post: Post) -> None:
    """Its settling is not written down when the store says that it waits."""
    word = replace(delivery(1, "a"), **OURS)

    async def before(_: int) -> None:
        if not post.centre.asked:
            await post.owe(word)
            post.forward.take([word])
            await post.until_sent(1)

    post.database.before_adoption = before
    post.database.settles.clear()
    async with sending(post):
        await adopted(post)
    assert post.centre.keys() == ["a:1"]


async def test_a_claim_whose_answer_got_lost_is_not_overtaken(post: Post) -> None:
    async with sending(post):
        await adopted(post)
        await post.owe(delivery(1, "a"))  # another gateway's, which is gone
        post.database.loses = "claim"
        await waiting.until(post.is_claim_lost, what="it is claimed")
        second = replace(delivery(2, "a", 2), **OURS)
        await post.owe(second)
        post.forward.take([second])
        assert await post.until_sent(2) == ["a:1", "a:2"]


@pytest.mark.parametrize("second_is", [OURS, THEIRS])
async def test_what_waited_for_a_doubt_is_not_sent_where_another_sends_what_comes_before_it(
    post: Post, second_is: dict[str, Any]
) -> None:
    """Both were ours; we stood still, and another took the first over, or both."""
    first = replace(delivery(1, "a"), **THEIRS)
    second = replace(delivery(2, "a", 2), **second_is)
    await post.owe(first, second)
    post.forward.take([second])
    async with sending(post):
        await adopted(post)
        assert (post.centre.keys(), await post.held()) == ([], 0)


async def test_what_another_takes_over_while_we_adopt_is_not_overtaken(post: Post) -> None:
    """The second word was born while the slices were looked through."""
    first, second = delivery(1, "a"), replace(delivery(2, "a", 2), **OURS)

    async def before(_: int) -> None:
        post.forward.take([second])

    async def after() -> None:
        await post.owe(replace(first, **THEIRS), second)

    post.database.before_adoption, post.database.after_adoption = before, after
    async with sending(post):
        await adopted(post)
        assert (post.centre.keys(), await post.held()) == ([], 0)


async def test_a_long_backlog_is_adopted_in_slices_and_not_all_kept(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "CLAIM_AT_ONCE", 10)
    post.line.room = 30
    for n in range(2, 102):
        await post.owe(replace(delivery(n, f"a{n // 2}", 1 + n % 2, priority=1), **OURS))
    post.centre.script = lambda *_: CUT
    async with sending(post):
        await adopted(post, 11)
        assert len(post.line.queue) == 30
        assert await post.held() == 30
        assert post.line.order.alarms == {f"a{n}" for n in range(16, 51)}


async def test_what_was_claimed_and_finds_no_room_is_let_go(post: Post) -> None:
    """Held and in nobody's hand, a later word of its alarm would be claimed before it."""
    post.centre.script = lambda *_: CUT
    async with sending(post):
        await adopted(post)
        await post.owe(*(delivery(n, f"a{n}", 2) for n in range(1, 6)))
        post.database.before_claim = lambda: setattr(post.line, "room", 3)
        await waiting.until(post.is_claimed_and_let_go, what="five are claimed, and two let go")
        assert (len(post.line.queue), await post.held()) == (3, 3)
