"""A picture of one camera, taken now; or why there is none, in one word."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from adapters.devices.contract import LinkError
from adapters.devices.onvif.fault import CameraLost, CameraRefused
from gateway.clock import Clock
from gateway.domain.site import DeviceId
from gateway.domain.stills import Why

WITHIN_S = 6.0
"""Whoever fetches gives up after 5 s; this only guards against one that does not."""
MOST_BYTES = 5 * 1024 * 1024
KINDS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
"""A picture is what begins like one, whatever it is called."""

log = structlog.get_logger()


class Fetched(Protocol):
    """What whoever speaks with cameras gives."""

    @property
    def body(self) -> bytes: ...  # noqa: D102
    @property
    def fetched_at(self) -> datetime: ...  # noqa: D102


Fetch = Callable[[DeviceId], Awaitable[Fetched]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """A camera's picture, between the moment it was asked and the moment it was here."""

    body: bytes
    content_type: str
    taken_at: datetime
    fetched_at: datetime


class NoPicture(Exception):
    """The camera gave none, and why."""

    def __init__(self, camera: str, why: str) -> None:
        super().__init__(f"{camera}: {why}")
        self.why = why


class NotYet(Exception):
    """Its link is only being made: a moment later it can be asked."""


async def take(fetch: Fetch, camera: DeviceId, clock: Clock) -> Picture:
    """Ask that camera for a picture.

    Raises:
        NoPicture: whatever went wrong. NotYet: ask again in a moment.
    """
    asked_at = clock.now()
    try:
        async with asyncio.timeout(WITHIN_S):
            found = await fetch(camera)
    except (NoPicture, NotYet):
        raise
    except (CameraLost, CameraRefused) as error:
        raise NoPicture(camera, error.reason) from error
    except (LinkError, OSError) as error:  # a TimeoutError is an OSError
        why = "timed_out" if isinstance(error, TimeoutError) else "unreachable"
        raise NoPicture(camera, why) from error
    except Exception as error:
        log.exception("a still could not be taken", camera=camera)
        raise NoPicture(camera, Why.FAILED) from error
    if len(found.body) > MOST_BYTES:
        raise NoPicture(camera, "too_large")
    kind = next((kind for mark, kind in KINDS.items() if found.body.startswith(mark)), None)
    if kind is None:
        raise NoPicture(camera, Why.NO_PICTURE)
    return Picture(
        body=found.body, content_type=kind, taken_at=asked_at, fetched_at=found.fetched_at
    )
