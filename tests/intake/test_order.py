"""Order: an end that comes late does not end what was said again since."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from adapters.signal import Spoken
from gateway.domain.alarm import State
from tests.domain.making import later, spoken
from tests.intake.bench import Bench, bench

STANDS, RETURNED = State.UNACKNOWLEDGED, State.RETURNED


def opened(seq: int | None, *, boot: int = 1, **more: object) -> Spoken:
    return _said("opened", seq, boot, **more)


def closed(seq: int | None, *, boot: int = 1, **more: object) -> Spoken:
    return _said("closed", seq, boot, **more)


def _said(what: str, seq: int | None, boot: int, **more: Any) -> Spoken:  # noqa: ANN401 - fields of every type
    counted: dict[str, Any] = {} if seq is None else {"boot": boot, "seq": seq}
    return spoken(f"tamper.{what}", id=f"{what}-{boot}-{seq}", **counted, **more)


CASES = {
    "in order": ([opened(1), closed(2)], RETURNED),
    "the end is late": ([opened(1), opened(3), closed(2)], STANDS),
    "and then another end": ([opened(1), opened(3), closed(2), closed(4)], RETURNED),
    "the end of the life before": ([opened(1), opened(0, boot=2), closed(2)], STANDS),
    "after a restart": ([opened(7), closed(0, boot=2)], RETURNED),
    "of another part": ([opened(1), opened(3, part=2), closed(2)], RETURNED),
    "without counters": ([opened(1), opened(3), closed(None)], RETURNED),
    "counted anew": ([opened(7, boot=9), closed(0, at=later(7200))], RETURNED),
}
"""What is heard, in that order, and how the alarm of the first part stands then."""


async def state(running: Bench) -> State:
    (found,) = [one for one in await running.alarms() if one.part == 1]
    return found.state


@pytest.mark.parametrize("case", CASES)
async def test_an_alarm_stands_as_its_device_said_last_in_one_batch(
    tmp_path: Path, either_url: str | None, case: str
) -> None:
    signals, wanted = CASES[case]
    async with bench(tmp_path, url=either_url) as running:
        await running.answered(*signals)
        assert await state(running) is wanted


@pytest.mark.parametrize("case", CASES)
async def test_an_alarm_stands_as_its_device_said_last_in_many(
    tmp_path: Path, either_url: str | None, case: str
) -> None:
    signals, wanted = CASES[case]
    async with bench(tmp_path, url=either_url) as running:
        for one in signals:
            await running.answered(one)
        assert await state(running) is wanted


async def test_a_late_end_is_a_line_and_no_notice(tmp_path: Path) -> None:
    async with bench(tmp_path) as running:
        await running.answered(opened(1), opened(3))
        told = len(running.owed)
        await running.answered(closed(2))
        assert len(running.owed) == told
        lines = await running.database.read(
            lambda c: c.execute(text("SELECT what FROM transitions ORDER BY id")).scalars().all()
        )
        assert lines[-1] == "overtaken"
