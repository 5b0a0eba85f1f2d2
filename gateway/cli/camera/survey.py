"""Survey: what one look at a camera found out, and why it found nothing where it did not."""

from dataclasses import dataclass, field
from enum import StrEnum

from adapters.devices.onvif.calls import (
    DeviceInformation,
    EventServiceCapabilities,
    NetworkInterface,
    Topic,
)
from adapters.devices.onvif.digest import Challenge
from adapters.devices.onvif.fault import Reason
from adapters.devices.onvif.notification import Notification, Unknown
from adapters.devices.onvif.snapshot import Still


class Step(StrEnum):
    """What is asked for."""

    REACH = "reach"
    LOGIN = "login"
    SERVICES = "services"
    EVENTS = "events"
    SUBSCRIBE = "subscription"
    SYNCHRONISE = "synchronise"
    PULL = "pull"
    STILL = "still"
    DEEP = "deep check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a step found nothing."""

    reason: Reason
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listened:
    """How a subscription went."""

    granted_s: float | None
    heard: tuple[Notification | Unknown, ...] = ()
    asked_s: float
    """So long it was asked to keep a pull open."""
    held_s: float | None = None
    """So long it kept a pull open that had nothing to tell; None: it always had."""
    was_given_back: bool = False


@dataclass(slots=True, kw_only=True)
class Survey:
    """What was found out; None: not asked for, or failed."""

    at: str
    answered_s: float | None = None
    offset_s: float | None = None
    is_manual: bool | None = None
    elsewhere: int | None = None
    """Another port of that host where something speaks ONVIF."""
    pin: str | None = None
    asks_for_login: bool | None = None
    challenge: Challenge | None = None
    let_in: bool | None = None
    """Whether it took our login; None: it never asked for one."""
    who: DeviceInformation | None = None
    scopes: dict[str, str] = field(default_factory=dict)
    services: dict[str, str] = field(default_factory=dict)
    """As it wrote them."""
    interfaces: tuple[NetworkInterface, ...] = ()
    abilities: EventServiceCapabilities | None = None
    topics: tuple[Topic, ...] | None = None
    listened: Listened | None = None
    still: Still | None = None
    still_s: float = 0.0
    failed: dict[Step, Failure] = field(default_factory=dict)
    deep: tuple[str, ...] | None = None
    """What another reader of the standard stumbles over; None: it was not asked."""
