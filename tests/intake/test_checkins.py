"""Check-ins: what one changes is told once, also where the commit's word was lost."""

from pathlib import Path

from adapters.signal import CheckIn, Lane, Receipt
from tests.domain.making import NOW
from tests.harness import waiting
from tests.intake.bench import Bench, bench

BUTTON = "button-1"


def said(**content: object) -> CheckIn:
    """Its word, as it stands at that broker."""
    return CheckIn(link="b1", device=BUTTON, received_at=NOW, online=True, content=content)


OPENED, CLOSED = said(tamper=True, at="08:00:01"), said(tamper=False, at="08:00:02")


async def unsure(running: Bench, *signals: CheckIn) -> list[Receipt]:
    """The answers to them where their commit's word is lost, and they are tried again."""
    running.database.loses_word = True
    running.hear(*signals)
    await waiting.until(lambda: running.clock.sleepers, what="it waits to try again")
    await running.clock.push(1)
    await running.until_answered(len(signals))
    return running.receipts


async def test_what_was_stored_though_nobody_was_told_is_not_stored_again(
    tmp_path: Path, either_url: str | None
) -> None:
    async with bench(tmp_path, url=either_url) as running:
        receipts = await unsure(running, OPENED, CLOSED)
        assert [one.refused for one in receipts] == [None, None]
        assert await running.quarantined() == []
        assert [row[1:] for row in await running.rows(Lane.EVENT)] == [(0, 0, 1), (0, 0, 1)]
        (alarm,) = await running.alarms()
        assert (alarm.kind, alarm.count) == ("tamper.opened", 1)


async def test_what_a_broker_hands_twice_at_once_is_each_time_a_word_of_its_own(
    tmp_path: Path, either_url: str | None
) -> None:
    """Nobody can tell whether the case was opened again: then it was."""
    async with bench(tmp_path, url=either_url) as running:
        receipts = await unsure(running, OPENED, CLOSED, OPENED, CLOSED)
        assert [one.refused for one in receipts] == [None] * 4
        assert await running.quarantined() == []
        assert [row[1:] for row in await running.rows(Lane.EVENT)] == [
            *[(0, 0, 1)] * 2,
            *[(1, 0, 1)] * 2,
        ]
        (alarm,) = await running.alarms()
        assert (alarm.kind, alarm.count) == ("tamper.opened", 2)
