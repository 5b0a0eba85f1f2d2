"""Kinds of events: one table of who may say it, what it raises, what it restores, and its codes.

Source: contract `dabyl/v1`, kinds of events; codes by Contact ID (SIA DC-05) and SIA DC-03.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from adapters.signal import Lane


class Priority(IntEnum):
    """How soon somebody must act."""

    P0 = 0
    """Life."""
    P1 = 1
    """Security."""
    P2 = 2
    """Trouble."""
    P3 = 3
    """Information."""


class Voice(StrEnum):
    """Who may say a kind; from anyone else it is quarantined and restores nothing."""

    DEVICE = "D"
    ADAPTER = "A"
    SUPERVISION = "S"
    GATEWAY = "G"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of event."""

    name: str
    by: frozenset[Voice]
    lane: Lane | None = Lane.EVENT
    """None: never travels by itself; the gateway writes it on the alarm lane."""
    raises: Priority | None = None
    """The priority it raises by itself; None: no alarm, or by a rule."""
    restores: tuple[str, ...] = ()
    """The kinds whose alarms this one returns to normal."""
    latches: bool = False
    """Only a person, or the receiver with authority, ends its alarm."""
    silent: bool = False
    """The device must give no sign, ever: somebody may be watching."""
    never_test: bool = False
    cid: int | None = None
    sia: str | None = None


def find(name: str) -> Kind | None:
    """The kind of that name; any other `panic.*` is a press too; None: unknown."""
    known = KINDS.get(name)
    if known is None and name.startswith("panic.") and len(name) > len("panic."):
        return _panic(name, 120, "PA")
    return known


def label(kind: Kind) -> str:
    """The kind's name in metrics: a closed set, whatever a firmware invents."""
    return kind.name if kind.name in KINDS else "panic.other"


def _kinds(*kinds: Kind) -> dict[str, Kind]:
    return {kind.name: kind for kind in kinds}


_D = frozenset({Voice.DEVICE})
_A = frozenset({Voice.ADAPTER})
_G = frozenset({Voice.GATEWAY})
_DA = _D | _A
_S = frozenset({Voice.SUPERVISION})
_SG = _S | _G


def _panic(
    name: str,
    cid: int,
    sia: str,
    *,
    silent: bool = False,
    test: bool = True,
    by: frozenset[Voice] = _D,
) -> Kind:
    return Kind(
        name=name,
        by=by,
        lane=Lane.ALARM,
        raises=Priority.P0,
        latches=True,
        silent=silent,
        never_test=not test,
        cid=cid,
        sia=sia,
    )


def _alarm(  # noqa: PLR0913 - one row of the table
    name: str,
    by: frozenset[Voice],
    lane: Lane | None,
    raises: Priority,
    cid: int,
    sia: str,
    *,
    latches: bool = False,
) -> Kind:
    return Kind(name=name, by=by, lane=lane, raises=raises, cid=cid, sia=sia, latches=latches)


def _end(name: str, by: frozenset[Voice], lane: Lane | None, *restores: str) -> Kind:
    return Kind(name=name, by=by, lane=lane, restores=restores)


_P1, _P2 = Priority.P1, Priority.P2
_ALARM, _EVENT = Lane.ALARM, Lane.EVENT

KINDS: dict[str, Kind] = _kinds(
    _panic("panic.pressed", 120, "PA"),
    _panic("panic.audible", 123, "PA"),
    _panic("panic.medical", 100, "MA"),
    _panic("panic.fire", 110, "FA"),
    _panic("panic.holdup", 122, "HA", silent=True, test=False),
    _panic("panic.duress", 121, "HA", silent=True, test=False),
    _panic("passage.duress", 121, "HA", silent=True, by=_DA),
    _alarm("alarm.unreadable", _G, None, _P1, 380, "UX", latches=True),
    _alarm("events.missing", _G, None, _P1, 380, "UX", latches=True),
    _alarm("passage.forced", _DA, _ALARM, _P1, 423, "DF"),
    _alarm("passage.held_open", _DA, _ALARM, _P2, 426, "DM"),
    _end("passage.closed", _DA, _ALARM, "passage.forced", "passage.held_open"),
    Kind(name="passage.granted", by=_DA),
    Kind(name="passage.denied", by=_DA, cid=421, sia="DD"),
    _alarm("passage.unlocked", _DA, _ALARM, _P1, 422, "DG"),
    _end("passage.locked", _DA, _ALARM, "passage.unlocked"),
    _alarm("tamper.opened", _DA, _ALARM, _P1, 137, "TA"),
    _end("tamper.closed", _DA, _ALARM, "tamper.opened"),
    _alarm("camera.line_crossed", _A, _ALARM, _P1, 130, "BA"),
    _alarm("camera.intrusion", _A, _ALARM, _P1, 130, "BA"),
    Kind(name="camera.motion", by=_A, cid=130, sia="BA"),
    _alarm("camera.tampered", _A, _ALARM, _P1, 137, "TA"),
    _end("camera.restored", _A, _ALARM, "camera.tampered"),
    _alarm("camera.signal_lost", _A, _EVENT, _P2, 380, "UX"),
    _end("camera.signal_back", _A, _EVENT, "camera.signal_lost"),
    _alarm("camera.storage_failed", _A, _EVENT, _P2, 380, "UX"),
    _end("camera.storage_back", _A, _EVENT, "camera.storage_failed"),
    Kind(name="input.activated", by=_DA, lane=_ALARM),
    Kind(name="input.cleared", by=_DA, lane=_ALARM),
    _alarm("battery.low", _D, _EVENT, _P2, 384, "XT"),
    _end("battery.restored", _D, _EVENT, "battery.low"),
    _alarm("mains.lost", _D, _EVENT, _P2, 301, "AT"),
    _end("mains.restored", _D, _EVENT, "mains.lost"),
    _alarm("device.silent", _SG, None, _P2, 381, "YS"),
    _alarm("device.stuck", _SG, None, _P2, 381, "YS"),
    _alarm("device.ids_reused", _SG, None, _P2, 381, "YS"),
    _alarm("device.clock_off", _SG, None, _P2, 381, "YS"),
    _alarm("device.moved", _SG, None, _P1, 381, "YS", latches=True),
    _alarm("device.duplicated", _SG, None, _P1, 381, "YS"),
    _end("device.single", _SG, None, "device.duplicated"),
    _end("device.heard", _SG, None, "device.silent"),
    _end("device.calm", _SG, None, "device.stuck"),
    _end("device.ids_unique", _SG, None, "device.ids_reused"),
    _end("device.clock_right", _SG, None, "device.clock_off"),
    _alarm("site.silent", _S, None, _P1, 381, "YS"),
    _end("site.heard", _S, None, "site.silent"),
    _alarm("district.silent", _S, None, _P1, 381, "YS"),
    _end("district.heard", _S, None, "district.silent"),
    _alarm("site.cameras_silent", _S, None, _P1, 381, "YS"),
    _end("site.cameras_heard", _S, None, "site.cameras_silent"),
    _alarm("district.cameras_silent", _S, None, _P1, 381, "YS"),
    _end("district.cameras_heard", _S, None, "district.cameras_silent"),
    _alarm("broker.lost", _G, None, _P1, 350, "YC"),
    _end("broker.back", _G, None, "broker.lost"),
    _alarm("camera.events_dead", _A, None, _P2, 381, "YS"),
    _end("camera.events_back", _A, None, "camera.events_dead"),
    _alarm("camera.clock_off", _A, None, _P2, 381, "YS"),
    _end("camera.clock_back", _A, None, "camera.clock_off"),
    _alarm("camera.refused", _A, None, _P2, 381, "YS"),
    _end("camera.refused_back", _A, None, "camera.refused"),
    _alarm("camera.unreachable", _A, None, _P2, 381, "YS"),
    _end("camera.unreachable_back", _A, None, "camera.unreachable"),
    _alarm("camera.picture_bad", _A, None, _P2, 380, "UX"),
    _end("camera.picture_back", _A, None, "camera.picture_bad"),
    _alarm("camera.firmware_changed", _A, None, Priority.P3, 380, "UX"),
    _alarm("centre.unreachable", _G, None, _P1, 350, "YC"),
    _alarm("centre.refusing", _G, None, _P1, 350, "YC"),
    _alarm("centre.unproven", _G, None, _P1, 350, "YC"),
    _end("centre.reached", _G, None, "centre.unreachable", "centre.refusing", "centre.unproven"),
    _alarm("delivery.refused", _G, None, _P1, 350, "YC"),
    _alarm("gateway.clock_off", _G, None, _P1, 350, "YC"),
    _end("gateway.clock_right", _G, None, "gateway.clock_off"),
    _alarm("gateway.silent", _G, None, _P1, 350, "YC"),
    _end("gateway.heard", _G, None, "gateway.silent"),
    _alarm("store.alone", _G, None, _P1, 350, "YC"),
    _end("store.joined", _G, None, "store.alone"),
    _alarm("store.standby_lost", _G, None, _P2, 350, "YC"),
    _end("store.standby_back", _G, None, "store.standby_lost"),
    _alarm("path.unproven", _G, None, _P1, 350, "YC"),
    _end("path.proven", _G, None, "path.unproven"),
    Kind(name="path.proof", by=_G, lane=_ALARM, cid=602, sia="RP"),
)
