"""The shapes of what cameras saw, and of who looked at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.site import Names
from gateway.store.access import Access


@dataclass(frozen=True, slots=True, kw_only=True)
class StillView:
    """A still that the alarm asked of a camera; where there is none, `why` says so in one word."""

    camera: str
    zone: Names | None
    """Where that camera hangs."""
    offset_s: int
    """When it was asked for: so many seconds after the alarm was raised."""
    state: str
    """waiting, kept, failed, missed, skipped, dropping or dropped."""
    why: str | None
    sha256: str | None
    link: str | None
    content_type: str | None
    size_bytes: int | None
    taken_at: datetime | None
    fetched_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPage:
    """Who was given a still, the newest first."""

    items: Sequence[Access]
    next: str | None
