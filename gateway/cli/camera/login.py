"""`dabyl camera login`: the login of a camera, approved by a person for one address."""

import sys
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy import Connection

from adapters.devices.onvif import introduction, wire
from adapters.devices.onvif.calls import DeviceInformation
from adapters.devices.onvif.fault import CameraLost, CameraRefused
from adapters.devices.onvif.settings import CameraSettings
from adapters.devices.onvif.transport import Caller, Wire
from gateway.cli import opened, staffed, written_down
from gateway.cli.camera import approached
from gateway.cli.failures import NotDone
from gateway.clock import SystemClock
from gateway.domain.deed import Deed
from gateway.domain.errors import Unknown
from gateway.domain.site import Device, Sort
from gateway.store import camera_logins, sealed, sites
from gateway.store.camera_logins import Login, Secret
from gateway.store.database import Database, Urgency
from gateway.store.sealed import Seal
from gateway.watch import wanted

SERIAL_LIMIT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a person wants."""

    user: str | None
    password: str
    tls: bool | None
    is_exchanged: bool


@click.command
@click.argument("device_id", metavar="DEVICE")
@click.option("--user", help="Its user for us; default: the one before.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file with the password; at a terminal it is asked for otherwise.",
)
@click.option(
    "--tls/--no-tls",
    default=None,
    help="Over https; default: as before, or at 443.",
)
@click.option("--exchanged", is_flag=True, help="It may be another camera than the one before.")
def login(
    device_id: str,
    user: str | None,
    password_file: Path | None,
    *,
    tls: bool | None,
    exchanged: bool,
) -> None:
    """Approve the camera at DEVICE's address, log in once, and keep the login sealed.

    Its certificate and its serial number are learnt: another one gets no login (where only the
    serial number can tell: one digest at the most). The password goes to no other address, and over
    plain http never in the clear. A running gateway sees it at once.
    """
    settings = opened.settings()
    seal = Seal(sealed.key_from(settings.keys.seal_file))
    asked = _Asked(
        user=user, password=approached.password(password_file), tls=tls, is_exchanged=exchanged
    )

    async def work(database: Database) -> Login:
        registry = await database.read(sites.registry)
        device = registry.devices.get(device_id)
        if device is None:
            raise Unknown("device", device_id)
        before = await database.read(lambda c: camera_logins.of(c, seal, device_id))
        found = await _approved(device, before, asked)

        def transact(connection: Connection) -> None:
            camera_logins.put(connection, seal, found)
            data = {"address": f"{found.host}:{found.port}", "serial": found.serial}
            written_down.note(connection, settings, Deed.CAMERA_LOGIN, device_id, data)

        await database.write(transact, Urgency.STEP)
        return found

    found = opened.run(settings, work)
    pin = f", certificate {found.pin[:16]}…" if found.pin else ""
    click.echo(
        f"{device_id}: approved {found.host}:{found.port}, serial {found.serial or 'not told'}{pin}"
    )


async def _approved(device: Device, before: Login | None, asked: _Asked) -> Login:
    if device.sort is not Sort.CAMERA or not device.host:
        raise NotDone(f"{device.id} is no camera with a host; `dabyl site import` gives it one")
    known = None if before is None or before.secret is None else before.secret.username
    user = asked.user or known
    if user is None:
        raise click.UsageError("say as whom: --user NAME")
    tls = asked.tls
    if tls is None:
        tls = before.tls if before is not None else device.port == wanted.HTTPS
    port = wanted.port(device, tls=tls)
    _ask_to_approve(device, port, tls=tls)
    pin, who = await _met(device, port, user, asked.password, tls=tls)
    serial = who.serial[:SERIAL_LIMIT] or None if who is not None else None
    if before is not None and not asked.is_exchanged:
        _refuse_another(before, pin, serial)
    return Login(
        device=device.id,
        host=device.host,
        port=port,
        tls=tls,
        secret=Secret(username=user, password=asked.password),
        pin=pin,
        serial=serial,
        approved_by=staffed.operator().name,
        approved_at=SystemClock().now(),
    )


def _ask_to_approve(device: Device, port: int, *, tls: bool) -> None:
    where = f"{'https' if tls else 'http'}://{device.host}:{port}"
    click.echo(f"{device.id} of site {device.site}: logging in at {where}")
    if sys.stdin.isatty():
        click.confirm("is that its address?", abort=True)


async def _met(
    device: Device, port: int, user: str, password: str, *, tls: bool
) -> tuple[str | None, DeviceInformation | None]:
    """Its certificate, and who it says it is once it let us in."""
    line, clock = Wire(), SystemClock()
    try:
        pin = await wire.certificate(device.host, port) if tls else None
        settings = CameraSettings(
            device=device.id,
            host=device.host,
            port=port,
            tls=tls,
            username=user,
            password=lambda: password,
            pin=pin,
        )
        caller = Caller(settings, line, now=clock.now, monotonic=clock.monotonic)
        who = await introduction.identity(caller)
        if caller.is_authorised is None:
            click.echo("it asked for no login so far: whether the password is right is not proven")
    except (CameraLost, CameraRefused) as error:
        raise NotDone(f"{device.id}: {error.why} ({error.reason})") from None
    except OSError as error:  # the certificate was asked for outside of any life
        raise NotDone(f"{device.id}: no TLS at {device.host}:{port}: {error}") from None
    finally:
        await line.close()
    return pin, who


def _refuse_another(before: Login, pin: str | None, serial: str | None) -> None:
    for what, was, now in (
        ("certificate", before.pin, pin),
        ("serial number", before.serial, serial),
    ):
        if was is not None and was != now:
            raise NotDone(
                f"another {what} than before ({was[:40]}, now {(now or 'none')[:40]}): nothing was"
                " kept; look who answers there, and say --exchanged if it is the right camera"
            )
