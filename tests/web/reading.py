"""A raw reader of the live stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.web.building import Built


@dataclass
class Told:
    """One server-sent event."""

    event: str
    id: int | None
    data: Any


class Reader:
    """A raw reader of the stream."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    async def next(self, *kinds: str) -> Told:
        """The next event, of one of those kinds where any are named."""
        async with asyncio.timeout(10):
            while True:
                block = (await self._reader.readuntil(b"\n\n")).decode()
                lines = [line for line in block.splitlines() if ": " in line]
                said = dict(line.split(": ", 1) for line in lines)
                if "event" in said and (not kinds or said["event"] in kinds):
                    position = int(said["id"]) if "id" in said else None
                    return Told(said["event"], position, json.loads(said["data"]))


@asynccontextmanager
async def stream(
    house: Built, name: str = "aigerim", after: int | None = None
) -> AsyncIterator[Reader]:
    at = urlsplit(house.url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port, limit=2**24)
    query = "" if after is None else f"?after={after}"
    writer.write(
        f"GET /api/v1/alarms/stream{query} HTTP/1.1\r\nHost: {at.netloc}\r\n"
        f"Authorization: Bearer {name}-secret\r\n\r\n".encode()
    )
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert b"200 ok" in head, head
    assert b"x-accel-buffering: no" in head
    try:
        yield Reader(reader)
    finally:
        writer.close()
