"""`dabyl check`: whether all that an alarm needs is there, a line for each thing."""

from collections.abc import Iterator
from pathlib import Path

import click

from gateway.cli import opened, printed
from gateway.cli.checks import brokers, house, mosquitto_conf, receivers
from gateway.cli.checks.finding import Finding, Verdict, ok
from gateway.cli.failures import NotDone
from gateway.settings import Settings

_COLOURS = {Verdict.OK: "green", Verdict.WEAK: "yellow", Verdict.WRONG: "red"}


@click.command
@click.option(
    "--mosquitto-conf",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Look for the settings with which Mosquitto loses alarms.",
)
@printed.as_json
def check(mosquitto_conf: Path | None, *, as_json: bool) -> None:
    """Look at settings, keys, clock, database, brokers and receivers.

    Each line is ok, weak (it works, but) or WRONG; with one WRONG the exit code is 1. A broker
    login is tried with the gateway's own names: a running gateway reconnects, and loses nothing.
    """
    settings = opened.settings()
    found: list[Finding] = []
    for one in _all(settings, mosquitto_conf):
        found.append(one)
        if not as_json:
            mark = click.style(one.verdict.ljust(5), fg=_COLOURS[one.verdict])
            click.echo(f"{mark}  {one.what}{': ' if one.why else ''}{one.why}")
    if as_json:
        printed.json([{"verdict": f.verdict, "what": f.what, "why": f.why} for f in found])
    count = sum(one.verdict is Verdict.WRONG for one in found)
    if count:
        raise NotDone(f"{count} of {len(found)} checks went wrong")


def _all(settings: Settings, conf: Path | None) -> Iterator[Finding]:
    yield ok(
        "settings", f"installation {settings.installation.id}, gateway {settings.gateway.name}"
    )
    yield from house.routes(settings)
    yield from house.keys(settings)
    yield from house.clock(settings)
    yield from house.store(settings)
    yield from brokers.all_of(settings)
    yield from receivers.all_of(settings)
    if conf is not None:
        yield from mosquitto_conf.all_of(conf)
