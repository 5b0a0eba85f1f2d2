"""The gateway's side of a broker, small and obedient: it hears, gives receipts and beacons."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiomqtt

from tests.harness import waiting

Body = dict[str, Any]


@dataclass(slots=True)
class GatewaySide:
    """What was heard, by topic, and a way to speak."""

    client: aiomqtt.Client
    receipts: bool = True
    heard: list[tuple[str, Body]] = field(default_factory=list)

    def bodies(self, leaf: str, **wanted: object) -> list[Body]:
        """The bodies heard on a topic with this last word, with these fields."""
        return [
            body
            for topic, body in self.heard
            if topic.endswith("/" + leaf) and wanted.items() <= body.items()
        ]

    async def first(self, leaf: str, **wanted: object) -> Body:
        """The first such body, waited for."""
        found = await waiting.until(lambda: self.bodies(leaf, **wanted), what=f"{leaf} {wanted}")
        return found[0]

    async def command(self, device: str, name: str, **data: object) -> None:
        """Command something, to be done within a minute."""
        until = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
        body = {"id": f"c-{name}", "command": name, "until": until, "data": data}
        await self.client.publish(f"dabyl/v1/{device}/command", json.dumps(body), qos=1)

    async def beacon(self) -> None:
        """Say that somebody is there."""
        body = {"at": datetime.now(UTC).isoformat(), "store": "ok", "centre": "ok"}
        await self.client.publish("dabyl/v1/_gateway/g1", json.dumps(body))

    async def listen(self) -> None:
        """Hear all, and give receipts for what has an id and a kind."""
        async for message in self.client.messages:
            assert isinstance(message.payload, bytes)
            topic, body = message.topic.value, json.loads(message.payload)
            self.heard.append((topic, body))
            if self.receipts and "kind" in body:
                receipt = {"id": body["id"], "by": "g1", "copies": 1}
                device = topic.split("/")[2]
                await self.client.publish(f"dabyl/v1/{device}/receipt", json.dumps(receipt), qos=1)


@contextlib.asynccontextmanager
async def at(port: int, *, receipts: bool = True) -> AsyncIterator[GatewaySide]:
    """Listen at a broker for the length of a test."""
    no_delay = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
    async with aiomqtt.Client(
        "127.0.0.1", port, identifier="gateway-g1-alarm", socket_options=no_delay
    ) as client:
        for leaf in ("alarm", "event", "state", "reply"):
            await client.subscribe(f"dabyl/v1/+/{leaf}", qos=1)
        side = GatewaySide(client, receipts)
        listening = asyncio.create_task(side.listen())
        try:
            yield side
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening
