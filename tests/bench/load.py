"""Passages from all turnstiles over one connection, as a process of its own.

Paced (`--rate`, `--seconds`) or with so many unreceipted at once (`--count`, `--window`): who
waits for receipts finds the rate that is held without a growing backlog. Says one JSON line.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import sys

from tests.bench import devices
from tests.bench.mqtt import Client
from tests.harness import waiting

TICK_S = 0.002
LAST_RECEIPT_WITHIN_S = 60.0
BURST = 64
"""Passages written at once where the window has room."""


class Load:
    """Sends, and counts the receipts."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.passages = devices.Passages()
        self.sent = 0
        self.receipts = 0
        self.refused = 0
        self.last_at = 0.0
        self.course: list[tuple[float, int, int]] = []
        """Receipts so far, and sent so far, every tenth of a second."""
        self.changed = asyncio.Event()

    def hear(self, _: bytes, payload: bytes) -> None:
        """A receipt."""
        if b'"stored_at"' not in payload:
            self.refused += 1
            return
        self.receipts += 1
        self.last_at = devices.now()
        self.changed.set()

    def send(self, count: int) -> None:
        """So many passages."""
        self.client.send(self.passages.packets(count))
        self.sent += count

    async def paced(self, rate_per_s: float, seconds: float) -> None:
        """So many a second, evenly."""
        begun = devices.now()
        while (passed := devices.now() - begun) < seconds:
            due = int(passed * rate_per_s) - self.sent
            if due > 0:
                self.send(due)
            await asyncio.sleep(TICK_S)

    async def windowed(self, count: int, window: int) -> None:
        """So many in all, with never more than the window unreceipted."""
        while self.sent < count:
            room = min(window - (self.sent - self.receipts), count - self.sent, BURST)
            if room > 0:
                self.send(room)
                await asyncio.sleep(0)
                await self.client.room()
            else:
                self.changed.clear()
                await self.changed.wait()

    async def answered(self) -> None:
        """Every receipt has come, or the time is over."""
        with contextlib.suppress(waiting.NotInTimeError):
            await waiting.until(
                lambda: self.receipts + self.refused >= self.sent,
                within_s=LAST_RECEIPT_WITHIN_S,
                what="every passage is receipted",
            )

    async def watch(self) -> None:
        """Keep the course."""
        while True:
            self.course.append((devices.now(), self.receipts, self.sent))
            await asyncio.sleep(0.1)


async def run(arguments: argparse.Namespace) -> dict[str, object]:
    """Send everything; what came of it."""
    load = Load(Client())
    load.client = await Client.connected(arguments.port, "bench-load", load.hear)
    topics = [f"dabyl/v1/{devices.turnstile(n)}/receipt" for n in range(devices.TURNSTILES)]
    await load.client.subscribe(topics)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    begun = devices.now()
    watching = asyncio.ensure_future(load.watch())
    if arguments.count:
        await load.windowed(arguments.count, arguments.window)
    else:
        await load.paced(arguments.rate, arguments.seconds)
    sent_at = devices.now()
    await load.answered()
    watching.cancel()
    load.client.close()
    return {
        "sent": load.sent,
        "receipts": load.receipts,
        "refused": load.refused,
        "sending_s": sent_at - begun,
        "receipted_s": load.last_at - begun,
        "backlog_s": max(0.0, load.last_at - sent_at),
        "course": [(at - begun, receipts, sent) for at, receipts, sent in load.course],
    }


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--rate", type=float, default=2000)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--window", type=int, default=2000)
    gc.disable()
    print(json.dumps(asyncio.run(run(parser.parse_args()))), flush=True)


if __name__ == "__main__":
    main()
