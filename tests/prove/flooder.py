"""A device gone mad, as a process of its own: presses without end. Says one JSON line.

It hears its receipts, as a device does, and waits for none.
"""

import argparse
import asyncio
import gc
import json
import os
import time
from datetime import UTC, datetime

from tests.bench.mqtt import PUBLISH_QOS1, Client

TICK_S = 0.001
BURST = 200
"""So many packets at most are written at once."""


class Flooder:
    """Presses at a pace, in packets with little left to fill in, and counts what it hears."""

    def __init__(self, device: str) -> None:
        self.receipts = self.sent = 0
        topic = f"dabyl/v1/{device}/alarm".encode()
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        body = (
            f'{{"id":"{os.urandom(8).hex()}%09d","kind":"panic.pressed","at":"{at}",'
            '"clock":"synced","boot":1,"part":1}'
        ).encode()
        length = 2 + len(topic) + 2 + len(body % 0)
        # Between 128 and 16,383 bytes a length takes two.
        fixed = bytes((PUBLISH_QOS1, length & 0x7F | 0x80, length >> 7))
        self._head = fixed + len(topic).to_bytes(2) + topic
        self._body = body

    def hear(self, _: bytes, __: bytes) -> None:
        """A receipt."""
        self.receipts += 1

    def press(self, client: Client, count: int) -> None:
        """So many presses, written as one piece."""
        head, body = self._head, self._body
        client.send(
            b"".join(
                part
                for number in range(self.sent, self.sent + count)
                for part in (head, (number % 65_535 + 1).to_bytes(2), body % number)
            )
        )
        client.unacknowledged += count
        self.sent += count


async def run(arguments: argparse.Namespace) -> dict[str, float]:
    """Press for so long; what came of it."""
    flooder = Flooder(arguments.device)
    client = await Client.connected(arguments.port, arguments.device, flooder.hear)
    await client.subscribe([f"dabyl/v1/{arguments.device}/receipt"])
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < arguments.seconds:
        due = int(passed * arguments.rate) - flooder.sent
        if due > 0:
            flooder.press(client, min(due, BURST))
        await asyncio.sleep(0 if due > BURST else TICK_S)
        await client.room()
    lasted_s = time.monotonic() - begun
    taken = flooder.sent - client.unacknowledged
    client.close()
    return {
        "sent": flooder.sent,
        "taken": taken,
        "receipts": flooder.receipts,
        "lasted_s": lasted_s,
    }


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--device", default="button-1")
    parser.add_argument("--rate", type=float, default=20_000)
    parser.add_argument("--seconds", type=float, default=60)
    gc.disable()
    print(json.dumps(asyncio.run(run(parser.parse_args()))), flush=True)


if __name__ == "__main__":
    main()
