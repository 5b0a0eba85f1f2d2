"""Approached: which camera a person means, and what it may be shown of a login.

A login goes to a host that a person named together with it, or to the address for which a login
was approved; and to no certificate or serial number but the approved one.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click

from adapters.devices.onvif.settings import CameraSettings, InputSetting
from gateway.cli.camera import known
from gateway.cli.camera.known import Known
from gateway.cli.failures import NotDone
from gateway.domain.site import Device
from gateway.settings.base import secret_in
from gateway.store.camera_logins import Login, Secret
from gateway.watch import wanted

NAME = "camera"
"""What one is called that is not registered."""
Verb = TypeVar("Verb", bound=Callable[..., Any])
_OPTIONS: Sequence[Callable[[Any], Any]] = (
    click.argument("host", metavar="HOST"),
    click.option("--port", type=click.IntRange(1, 65535), help="Default: 80, or 443 by https."),
    click.option("--tls/--no-tls", default=None, help="Over https."),
    click.option("--user", help="Log in as this user; else the approved login is used."),
    click.option(
        "--password-file",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="A file with the password; at a terminal it is asked for otherwise.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line says of a camera."""

    host: str
    """An address, with or without a port, or the id of a registered camera."""
    port: int | None
    tls: bool | None
    user: str | None
    password_file: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approached:
    """One camera, as it may be spoken with."""

    settings: CameraSettings
    device: Device | None = None
    """As it is registered; None: it is not."""
    approved: Login | None = None
    """The login that a person approved for this very address."""
    lacking: str | None = None
    """Why not all is known of it."""

    @property
    def has_login(self) -> bool:
        """Whether it may be shown one."""
        return self.settings.username is not None

    @property
    def pin(self) -> str | None:
        """The certificate that was approved."""
        return None if self.approved is None else self.approved.pin

    def pinned(self, pin: str) -> CameraSettings:
        """The settings, for this certificate and no other."""
        return replace(self.settings, pin=pin)


def options(verb: Verb) -> Verb:
    """Give a verb the words by which a camera is meant."""
    for one in reversed(_OPTIONS):
        verb = one(verb)
    return verb


def approach(asked: Asked) -> Approached:
    """Who is meant, and with which login.

    Raises:
        NotDone: its address is not the one that was approved.
        click.UsageError: what was asked for does not go together.
    """
    if asked.password_file is not None and asked.user is None:
        raise click.UsageError("--password-file goes with --user")
    here = known.look()
    device = here.camera(asked.host)
    host, port, tls = _address(asked, device, here)
    if device is None:
        device = here.at(host, port)
    login = None if device is None else here.logins.get(device.id)
    is_approved = login is not None and (login.host, login.port, login.tls) == (host, port, tls)
    secret = _secret(asked)
    if secret is None and login is not None:
        if not is_approved:
            raise NotDone(
                f"the login of {login.device} was approved for {login.host}:{login.port}, and not"
                f" for {host}:{port}; `dabyl camera login {login.device}` approves another address"
            )
        secret = login.secret
    return Approached(
        settings=_settings((host, port, tls), secret, device, login if is_approved else None),
        device=device,
        approved=login if is_approved else None,
        lacking=here.lacking,
    )


def password(file: Path | None) -> str:
    """The password in that file, or as a person types it.

    Raises:
        click.UsageError: neither.
    """
    secret = secret_in(file, "--password-file")
    if secret is None and sys.stdin.isatty():
        secret = str(click.prompt("password", hide_input=True))
    if not secret:
        raise click.UsageError("name a file that holds the password: --password-file FILE")
    return secret


def _secret(asked: Asked) -> Secret | None:
    if asked.user is None:
        return None
    return Secret(username=asked.user, password=password(asked.password_file))


def _address(asked: Asked, device: Device | None, here: Known) -> tuple[str, int, bool]:
    """Host, port, and whether by https."""
    if device is not None:
        login = here.logins.get(device.id)
        tls = asked.tls
        if tls is None:
            tls = login.tls if login is not None else device.port == wanted.HTTPS
        return device.host, asked.port or wanted.port(device, tls=tls), tls
    host, written, by_https = _taken_apart(asked.host)
    port = asked.port or written
    tls = asked.tls if asked.tls is not None else by_https or port == wanted.HTTPS
    return host, port or (wanted.HTTPS if tls else wanted.HTTP), tls


def _taken_apart(host: str) -> tuple[str, int | None, bool]:
    """`10.0.0.9`, `10.0.0.9:8080`, `[fd00::9]:80` or an address as a browser shows it."""
    is_bare_v6 = host.count(":") > 1 and "[" not in host and "/" not in host
    text = f"[{host}]" if is_bare_v6 else host
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        port = parts.port
    except ValueError:
        raise click.UsageError(f"{host!r} is no address") from None
    if not parts.hostname or "@" in parts.netloc or parts.scheme not in {"", "http", "https"}:
        raise click.UsageError(f"{host!r} is no address; say HOST, or HOST:PORT")
    return parts.hostname, port, parts.scheme == "https"


def _settings(
    place: tuple[str, int, bool], secret: Secret | None, device: Device | None, login: Login | None
) -> CameraSettings:
    host, port, tls = place
    found = CameraSettings(
        device=NAME if device is None else device.id,
        host=host,
        port=port,
        tls=tls,
        inputs={} if device is None else _inputs(device),
        input_kind=None if device is None else device.input_kind,
    )
    if login is not None:
        found = replace(found, pin=login.pin, serial=login.serial)
    if secret is None:
        return found
    return replace(found, username=secret.username, password=lambda: secret.password)


def _inputs(device: Device) -> dict[str, InputSetting]:
    return {
        token: InputSetting(part=one.part, normally_closed=one.normally_closed)
        for token, one in device.inputs.items()
    }
