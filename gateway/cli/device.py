"""`dabyl device`: what hangs where, whether it was heard, and a test of one of them."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Connection

from gateway import commission
from gateway.cli import opened, printed, staffed
from gateway.cli.failures import NotDone
from gateway.cli.grouped import Grouped
from gateway.cli.seen import shown
from gateway.clock import SystemClock
from gateway.domain.alarm import Alarm
from gateway.domain.camera import Facts, LinkState
from gateway.domain.errors import Unknown
from gateway.domain.presence import Heard, Standing, Why
from gateway.domain.site import Device, Registry, Sort
from gateway.domain.ward import DEVICES, Cameras
from gateway.settings import Settings
from gateway.store import alarms, camera_states, device_states, sites, troubles
from gateway.store.alarms import Filter
from gateway.store.database import Database
from gateway.store.device_states import DeviceState

TEST_LASTS_S = 30.0
PRESS_AFTER_REPLY_S = 5.0
LOOK_S = 0.2
QUIET = timedelta(minutes=2)
SAID_LIMIT = 200
WARDS = (DEVICES, Cameras().ward())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """Every device, when each was last heard, and what supervision has found."""

    registry: Registry
    states: dict[str, DeviceState]
    lost: set[tuple[str, str | None]]
    """Open alarms of wholes: (`site.silent`, site), (`district.silent`, district)."""
    cameras: dict[str, Facts]
    now: datetime

    def standing(self, device: Device) -> Standing:
        """What a gateway wrote of it; what none has judged is unknown, not well."""
        last, facts = self.states.get(device.id), self.cameras.get(device.id)
        if facts is not None and facts.state is LinkState.REFUSED:
            return Standing(Heard.SILENT, Why.REFUSED)
        if last is not None and last.silent_at is not None:
            return Standing(Heard.SILENT, _behind(facts))
        if last is not None and last.heard_at is not None and last.online:
            age = self.now - last.heard_at
            if age <= timedelta(seconds=device.max_silence_s):
                return Standing(Heard.WELL)
        is_camera = device.sort is Sort.CAMERA
        if is_camera and facts is None:
            return Standing(Heard.UNKNOWN, Why.NOT_SUPERVISED)
        site, what = (
            self.registry.sites.get(device.site),
            "cameras_silent" if is_camera else "silent",
        )
        for kind, key, why in (
            (f"site.{what}", device.site, Why.WITH_ITS_SITE),
            (f"district.{what}", None if site is None else site.district, Why.WITH_ITS_DISTRICT),
        ):
            if (kind, key) in self.lost:
                return Standing(Heard.SILENT, why)
        return Standing(Heard.UNKNOWN, Why.NOT_HEARD)


def _behind(facts: Facts | None) -> Why:
    """What stands behind a silence that was found."""
    if facts is None:
        return Why.NOTHING_HEARD
    return Why.EVENTS_DEAD if facts.answers else Why.UNREACHABLE


@click.group(cls=Grouped)
def device() -> None:
    """Devices: what hangs where, and whether it is heard."""


@device.command("list")
@click.option("--site", "site_id", metavar="SITE", help="Only of this site.")
@click.option("--state", type=click.Choice(["well", "silent", "unknown"]), help="Only these.")
@printed.as_json
def list_(site_id: str | None, state: str | None, *, as_json: bool) -> None:
    """Every device: well (heard in time), silent (found so), or unknown (nobody can say)."""
    settings = opened.settings()
    known = _known(settings)
    rows = [
        _row(one, known, None if as_json else ZoneInfo(settings.time_zone))
        for one in sorted(known.registry.devices.values(), key=lambda one: (one.site, one.id))
        if site_id in (None, one.site) and state in (None, known.standing(one).state)
    ]
    printed.listing(rows, as_json=as_json, empty="no such devices")
    _warn_of_quiet(known)


@device.command
@click.argument("device_id", metavar="DEVICE")
@printed.as_json
def show(device_id: str, *, as_json: bool) -> None:
    """All that is known of one device."""
    settings = opened.settings()
    known = _known(settings)
    found = known.registry.devices.get(device_id)
    if found is None:
        raise Unknown("device", device_id)
    row = _row(found, known, None if as_json else ZoneInfo(settings.time_zone))
    last = known.states.get(device_id)
    row["troubles"] = opened.run(
        settings, lambda database: database.read(lambda c: troubles.of_device(c, device_id))
    )
    row |= {
        "host": found.host,
        "port": found.port,
        "kept_silent": found.silent,
        "input_kind": found.input_kind,
        "inputs": _inputs(found, as_text=not as_json),
        "max_silence_s": found.max_silence_s,
        "link": None if last is None else last.link,
    }
    row |= shown(found, known.cameras.get(device_id), None if as_json else known.now)
    if as_json:
        printed.json(row | {"said": None if last is None else last.said})
    else:
        row["open_alarms"] = row.pop("troubles")
        said = {} if last is None else last.said
        printed.fields(row | {f"says_{name}": _short(value) for name, value in said.items()})


@device.command
@click.argument("device_id", metavar="DEVICE")
def test(device_id: str) -> None:
    """Ask DEVICE to test itself, and wait up to 30 s for its reply and its press.

    A press within 30 s is marked TEST; the centre is told that a test began.
    """
    settings = opened.settings()
    seen = opened.run(settings, lambda database: _tested(settings, database, device_id))
    click.echo(f"asked {device_id} to test itself")
    if seen.reply is not None:
        ok, error = seen.reply
        click.echo(f"it replied: {'done' if ok else f'not done: {error}'}")
    if seen.press is not None:
        kind, mark = seen.press.kind, "marked TEST" if seen.press.test else "NOT marked as a test"
        click.echo(f"its press arrived: {kind}, {mark}, alarm {seen.press.id}")
    if seen.press is None and seen.reply is None:
        raise NotDone(
            f"{device_id} gave no sign within {TEST_LASTS_S:.0f} s;"
            " is it powered and connected, and is the gateway running?"
        )
    if seen.reply is not None and not seen.reply[0]:
        raise NotDone(f"{device_id} did not do the test: {seen.reply[1] or 'no reason given'}")
    if seen.press is None:
        click.echo("no press came of it: such a device answers without one, or press it by hand")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What came of a test."""

    reply: tuple[bool, str | None] | None = None
    press: Alarm | None = None


async def _tested(settings: Settings, database: Database, device_id: str) -> _Seen:
    desk = await staffed.desk(settings, database)
    clock = desk.clock
    asked_at = clock.now()
    order = await commission.command(desk, staffed.operator(), device_id, "test", {})
    ends = clock.monotonic() + TEST_LASTS_S
    seen = _Seen()
    while clock.monotonic() < ends and (seen.reply is None or seen.press is None):
        had_reply = seen.reply is not None
        seen = _Seen(
            reply=await commission.outcome(desk, order),
            press=await _press(database, device_id, asked_at),
        )
        if seen.reply is not None and not had_reply:
            ends = min(ends, clock.monotonic() + PRESS_AFTER_REPLY_S)
        await asyncio.sleep(LOOK_S)
    return seen


async def _press(database: Database, device_id: str, since: datetime) -> Alarm | None:
    found = await database.read(lambda c: alarms.listed(c, Filter(since=since), 200, None))
    own = (alarm for alarm in found if alarm.device == device_id)
    return next((alarm for alarm in own if alarm.priority == 0), None)


def _known(settings: Settings) -> _Known:
    async def work(database: Database) -> _Known:
        return _Known(
            registry=await database.read(sites.registry),
            states=await database.read(device_states.everyone),
            lost=await database.read(_lost),
            cameras=await database.read(camera_states.everyone),
            now=SystemClock().now(),
        )

    return opened.run(settings, work)


def _lost(connection: Connection) -> set[tuple[str, str | None]]:
    found = troubles.standing(connection, [kind for ward in WARDS for kind in ward.wholes])
    return {
        (kind, site if kind.startswith("site.") else district) for kind, _, site, district in found
    }


def _row(device: Device, known: _Known, zone: ZoneInfo | None) -> dict[str, Any]:
    last = known.states.get(device.id)
    heard_at = None if last is None else last.heard_at
    standing = known.standing(device)
    row: dict[str, Any] = {
        "id": device.id,
        "site": device.site,
        "zone": device.zone,
        "kind": device.sort.value,
        "class": None if device.sort is Sort.CAMERA else device.profile or None,
        "state": standing.state.value,
        "why": None if standing.why is None else standing.why.value,
    }
    if zone is None:
        return row | {
            "heard_at": printed.utc(heard_at),
            "proven_at": printed.utc(device.proven_at),
            "profile": device.profile,
        }
    return row | {
        "heard": "never" if heard_at is None else f"{printed.age(known.now - heard_at)} ago",
        "proven": printed.time(device.proven_at, zone) or "no",
    }


def _inputs(device: Device, *, as_text: bool) -> object:
    """What each wired contact means."""
    found = {
        token: {
            "part": one.part,
            "kind": one.kind or device.input_kind,
            "normally_closed": one.normally_closed,
            "zone": one.zone,
        }
        for token, one in device.inputs.items()
    }
    if not as_text:
        return found
    return ", ".join(f"{token}: part {one['part']} {one['kind']}" for token, one in found.items())


def _short(value: object) -> object:
    """What a device said, no longer than a line."""
    return value if isinstance(value, bool) else str(value)[:SAID_LIMIT]


def _warn_of_quiet(known: _Known) -> None:
    heard = (state.heard_at for state in known.states.values() if state.heard_at is not None)
    last = max(heard, default=None)
    if last is not None and known.now - last > QUIET:
        age = printed.age(known.now - last)
        click.echo(f"nothing at all was heard for {age}: is the gateway running?", err=True)
