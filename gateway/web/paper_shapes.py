"""The shapes of an alarm's papers: what a person must have in hand beside the alarm itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.procedure import Instruction
from gateway.domain.site import Names


@dataclass(frozen=True, slots=True, kw_only=True)
class InsideView:
    """How many people are inside, as the turnstiles counted them."""

    inside: int
    as_of: datetime
    quality: str
    """counted, drifting or not_counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPlan:
    """A device on a plan: parts of its width from the left and of its height from the top."""

    device: str
    kind: str
    at: Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """The picture of the floor, and what hangs on it."""

    link: str
    at: Sequence[float] | None
    """Where the alarm's device is; null: nobody wrote it down."""
    cameras: Sequence[OnPlan]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentView:
    """An alarm that the site had lately."""

    id: str
    kind: str
    priority: int
    test: bool
    zone: Names | None
    device: str
    count: int
    raised_at: datetime
    closed_at: datetime | None
    disposition: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PapersView:
    """How to get in, the plan, who is inside, what was there lately, and what to do."""

    access: Names | None
    """Only for people; null: nobody wrote any."""
    latitude: float | None
    longitude: float | None
    plan: PlanView | None
    occupancy: InsideView | None
    """Null: the site counts nobody."""
    recent: Sequence[RecentView]
    """Of the last 24 hours, the newest first, at most fifty; without the alarm itself."""
    procedure: Sequence[Instruction]
