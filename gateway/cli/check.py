"""`dabyl check`: whether all that an alarm needs is there, a line for each thing."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from gateway import settings as configuration
from gateway.cli import opened, printed
from gateway.cli.checks import (
    brokers,
    certificates,
    clock,
    database,
    device_door,
    house,
    mosquitto_conf,
    papers,
    receivers,
    running,
)
from gateway.cli.checks.device_door import Device
from gateway.cli.checks.finding import Finding, Verdict, ok
from gateway.cli.failures import NotDone
from gateway.settings import Settings

_COLOURS = {Verdict.OK: "green", Verdict.WEAK: "yellow", Verdict.WRONG: "red"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the command line asks for beside the plain look."""

    conf: Path | None
    device: Device | None
    take_over: bool


@click.command
@click.option(
    "--mosquitto-conf",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Look for the settings with which Mosquitto loses alarms.",
)
@click.option(
    "--as-device",
    metavar="ID",
    help="Try with this device's login what a device must not be able to do (about 15 s).",
)
@click.option(
    "--password-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="That device's password; a relative path leads from the settings' folder.",
)
@click.option(
    "--at",
    metavar="URL",
    help="Where devices call, mqtts://host:port; else port 8883 of each broker.",
)
@click.option(
    "--take-over",
    is_flag=True,
    help="Also log in as a gateway that runs, and ask for its session as the device: it may be put"
    " out for a second, comes back by itself, and loses nothing.",
)
@printed.as_json
def check(
    mosquitto_conf: Path | None,
    as_device: str | None,
    password_file: Path | None,
    at: str | None,
    *,
    take_over: bool,
    as_json: bool,
) -> None:
    """Look at settings, keys, clock, database, brokers and receivers.

    Each line is ok, weak (it works, but) or WRONG; with one WRONG the exit code is 1. A gateway
    that runs is asked, and not disturbed; where none runs, its logins are tried.
    """
    if (as_device is None) != (password_file is None):
        raise click.UsageError("--as-device and --password-file go together")
    settings = opened.settings()
    device = None
    if as_device is not None and password_file is not None:
        where = opened.beside_settings(password_file)
        secret = configuration.secrets(where, "--password-file")[0]
        device = Device(id=as_device, secret=secret, at=at)
    asked = _Asked(conf=mosquitto_conf, device=device, take_over=take_over)
    found: list[Finding] = []
    for one in _all(settings, asked):
        found.append(one)
        if not as_json:
            mark = click.style(one.verdict.ljust(5), fg=_COLOURS[one.verdict])
            click.echo(f"{mark}  {one.what}{': ' if one.why else ''}{one.why}")
    if as_json:
        printed.json([{"verdict": f.verdict, "what": f.what, "why": f.why} for f in found])
    counts = Counter(one.verdict for one in found)
    if counts[Verdict.WRONG]:
        raise NotDone(f"{counts[Verdict.WRONG]} of {len(found)} checks went wrong")
    if not as_json:
        click.echo(f"nothing is wrong; {counts[Verdict.WEAK]} of {len(found)} are weak")


def _all(settings: Settings, asked: _Asked) -> Iterator[Finding]:
    yield ok(
        "settings", f"installation {settings.installation.id}, gateway {settings.gateway.name}"
    )
    yield from house.names(settings)
    yield from house.routes(settings)
    yield from house.pages(settings)
    yield from house.keys(settings)
    yield from house.secrets(settings)
    yield from papers.all_of(settings)
    yield from certificates.all_of(settings)
    yield from clock.all_of(settings)
    yield from database.all_of(settings)
    living = running.look(settings)
    yield from running.all_of(living, settings)
    yield from running.files(living)
    yield from brokers.all_of(settings, living, take_over=asked.take_over)
    if asked.device is not None:
        yield from device_door.all_of(settings, living, asked.device, take_over=asked.take_over)
    yield from receivers.all_of(settings)
    if asked.conf is not None:
        yield from mosquitto_conf.all_of(asked.conf)
