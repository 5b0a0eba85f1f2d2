"""The House: everything that the pages and the API stand on, handed in when they are made."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from gateway.clock import Clock
from gateway.desk import Desk
from gateway.domain.camera import Facts
from gateway.domain.counts import Reckoning
from gateway.domain.outline import Outline
from gateway.domain.presence import Presence
from gateway.domain.procedure import Procedure
from gateway.domain.site import Registry
from gateway.store.database import Database
from gateway.store.sealed import Seal
from gateway.store.signing import Signer
from gateway.store.wakeups import Wakeups
from gateway.vouching import Elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardAnswer:
    """What became of an event that came over HTTP: stored, or refused and why."""

    id: str | None = None
    stored_at: datetime | None = None
    copies: int = 1
    refused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How this gateway is, as one look."""

    store: str
    """ok, late or down."""
    brokers: dict[str, bool]
    """By label: whether it is connected."""
    receivers: dict[str, str]
    """By name: ok, late or down."""
    outbox: dict[str, int]
    """By state: how many deliveries."""
    canary_age_s: dict[str, float | None]
    """By broker: how long ago its path was last proven; null: not yet."""
    unstored: int
    """How many alarms were told and are not stored yet."""
    version: str
    clock_off_s: float = 0.0
    """How far ahead of the true time its clock is, as far as it can tell."""
    copies: int = 1
    """On how many machines a commit is now."""
    standbys: dict[str, str] = field(default_factory=dict)
    """Of the database, by name: confirms, away, or what it says of itself."""
    gateways: dict[str, str] = field(default_factory=dict)
    """The others on this database, by name: here, silent or left."""


async def _nothing(_: str) -> bytes | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What every route needs."""

    database: Database
    desk: Desk
    registry: Callable[[], Registry]
    presence: Presence
    clock: Clock
    seal: Seal
    wakeups: Wakeups
    hear: Callable[[str, bytes], Awaitable[HeardAnswer]]
    """Hands a device's raw body to the bus; answers after the commit."""
    health: Callable[[], Health]
    metrics: Callable[[], bytes]
    reckoning: Callable[[], Awaitable[Reckoning]]
    """Adds up what went into each hop and came out of it."""
    still: Callable[[str], Awaitable[bytes | None]] = _nothing
    """The bytes of a still by their SHA-256; None: they are not there; OSError: not now."""
    plan: Callable[[str], Awaitable[bytes | None]] = _nothing
    """The picture of a floor by the name that the site file gives it; as `still`."""
    procedures: tuple[Procedure, ...] = ()
    """What a person does about an alarm, by its kind."""
    camera: Callable[[str], Facts | None] = lambda _: None
    """What is known of a camera; None: nobody ever called it."""
    canary_age_s: Callable[[], float | None] = lambda: None
    """The oldest proof of a path; None: not known yet."""
    is_unstored: Callable[[str], bool] = lambda _: False
    """Whether that alarm was told, and is not stored yet."""
    public_key: str = ""
    """What our signatures are checked with."""
    signer: Signer | None = None
    """Signs where the audit ended; None: nothing can be signed here."""
    authorities: frozenset[str] = field(default_factory=frozenset)
    """The receivers marked authority: what they say closes."""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Almaty"))
    """The zone in which pages tell the time."""
    outline: Outline | None = None
    """The operator's schematic map; None: they gave none."""
    elsewhere: Elsewhere | None = None
    """Where else people sign in."""
    base_url: str = ""
    """How others reach these pages."""
    is_tls: bool = False
    """Whether pages reach the browser over TLS, here or at the proxy before us."""


def _house(request: Request) -> House:
    found = request.app.state.house
    if not isinstance(found, House):
        raise TypeError("the application was made without a house")
    return found


Here = Annotated[House, Depends(_house)]
