"""The shapes of test windows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.site import Names


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteName:
    """A site, as far as a line can tell it."""

    id: str
    name: Names


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowView:
    """A test window, and where its devices hang."""

    id: str
    expected: dict[str, int]
    """By device: how many presses are the test."""
    heard: dict[str, int]
    opened_at: datetime
    until: datetime
    closed_at: datetime | None
    by: str
    reason: str
    sites: Sequence[SiteName]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPage:
    """Test windows, the newest first."""

    items: Sequence[WindowView]
    next: str | None
