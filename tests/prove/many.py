"""Many buttons, each with a connection of its own, as a process. Says one JSON line.

Each connects, listens for its receipt, presses, and says it again every two seconds without one.
"""

import argparse
import asyncio
import gc
import json
import random
import ssl
import sys
import time
import uuid

from tests.bench.mqtt import Client
from tests.prove import limits

REPEAT_S = 2.0
CONNECT_WITHIN_S = 60.0
"""Ten thousand handshakes at one broker take their time."""


async def press(arguments: argparse.Namespace, number: int) -> dict[str, object]:
    """One button's press; how long everything took."""
    name, begun, dice = f"button-{number:05d}", time.monotonic(), random.Random(number)
    receipted, lives, presses, connected_s = asyncio.Event(), 0, 0, 0.0
    event_id = uuid.uuid4().hex
    tls = arguments.trust

    def hear(_: bytes, payload: bytes) -> None:
        if json.loads(payload).get("id") == event_id:
            receipted.set()

    while not receipted.is_set():
        lives += 1
        try:
            client = await Client.connected(
                arguments.port,
                name,
                hear,
                password=name[::-1] if tls else None,
                tls=tls,
                within_s=CONNECT_WITHIN_S,
            )
            await client.subscribe([f"dabyl/v1/{name}/receipt"], CONNECT_WITHIN_S)
        except (OSError, TimeoutError):
            await asyncio.sleep(dice.uniform(0.1, 1.0))
            continue
        connected_s = connected_s or time.monotonic() - begun
        while not receipted.is_set() and not client.lost.is_set():
            age_ms = round((time.monotonic() - begun) * 1000)
            body = f'{{"id": "{event_id}", "kind": "panic.pressed", "age_ms": {age_ms}}}'
            client.publish(f"dabyl/v1/{name}/alarm".encode(), body.encode())
            presses += 1
            waits = {asyncio.ensure_future(one.wait()) for one in (receipted, client.lost)}
            await asyncio.wait(waits, timeout=REPEAT_S, return_when=asyncio.FIRST_COMPLETED)
            for one in waits:
                one.cancel()
        client.close()
    took_s = time.monotonic() - begun
    return {
        "name": name,
        "id": event_id,
        "connected_s": connected_s,
        "took_s": took_s,
        "lives": lives,
        "presses": presses,
    }


async def run(arguments: argparse.Namespace) -> list[dict[str, object]]:
    """All of them at once, when told to go."""
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    numbers = range(arguments.first, arguments.first + arguments.count)
    return await asyncio.gather(*(press(arguments, number) for number in numbers))


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--ca", help="whom to trust; then with TLS and a password")
    arguments = parser.parse_args()
    limits.as_many_files_as_allowed()
    arguments.trust = ssl.create_default_context(cafile=arguments.ca) if arguments.ca else None
    gc.disable()
    print(json.dumps(asyncio.run(run(arguments))), flush=True)


if __name__ == "__main__":
    main()
