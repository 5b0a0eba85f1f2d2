"""The gallery: the stills that Dabyl told of, fetched over its API and held for a while."""

import asyncio
import hashlib
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import aiohttp

UNDER_WAY: Final = 200
AT_ONCE: Final = 4
STILL_LIMIT_BYTES: Final = 5 * 1024 * 1024
HELD_BYTES: Final = 64 * 1024 * 1024
KEPT: Final = 1000
_WITHIN_S: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What became of one still: its bytes, or why there are none."""

    alarm: str
    sha256: str
    camera: str
    taken_at: str
    offset_s: int | None
    status: int | None = None
    said: str = ""
    body: bytes = b""

    def plain(self) -> dict[str, object]:
        """Write it for people and tests."""
        names = ("alarm", "sha256", "camera", "taken_at", "offset_s", "status", "said")
        return {**{name: getattr(self, name) for name in names}, "size_bytes": len(self.body)}


class Gallery:
    """Fetches from Dabyl alone, with its token; the oldest bytes go when there are too many."""

    def __init__(self, dabyl: str, token: str) -> None:
        self.log: deque[dict[str, object]] = deque(maxlen=KEPT)
        self.skipped = 0
        self._stills: OrderedDict[tuple[str, str, str], Fetched] = OrderedDict()
        self._held_bytes = 0
        self._origin = _origin(dabyl)
        self._headers = {"Authorization": f"Bearer {token}"}
        self._tasks: set[asyncio.Task[None]] = set()
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_WITHIN_S))

    def added(self, event: Mapping[str, object]) -> None:
        """Begin to fetch what a `dabyl.evidence.added` names."""
        for still in _named(event):
            if len(self._tasks) >= UNDER_WAY:
                self.skipped += 1
                continue
            task = asyncio.create_task(self._fetch(str(event.get("subject")), still))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def of(self, alarm: str) -> list[dict[str, object]]:
        """The stills held of an alarm."""
        return [one.plain() for one in self._stills.values() if one.alarm == alarm]

    def body(self, sha256: str) -> bytes | None:
        """The bytes of a still that is held."""
        return next((one.body for one in self._stills.values() if one.sha256 == sha256), None)

    async def close(self) -> None:
        """Leave what was not fetched."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    async def _fetch(self, alarm: str, still: Mapping[str, object]) -> None:
        async with self._at_once:
            found = await self._ask(alarm, still)
        self.log.append(found.plain())
        if found.body:
            self._hold(found)

    async def _ask(self, alarm: str, still: Mapping[str, object]) -> Fetched:
        link, digest, offset = str(still["link"]), str(still["sha256"]), still.get("offset_s")

        def ended(status: int | None, said: str, body: bytes = b"") -> Fetched:
            return Fetched(
                alarm=alarm,
                sha256=digest,
                camera=str(still["camera"]),
                taken_at=str(still["taken_at"]),
                offset_s=offset if isinstance(offset, int) else None,
                status=status,
                said=said,
                body=body,
            )

        if _origin(link) != self._origin:
            return ended(None, "the link leads elsewhere: no token goes there")
        try:
            async with self._session.get(
                link, headers=self._headers, allow_redirects=False
            ) as answer:
                if answer.status != HTTPStatus.OK:
                    return ended(answer.status, (await answer.text())[:300])
                body = await answer.content.readexactly(STILL_LIMIT_BYTES + 1)
        except asyncio.IncompleteReadError as end:
            body = end.partial
        except (aiohttp.ClientError, TimeoutError) as error:
            return ended(None, f"{type(error).__name__}: {error}"[:300])
        if hashlib.sha256(body).hexdigest() != digest:
            return ended(HTTPStatus.OK, "its SHA-256 is another")
        return ended(HTTPStatus.OK, "", body)

    def _hold(self, found: Fetched) -> None:
        key = (found.alarm, found.sha256, found.camera)
        before = self._stills.pop(key, None)
        self._held_bytes += len(found.body) - (len(before.body) if before else 0)
        self._stills[key] = found
        while self._held_bytes > HELD_BYTES:
            _, oldest = self._stills.popitem(last=False)
            self._held_bytes -= len(oldest.body)


def _named(event: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    match event:
        case {"data": {"evidence": list() as stills}}:
            yield from (one for one in stills if isinstance(one, dict))
        case _:
            return


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
