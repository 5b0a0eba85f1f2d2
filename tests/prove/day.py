"""Day: a school day in ten minutes, again and again: what grows, and what only comes and goes."""

import asyncio
import contextlib
import itertools
import random
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.bench import watching
from tests.bench.watching import Sample
from tests.prove.found import Found, Ground, Loss, Size
from tests.stories import audit, crowd, devices
from tests.stories import town as towns
from tests.stories.crowd import Crowd
from tests.stories.town import Town

PHASES = (
    ("night", 0.15, 0.05, 0.0),
    ("morning", 0.15, 1.0, 475.0),
    ("lessons", 0.30, 0.5, 20.0),
    ("break", 0.10, 1.0, 150.0),
    ("lessons again", 0.15, 0.5, 20.0),
    ("going home", 0.15, 0.5, 300.0),
)
"""Name, share of the day, presses and passages a second."""
PAGES = ("alarms", "devices", "sites", "events", "deliveries", "quarantine")
HOUR_S = 3600.0
FLAT_MIB_PER_H, FLAT_PER_H = 8.0, 2.0
SAMPLES = 240
EVERYTHING_WITHIN_S = 120.0
HEADERS = {"Authorization": "Bearer supervisor-secret"}


@dataclass(slots=True)
class Watched:
    """What was seen of the gateway."""

    samples: list[Sample] = field(default_factory=list)
    tasks: list[tuple[float, float]] = field(default_factory=list)

    def slope_per_h(self, what: str) -> float:
        """Over the second half, by the line that fits best."""
        if what == "tasks":
            points = self.tasks
        else:
            points = [(one.at_s, float(getattr(one, what))) for one in self.samples]
        return watching.slope(points[len(points) // 2 :]) * HOUR_S


async def prove(ground: Ground) -> Found:
    """Six days in an hour; in short, one in a minute."""
    days, day_s = ground.pick(short=1, long=6), ground.pick(short=60, long=600)
    async with (
        towns.opened(ground.folder, database=ground.database) as town,
        devices.at(town.brokers[0].port, crowded=True) as saying,
        crowd.at_work(saying, presses_per_s=0, passages_per_s=0) as people,
    ):
        people.keeps_passages = False
        watched = Watched()
        async with _beside(
            _watch(town, watched, days * day_s / SAMPLES),
            _dispatch(town),
            _look_on(town.dabyl.url),
        ):
            for number in range(days):
                await _one_day(town, people, day_s)
                ground.say(f"day {number + 1} of {days}: {watched.samples[-1].rss_mib:.0f} MiB")
        await people.stop(within_s=EVERYTHING_WITHIN_S)
        counted = await audit.take(town, people)
        rows = await town.rows("SELECT COUNT(*) FROM journal_event")
    return _found(ground, watched, people, counted, passages_missing=people.passed - rows[0][0])


def _found(
    ground: Ground, watched: Watched, people: Crowd, counted: audit.Figures, passages_missing: int
) -> Found:
    first, last = watched.samples[0], watched.samples[-1]
    most = max(one.rss_mib for one in watched.samples)
    is_long = ground.size is Size.LONG
    loss = Loss(
        harm=f"{round((last.at_s - first.at_s) / 60)} minutes of busy days",
        times=1,
        presses=counted.presses,
        lost=len(counted.lost),
        doubled=len(counted.doubled),
    )
    flat_mib, flat = (FLAT_MIB_PER_H, FLAT_PER_H) if is_long else (None, None)
    return (
        Found(losses=[loss])
        .ask("presses receipted", counted.presses)
        .ask("passages receipted", people.passed)
        .ask("presses lost", len(counted.lost), at_most=0)
        .ask("presses under two keys", len(counted.doubled), at_most=0)
        .ask("passages receipted, not in the journal", max(0, passages_missing), at_most=0)
        .ask("memory at first", first.rss_mib, "MiB")
        .ask("memory, most", most, "MiB")
        .ask("memory, slope", watched.slope_per_h("rss_mib"), "MiB/h", at_most=flat_mib)
        .ask("descriptors, slope", watched.slope_per_h("descriptors"), "/h", at_most=flat)
        .ask("descriptors at the end, more than at first", last.descriptors - first.descriptors)
        .ask("threads, slope", watched.slope_per_h("threads"), "/h", at_most=flat)
        .ask("tasks, slope", watched.slope_per_h("tasks"), "/h", at_most=flat)
        .ask("CPU, of one core", (last.cpu_s - first.cpu_s) / (last.at_s - first.at_s) * 100, "%")
    )


async def _one_day(town: Town, people: Crowd, day_s: float) -> None:
    """Its phases; in the lessons the centre is away for a moment, at night the broker restarts."""
    for name, share, presses_per_s, passages_per_s in PHASES:
        working = asyncio.create_task(people.run(presses_per_s, passages_per_s))
        try:
            if name == "lessons":
                await town.centre.mode("refuse")
                await asyncio.sleep(day_s * 0.03)
                await town.centre.mode("ok")
            if name == "night":
                await town.brokers[0].restart()
            await asyncio.sleep(day_s * share)
        finally:
            working.cancel()


async def _watch(town: Town, watched: Watched, every_s: float) -> None:
    loop = asyncio.get_running_loop()
    while True:
        watched.samples.append(watching.look(town.dabyl.pid))
        watched.tasks.append((loop.time(), await town.metric("dabyl_tasks")))
        await asyncio.sleep(every_s)


async def _dispatch(town: Town) -> None:
    """A dispatcher who claims and closes what is open; otherwise alarms would pile up for ever."""
    while True:
        found = await town.api.get("/api/v1/alarms", params={"open": "true", "limit": 20})
        for alarm in found.json()["items"]:
            path = f"/api/v1/alarms/{alarm['id']}"
            claimed = await town.api.post(f"{path}/claim", json={})
            if claimed.status_code == httpx2.codes.OK:
                body = {"version": claimed.json()["version"], "disposition": "test"}
                await town.api.post(f"{path}/close", json=body)
        await asyncio.sleep(1)


async def _look_on(url: str) -> None:
    """Somebody opens the live stream, reads a while, asks for this and that, and goes."""
    dice = random.Random(5)
    for path in itertools.cycle(PAGES):
        async with httpx2.AsyncClient(base_url=url, headers=HEADERS, timeout=20) as client:
            await client.get(f"/api/v1/{path}")
            with contextlib.suppress(TimeoutError):
                async with (
                    asyncio.timeout(dice.uniform(0.5, 4)),
                    client.stream("GET", "/api/v1/alarms/stream") as stream,
                ):
                    async for _ in stream.aiter_bytes():
                        pass


@contextlib.asynccontextmanager
async def _beside(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run them while the block runs; whichever fails, fails it at its end."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
