"""What a plan would change in the registry, in words; and the change itself, in slices."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TypeVar

from sqlalchemy import Connection

from gateway.domain.site import Device, Registry, Site, Zone
from gateway.siteplan.plan import Plan
from gateway.store import sites, versions
from gateway.store.database import Database, Urgency

SLICE_ROWS = 100
"""Rows of one transaction: some six milliseconds, beside presses that may not wait 50."""
ATTEMPTS = 20

_Noun = TypeVar("_Noun", Site, Zone, Device)


class WouldMove(Exception):
    """Devices would change their site, and nobody said that they may."""

    def __init__(self, moves: Sequence["Move"]) -> None:
        some = ", ".join(f"{one.device} from {one.before} to {one.after}" for one in moves[:5])
        more = f" and {len(moves) - 5} more" if len(moves) > 5 else ""  # noqa: PLR2004 - as above
        super().__init__(
            f"moves to another site: {some}{more}; nothing was imported;"
            " say --move if they really hang there now (each must then be proven again)"
        )
        self.moves = tuple(moves)


class Unsettled(Exception):
    """The registry went on changing while it was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A device that changes its site."""

    device: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What must be written so that the registry says what the file says."""

    sites: tuple[Site, ...] = ()
    zones: tuple[Zone, ...] = ()
    devices: tuple[Device, ...] = ()
    words: tuple[str, ...] = ()
    """A line for each site, zone and device that is new or changed."""
    moves: tuple[Move, ...] = ()
    new: Mapping[str, int] = field(default_factory=dict)
    """How many are new, by noun; `changed` and `unchanged` likewise."""
    changed: Mapping[str, int] = field(default_factory=dict)
    unchanged: Mapping[str, int] = field(default_factory=dict)
    beside: int = 0
    """Devices in the registry, in the file's sites, that the file does not name: left alone."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.sites or self.zones or self.devices)


def compare(plan: Plan, registry: Registry) -> Difference:
    """What the plan would change in that registry."""
    found_sites = [_merged(one, registry.sites.get(one.id), plan.site_fields) for one in plan.sites]
    found_zones = [
        _merged(one, registry.zones.get((one.site, one.id)), plan.zone_fields) for one in plan.zones
    ]
    found_devices = [
        _unproven(
            _merged(one, registry.devices.get(one.id), plan.device_fields),
            is_placed="at" in plan.device_fields,
        )
        for one in plan.devices
    ]
    named = {one.id for one in plan.devices}
    placed = {one.id for one in plan.sites}
    counts = {
        "sites": _counted(found_sites),
        "zones": _counted(found_zones),
        "devices": _counted(found_devices),
    }
    return Difference(
        sites=_changed(found_sites),
        zones=_changed(found_zones),
        devices=_changed(found_devices),
        words=(
            *_words("site", found_sites),
            *_words("zone", found_zones),
            *_words("device", found_devices),
        ),
        moves=tuple(
            Move(device=after.id, before=before.site, after=after.site)
            for before, after in found_devices
            if before is not None and before.site != after.site
        ),
        new={noun: count[0] for noun, count in counts.items()},
        changed={noun: count[1] for noun, count in counts.items()},
        unchanged={noun: count[2] for noun, count in counts.items()},
        beside=sum(one.site in placed and one.id not in named for one in registry.devices.values()),
    )


Noted = Callable[[Connection, Difference], None]


async def apply(
    database: Database, plan: Plan, *, move: bool, noted: Noted = lambda *_: None
) -> Difference:
    """Write what differs, in slices; what it was. Done twice it changes nothing.

    `noted` writes down whose deed it is, in the transaction of the first slice.

    Raises:
        WouldMove: a device changes its site without `move`.
        Unsettled: others kept changing the registry; what was written is right, do it again.
    """
    first: Difference | None = None
    for _ in range(ATTEMPTS):
        registry = await database.read(sites.registry)
        difference = compare(plan, registry)
        first = first or difference
        if difference.moves and not move:
            raise WouldMove(difference.moves)
        if await _written(database, difference, registry.version, noted):
            return first
    raise Unsettled("others keep changing the registry meanwhile; import the file again")


class _Overtaken(Exception):
    """Somebody else changed the registry: what was compared is no longer what is there."""


async def _written(database: Database, difference: Difference, version: int, noted: Noted) -> bool:
    """Write every slice; False where somebody else changed the registry between two of them."""
    slices = [
        *(functools.partial(_put, some, (), ()) for some in _slices(difference.sites)),
        *(functools.partial(_put, (), some, ()) for some in _slices(difference.zones)),
        *(functools.partial(_put, (), (), some) for some in _slices(difference.devices)),
    ]
    try:
        for expected, put in enumerate(slices, version + 1):
            is_first = expected == version + 1
            work = functools.partial(_and, noted, difference, put) if is_first else put
            await database.write(functools.partial(work, expected), Urgency.BULK)
    except _Overtaken:
        return False
    return True


def _and(
    noted: Noted,
    difference: Difference,
    put: Callable[[int, Connection], None],
    expected: int,
    connection: Connection,
) -> None:
    put(expected, connection)
    noted(connection, difference)


def _put(
    some_sites: Sequence[Site],
    zones: Sequence[Zone],
    devices: Sequence[Device],
    expected: int,
    connection: Connection,
) -> None:
    """Write one slice, or roll it back where the version shows that somebody else wrote too."""
    sites.put(connection, some_sites, zones, devices)
    if versions.read(connection).get(versions.REGISTRY) != expected:
        raise _Overtaken


def _slices(rows: Sequence[_Noun]) -> Iterable[Sequence[_Noun]]:
    return (rows[start : start + SLICE_ROWS] for start in range(0, len(rows), SLICE_ROWS))


def _merged(said: _Noun, before: _Noun | None, known: frozenset[str]) -> tuple[_Noun | None, _Noun]:
    if before is None:
        return None, said
    return before, replace(before, **{name: getattr(said, name) for name in known})


def _unproven(
    pair: tuple[Device | None, Device], *, is_placed: bool
) -> tuple[Device | None, Device]:
    """A device that hangs elsewhere now: what was proven, and drawn, was another place."""
    before, after = pair
    if before is None:
        return pair
    if (before.site, before.zone) != (after.site, after.zone) and not is_placed:
        after = replace(after, at=None)
    if before.site != after.site:
        after = replace(after, proven_at=None)
    return before, after


def _changed(pairs: Iterable[tuple[_Noun | None, _Noun]]) -> tuple[_Noun, ...]:
    return tuple(after for before, after in pairs if before != after)


def _counted(pairs: Sequence[tuple[_Noun | None, _Noun]]) -> tuple[int, int, int]:
    new = sum(before is None for before, _ in pairs)
    unchanged = sum(before == after for before, after in pairs)
    return new, len(pairs) - new - unchanged, unchanged


def _words(noun: str, pairs: Iterable[tuple[_Noun | None, _Noun]]) -> Iterable[str]:
    for before, after in pairs:
        if before is None:
            yield f"new      {noun} {_called(after)}"
        elif before != after:
            yield f"changed  {noun} {_called(after)}: {', '.join(_moved_fields(before, after))}"


def _called(one: Site | Zone | Device) -> str:
    match one:
        case Site():
            return f"{one.id} ({one.name.ru or one.name.kk or one.name.en})"
        case Zone():
            return f"{one.id} of {one.site}"
        case Device():
            return f"{one.id} ({one.sort}, site {one.site})"


def _moved_fields(before: _Noun, after: _Noun) -> Iterable[str]:
    for one in fields(before):
        was, is_now = getattr(before, one.name), getattr(after, one.name)
        if was != is_now:
            yield f"{one.name} {_said(was)} → {_said(is_now)}"


def _said(value: object) -> str:
    return "nothing" if value in (None, "", (), {}) else str(value)
