"""The way back: a dispatcher who answers every new alarm by himself."""

import asyncio
import uuid
from collections import deque
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Final, Literal
from urllib.parse import quote

import aiohttp
from pydantic import BaseModel, ConfigDict, Field

from simulators.operations_centre.ledger import AlarmHeard

UNDER_WAY: Final = 1000
KEPT: Final = 1000
_TRIES: Final = 5
_PAUSE_S: Final = 0.5


class Step(StrEnum):
    """What a dispatcher can say to an alarm."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DISPATCHED = "dispatched"
    ON_SCENE = "on_scene"
    CLOSED = "closed"


class Habit(BaseModel):
    """How the dispatcher answers: each of the states, `after_s` apart; no states, no answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after_s: Annotated[float, Field(ge=0, le=3600)] = 2.0
    states: tuple[Step, ...] = ()
    disposition: Literal["confirmed", "false", "suspicious", "test", "device_fault"] | None = None
    note: Annotated[str, Field(max_length=2000)] | None = None


class Dispatcher:
    """Answers alarms over Dabyl's API, at most UNDER_WAY at a time; what is above is skipped."""

    def __init__(self, dabyl: str, token: str, now: Callable[[], datetime]) -> None:
        self.habit = Habit()
        self.answers: deque[dict[str, object]] = deque(maxlen=KEPT)
        self.skipped = 0
        self._api = f"{dabyl.rstrip('/')}/api/v1/alarms"
        self._now = now
        self._tasks: set[asyncio.Task[None]] = set()
        self._session = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {token}"},
            timeout=aiohttp.ClientTimeout(total=5),
        )

    @property
    def under_way(self) -> int:
        """How many alarms are being answered."""
        return len(self._tasks)

    def raised(self, alarm: AlarmHeard) -> None:
        """Begin to answer a new alarm, if that is the habit."""
        if not self.habit.states:
            return
        if len(self._tasks) >= UNDER_WAY:
            self.skipped += 1
            return
        task = asyncio.create_task(self._attend(alarm, self.habit))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Leave every alarm where it is."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    async def _attend(self, alarm: AlarmHeard, habit: Habit) -> None:
        for step in habit.states:
            await asyncio.sleep(habit.after_s)
            if not await self._say(alarm, step, habit):
                return

    async def _say(self, alarm: AlarmHeard, step: Step, habit: Habit) -> bool:
        """Say one step, the same id in every try, the version read anew for each."""
        words: dict[str, object] = {
            "id": str(uuid.uuid4()),
            "state": step,
            "at": self._now().isoformat(timespec="milliseconds"),
            "operator": {"id": "kui-7", "name": "Айгүл Серікова"},
            "reference": alarm.reference,
            "disposition": habit.disposition if step is Step.CLOSED else None,
            "note": habit.note,
        }
        status: int | None = None
        for _ in range(_TRIES):
            status, said = await self._try(alarm.id, words)
            self.answers.append(
                {
                    "alarm": alarm.id,
                    "state": step,
                    "id": words["id"],
                    "status": status,
                    "said": said,
                }
            )
            if status is not None and status != HTTPStatus.CONFLICT and status < 500:  # noqa: PLR2004 - the class of errors that pass
                break
            await asyncio.sleep(_PAUSE_S)
        return status is not None and status < HTTPStatus.MULTIPLE_CHOICES

    async def _try(self, alarm_id: str, words: dict[str, object]) -> tuple[int | None, str]:
        url = f"{self._api}/{quote(alarm_id, safe='')}"
        try:
            async with self._session.get(url) as answer:
                if answer.status != HTTPStatus.OK:
                    return answer.status, (await answer.text())[:300]
                version = (await answer.json())["version"]
            body = words | {"version": version}
            async with self._session.post(f"{url}/respond", json=body) as answer:
                return answer.status, (await answer.text())[:300]
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
            return None, f"{type(error).__name__}: {error}"[:300]
