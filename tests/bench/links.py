"""Cameras' links in a process of their own, so that what they cost can be measured.

`--port`, `--count`: camera-1 and so on, as tests/harness/cameras.py has them. Reads words from its
input and answers each with a line of JSON: `start`, `hold SECONDS`, `events`, `end`.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import os
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from adapters.devices.contract import LinkError
from adapters.devices.onvif.dial import dial
from adapters.devices.onvif.health import Health
from adapters.devices.onvif.means import Means
from adapters.devices.onvif.owing import Owing
from adapters.devices.onvif.settings import CameraSettings, InputSetting
from adapters.devices.onvif.transport import Wire
from adapters.signal import Answer, Receipt, Signal, Spoken
from gateway.app import GC_THRESHOLDS
from gateway.clock import SystemClock
from gateway.settings.cameras import Cameras
from gateway.watch.tickets import Tickets
from tests.bench import watching
from tests.harness import waiting
from tests.harness.cameras import HOST, PASSWORD, USER
from tests.prove import limits

TICK_S = 0.02
SOME = 50
UP_WITHIN_S = 300.0
INPUTS = {"1": InputSetting(part=1), "2": InputSetting(part=2)}


@dataclass
class Pulse:
    """How long the loop kept others waiting by its own work."""

    blocked_ms: float = 0.0
    late_ms: float = 0.0

    async def feel(self) -> None:
        """Until cancelled. What another process took of the core is lateness, not ours."""
        while True:
            wall_s, cpu_s = time.monotonic(), time.process_time()
            await asyncio.sleep(TICK_S)
            late_s = time.monotonic() - wall_s - TICK_S
            self.late_ms = max(self.late_ms, late_s * 1000)
            own_s = min(late_s, time.process_time() - cpu_s)
            self.blocked_ms = max(self.blocked_ms, own_s * 1000)


@dataclass
class Links:
    """All of them."""

    arguments: argparse.Namespace
    ups: int = 0
    events: list[tuple[str, str, float]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    healths: list[Health] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    rss_before_mib: float = 0.0

    async def start(self, wire: Wire) -> dict[str, Any]:
        """Connect all, in the turn that the gateway gives them; until the last was up."""
        means = Means(wire=wire, now=_now, monotonic=time.monotonic, sleep=asyncio.sleep)
        as_set = Cameras()
        tickets = Tickets(SystemClock(), as_set.starts_per_s, as_set.handshakes)
        # As the gateway does it, when all is loaded.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        before, begun = watching.look(os.getpid()), time.monotonic()
        self.rss_before_mib = before.rss_mib
        pulse = Pulse()
        feeling = asyncio.create_task(pulse.feel())
        for number in range(self.arguments.count):
            self.tasks.append(asyncio.create_task(self._live(number, means, tickets)))
            if number % SOME == 0:
                await asyncio.sleep(0)  # to make them all is our work, not theirs
        with contextlib.suppress(waiting.NotInTimeError):
            await waiting.until(
                lambda: self.ups >= self.arguments.count, within_s=UP_WITHIN_S, what="all are up"
            )
        took_s = time.monotonic() - begun
        feeling.cancel()
        return {
            "up": self.ups,
            "took_s": took_s,
            "cpu_s": watching.look(os.getpid()).cpu_s - before.cpu_s,
            "blocked_ms": pulse.blocked_ms,
            "late_ms": pulse.late_ms,
        }

    async def hold(self, seconds: float) -> dict[str, Any]:
        """Let them live for so long; what that costs."""
        gc.collect()
        pulse = Pulse()
        feeling = asyncio.create_task(pulse.feel())
        before = watching.look(os.getpid())
        await asyncio.sleep(seconds)
        after = watching.look(os.getpid())
        feeling.cancel()
        ages_s = [
            (_now() - one.last_reply_at).total_seconds()
            for one in self.healths
            if one.last_reply_at is not None
        ]
        return {
            "cores": (after.cpu_s - before.cpu_s) / (after.at_s - before.at_s),
            "kib_each": (after.rss_mib - self.rss_before_mib) * 1024 / self.arguments.count,
            "descriptors": after.descriptors,
            "blocked_ms": pulse.blocked_ms,
            "late_ms": pulse.late_ms,
            "oldest_reply_s": max(ages_s, default=0.0),
            "ended": self.ended,
        }

    async def _live(self, number: int, means: Means, tickets: Tickets) -> None:
        device = f"camera-{number + 1}"
        settings = CameraSettings(
            device=device,
            host=HOST,
            port=self.arguments.port + number,
            tls=self.arguments.tls,
            username=USER,
            password=lambda: PASSWORD,
            inputs=INPUTS,
            hold_s=self.arguments.hold,
        )
        health = Health()
        self.healths.append(health)
        life = dial(means)(settings, {}, health, Owing())()
        ticket = await tickets.take()

        def up() -> None:
            self.ups += 1
            ticket.give_back()

        try:
            await life.live(self._emit, up)
        except LinkError as error:
            self.ended.append(str(error))

    def _emit(self, signal: Signal, answer: Answer) -> None:
        if isinstance(signal, Spoken):
            self.events.append((signal.device, signal.said.kind, time.monotonic()))
        answer(Receipt(device=signal.device, stored_at=_now()))


def _now() -> datetime:
    return datetime.now(UTC)


async def _obey(links: Links) -> None:
    wire = Wire()
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    _say({"ready": os.getpid()})
    async for line in lines:
        match line.split():
            case [b"start"]:
                _say(await links.start(wire))
            case [b"hold", seconds]:
                _say(await links.hold(float(seconds)))
            case [b"events"]:
                _say({"events": links.events})
                links.events = []
            case _:
                break
    for task in links.tasks:
        task.cancel()
    await asyncio.gather(*links.tasks, return_exceptions=True)
    await wire.close()


def _say(found: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read the arguments, and obey."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.links", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--hold", type=float, default=30.0)
    parser.add_argument("--tls", action="store_true")
    limits.as_many_files_as_allowed()
    asyncio.run(_obey(Links(parser.parse_args())))


if __name__ == "__main__":
    main()
