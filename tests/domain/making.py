"""What the domain's tests are made of: a school, its devices, and what they say."""

from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.signal import Lane, Said, Spoken
from gateway.domain import belief, decision
from gateway.domain.alarm import Alarm
from gateway.domain.belief import Believing, Doubt
from gateway.domain.decision import Change
from gateway.domain.event import AlarmId, Event
from gateway.domain.kind import Kind, Priority
from gateway.domain.operator import Operator, Role
from gateway.domain.site import Device, DeviceId, Names, Registry, Site, SiteId, Sort, Zone, ZoneId
from tests.harness.changed import replace

NOW = datetime(2026, 11, 22, 3, 15, 42, 131000, tzinfo=UTC)
SCHOOL = Site(
    id=SiteId("school-12"),
    name=Names(kk="№12 мектеп", ru="Школа № 12", en="School No. 12"),
    district="medeu",
    address="Достық даңғылы, 85",
    latitude=43.2,
    longitude=76.9,
    phones=("+7 727 264 00 12",),
)
HALL = Zone(id=ZoneId("hall"), site=SCHOOL.id, name=Names(en="Hall"), building="A", floor="1")
GYM = Zone(id=ZoneId("gym"), site=SCHOOL.id, name=Names(en="Gym"))


def device(key: str, sort: Sort, **more: Any) -> Device:  # noqa: ANN401 - fields of every type
    return Device(id=DeviceId(key), sort=sort, site=SCHOOL.id, zone=HALL.id, **more)


BUTTON = device("button-1", Sort.PANIC_BUTTON, part_zones={2: GYM.id}, proven_at=NOW)
GATE = device("gate-1", Sort.TURNSTILE)
CAMERA = device("camera-1", Sort.CAMERA)
QUIET = device("quiet-1", Sort.PANIC_BUTTON, silent=True)
WIRED = device("wired-1", Sort.CAMERA, input_kind="panic.pressed")
DOOR = device("door-1", Sort.CAMERA, input_kind="passage.forced")
DUMB = device("dumb-1", Sort.CAMERA)
REGISTRY = Registry(
    version=1,
    sites={SCHOOL.id: SCHOOL},
    zones={(SCHOOL.id, zone.id): zone for zone in (HALL, GYM)},
    devices={one.id: one for one in (BUTTON, GATE, CAMERA, QUIET, WIRED, DOOR, DUMB)},
)
BELIEVING = Believing(registry=REGISTRY, hash_card=lambda card: f"hashed {len(card)}")
DISPATCHER = Operator(name="aigerim", role=Role.DISPATCHER)
CENTRE = Operator(name="centre-api", role=Role.MACHINE, receiver="centre", authority=True)


def spoken(kind: str, by: str = BUTTON.id, **more: Any) -> Spoken:  # noqa: ANN401 - fields of every type
    """What a device said; `lane`, `adapter` and `at` are not said but heard."""
    lane, adapter = more.pop("lane", Lane.ALARM), more.pop("adapter", False)
    at, retained = more.pop("at", NOW), more.pop("retained", False)
    again, beside = more.pop("again", 0), more.pop("more", 0)
    content = {"id": more.get("id", "e1"), "kind": kind, **more.pop("content", {})}
    said = Said(**{"id": "e1", **more, "kind": kind, "content": content})
    return Spoken(
        link="b1",
        device=by,
        heard_on=lane,
        received_at=at,
        said=said,
        by_adapter=adapter,
        retained=retained,
        again=again,
        more=beside,
    )


def event(kind: str, by: str = BUTTON.id, **more: Any) -> Event:  # noqa: ANN401 - fields of every type
    """The same, believed."""
    believed = belief.believe(spoken(kind, by, **more), BELIEVING)
    assert not isinstance(believed, Doubt), believed
    return believed


def decided(one: Event, *opened: Alarm, test: bool = False) -> list[Change]:
    """What it changes, by its own kind's priority."""
    kind = decision.meaning(one)
    return decision.decide(one, opened, None if kind is None else kind.raises, "test", test=test)


def raised(kind: str = "panic.pressed", by: str = BUTTON.id, **more: Any) -> Alarm:  # noqa: ANN401 - fields of every type
    """The alarm that it raises."""
    (change,) = decided(event(kind, by, **more))
    return change.alarm


def alarm(priority: Priority = Priority.P0, **more: Any) -> Alarm:  # noqa: ANN401 - fields of every type
    """An alarm, just so."""
    plain = Alarm(
        id=AlarmId("a" * 32),
        kind="panic.pressed",
        priority=priority,
        site=SCHOOL.id,
        district="medeu",
        device=BUTTON.id,
        event_id="e1",
        raised_at=NOW,
        last_at=NOW,
        pressed_at=NOW,
    )
    return replace(plain, **more)


def later(seconds: float) -> datetime:
    """So long after now."""
    return NOW + timedelta(seconds=seconds)


def voice(kind: Kind, about: str = BUTTON.id) -> Event:
    """The gateway's own word."""
    return belief.voiced(kind, about, "g-1", "cause", NOW, REGISTRY)
