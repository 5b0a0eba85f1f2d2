"""The shapes of figures and shifts over the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.shift import OpenAlarm


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalView:
    """A share of alarms that is to be taken within a time, and whether it was."""

    within_s: int
    share: float
    reached: float | None
    """null: there was no alarm."""
    met: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsView:
    """How long alarms of one priority waited; `after_s` counts by whole seconds, rounded up."""

    priority: int
    raised: int
    taken: int
    after_s: dict[int, int]
    goals: Sequence[GoalView]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadView:
    """What came to each operator: alarms per operator in ten minutes."""

    since: datetime
    alarms: int
    average: float
    worst: float
    floods: int
    unmanned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseView:
    """A site's false alarms of all that it raised (P0 and P1)."""

    site: str
    false: int
    raised: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietView:
    """How silent a district's devices were; `heard` is a share of all their time."""

    district: str
    devices: int
    silent_now: int
    times: int
    silent_s: float
    heard: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftView:
    """A person's time on duty."""

    id: str
    person: str
    districts: Sequence[str]
    began_at: datetime
    ended_at: datetime | None
    ended_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresView:
    """The figures of a period, up to now where it is not over."""

    since: datetime
    until: datetime
    districts: Sequence[str]
    raised: dict[str, int]
    claims: Sequence[ClaimsView]
    load: LoadView | None
    loads: Sequence[LoadView]
    false: Sequence[FalseView]
    quiet: Sequence[QuietView]
    shifts: Sequence[ShiftView]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverView:
    """What one person left to the next; `open` only where one was asked for."""

    id: str
    giver: str
    taker: str | None
    districts: Sequence[str]
    at: datetime
    note: str
    open_count: int
    taken_at: datetime | None
    taken_by: str | None
    withdrawn_at: datetime | None
    open: Sequence[OpenAlarm] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftPage:
    """Who is on duty, and whose shift ended within a day."""

    items: Sequence[ShiftView]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverPage:
    """Hand-overs of the last week, the newest first."""

    items: Sequence[HandoverView]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictView:
    """A tile of the wall, as far as the stream does not say it."""

    name: str
    sites: int
    devices: int
    silent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WallView:
    """What hangs where; `places` by site, on the sheet of the operator's outline."""

    districts: Sequence[DistrictView]
    places: dict[str, tuple[float, float]]
