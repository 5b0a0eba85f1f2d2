"""Order: an end that comes late does not end what was said again since."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from adapters.signal import CheckIn, Lane, Spoken
from gateway.domain.alarm import State
from tests.domain.making import NOW, later, spoken
from tests.intake.bench import Bench, bench

STANDS, RETURNED, NORMAL = State.UNACKNOWLEDGED, State.RETURNED, State.NORMAL


def said(what: str, seq: int | None, *, boot: int = 1, **more: Any) -> Spoken:  # noqa: ANN401 - fields of every type
    counted: dict[str, Any] = {} if seq is None else {"boot": boot, "seq": seq}
    by = "gate-1" if what.startswith("passage") else "button-1"
    return spoken(what, by, id=f"{what}-{boot}-{seq}", **counted, **more)


def opened(seq: int | None, **more: Any) -> Spoken:  # noqa: ANN401 - likewise
    return said("tamper.opened", seq, **more)


def closed(seq: int | None, **more: Any) -> Spoken:  # noqa: ANN401 - likewise
    return said("tamper.closed", seq, **more)


def checked_in(*, seq: int | None, boot: int = 1, at: datetime = NOW, **content: object) -> CheckIn:
    content |= {"boot": boot, "seq": seq}
    return CheckIn(link="b1", device="button-1", received_at=at, online=True, content=content)


HELD, FORCED = "passage.held_open", "passage.forced"
HEARD: dict[str, tuple[list[Spoken], dict[str, State]]] = {
    "in order": ([opened(1), closed(2)], {"tamper.opened": RETURNED}),
    "late": ([opened(1), opened(3), closed(2)], {"tamper.opened": STANDS}),
    "late, then another end": (
        [opened(1), opened(3), closed(2), closed(4)],
        {"tamper.opened": RETURNED},
    ),
    "of the life before": ([opened(1), opened(0, boot=2), closed(2)], {"tamper.opened": STANDS}),
    "after a restart": ([opened(7), closed(0, boot=2)], {"tamper.opened": RETURNED}),
    "without counters": ([opened(1), opened(3), closed(None)], {"tamper.opened": RETURNED}),
    "counted anew": ([opened(7), closed(0, at=later(3601))], {"tamper.opened": RETURNED}),
    "a late beginning": ([opened(3), opened(1), closed(2)], {"tamper.opened": STANDS}),
    "a late pair": ([opened(3), closed(4), opened(1), closed(2)], {"tamper.opened": RETURNED}),
    "all crossed": ([opened(0), closed(3), opened(2), closed(1)], {"tamper.opened": RETURNED}),
    "an older end once more": (
        [opened(1), closed(4), closed(2), opened(3), opened(5)],
        {"tamper.opened": STANDS},
    ),
    "of one of two": (
        [said(HELD, 1), said(FORCED, 3), said("passage.closed", 2)],
        {HELD: NORMAL, FORCED: STANDS},
    ),
    "of both": (
        [said(HELD, 1), said("passage.closed", 2), said(FORCED, 3)],
        {HELD: NORMAL, FORCED: STANDS},
    ),
}
"""What is heard, in that order, and how the alarms stand then."""


async def states(running: Bench) -> dict[str, State]:
    return {one.kind: one.state for one in await running.alarms()}


async def lines(running: Bench) -> list[str]:
    asked = text("SELECT what FROM transitions ORDER BY id")
    return await running.database.read(lambda c: list(c.execute(asked).scalars()))


@pytest.mark.parametrize("is_at_once", [False, True])
@pytest.mark.parametrize("case", HEARD)
async def test_an_alarm_stands_as_its_device_said_last(
    tmp_path: Path, either_url: str | None, case: str, *, is_at_once: bool
) -> None:
    signals, wanted = HEARD[case]
    async with bench(tmp_path, url=either_url) as running:
        for batch in [signals] if is_at_once else [[one] for one in signals]:
            await running.answered(*batch)
        assert await states(running) == wanted


async def test_what_comes_in_order_in_one_batch_is_told_step_by_step(tmp_path: Path) -> None:
    async with bench(tmp_path) as running:
        await running.answered(opened(1), closed(2), opened(3))
        assert await lines(running) == ["raise", "return", "repeat"]
        assert len(running.owed) == 3


async def test_a_late_end_is_a_line_and_no_notice(tmp_path: Path) -> None:
    async with bench(tmp_path) as running:
        await running.answered(opened(1), opened(3))
        told = len(running.owed)
        await running.answered(closed(2))
        assert (await lines(running))[-1] == "overtaken"
        assert len(running.owed) == told


async def test_a_check_in_from_before_the_case_was_opened_does_not_end_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as running:
        await running.answered(opened(3))
        await running.answered(checked_in(tamper=False, seq=2))
        assert await states(running) == {"tamper.opened": STANDS}
        await running.answered(checked_in(tamper=True, seq=3))
        await running.answered(checked_in(tamper=False, seq=4))
        assert await states(running) == {"tamper.opened": RETURNED}


async def test_a_new_unit_whose_counters_begin_anew_ends_it_when_the_hour_is_over(
    tmp_path: Path, either_url: str | None
) -> None:
    async with bench(tmp_path, url=either_url) as running:
        await running.answered(checked_in(boot=57, seq=2, tamper=False))
        await running.answered(opened(3, boot=57))
        await running.answered(checked_in(boot=57, seq=3, tamper=True))
        for minutes, wanted in ((20, STANDS), (21, STANDS), (61, RETURNED)):
            at = later(60 * minutes)
            await running.answered(checked_in(seq=0, at=at, tamper=False))
            assert await states(running) == {"tamper.opened": wanted}, minutes


async def test_a_check_in_is_held_back_by_no_other_part(tmp_path: Path) -> None:
    async with bench(tmp_path) as running:
        await running.answered(checked_in(seq=0, tamper=True), opened(9, part=2))
        await running.answered(checked_in(seq=1, tamper=False))
        assert {one.part: one.state for one in await running.alarms()} == {1: RETURNED, 2: STANDS}


async def test_check_ins_that_waited_behind_the_alarms_end_where_they_began(tmp_path: Path) -> None:
    async with bench(tmp_path) as running:
        await running.answered(opened(1), closed(2), opened(3), closed(4))
        await running.answered(checked_in(seq=None, tamper=False))
        for seq, is_open in ((1, True), (2, False), (4, False), (4, False)):
            await running.answered(checked_in(seq=seq, tamper=is_open))
        assert await states(running) == {"tamper.opened": RETURNED}


async def test_a_check_in_ends_what_was_numbered_though_it_is_no_alarm(tmp_path: Path) -> None:
    """A check-in names the last alarm; only on that lane are its numbers comparable."""
    async with bench(tmp_path) as running:
        await running.answered(said("battery.low", 9, lane=Lane.EVENT), checked_in(seq=7))
        await running.answered(checked_in(battery=10, seq=7))
        assert await states(running) == {"battery.low": STANDS}
        await running.answered(checked_in(battery=90, seq=7))
        assert await states(running) == {"battery.low": NORMAL}
