"""`dabyl camera probe`: one camera looked at closely, in words."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click

from adapters.devices.onvif.transport import Wire
from gateway.cli import late, printed
from gateway.cli.camera import approached, asking, report
from gateway.cli.camera.approached import Approached, Asked
from gateway.cli.camera.asking import Check
from gateway.cli.camera.report import Line
from gateway.cli.camera.survey import Survey
from gateway.cli.checks.finding import Verdict
from gateway.cli.failures import NotDone
from gateway.clock import SystemClock

_COLOURS = {Verdict.OK: "green", Verdict.WEAK: "yellow", Verdict.WRONG: "red"}
_DEEP = "adapters.devices.onvif.deep_check"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wishes:
    """What is wanted beside the plain look."""

    still: Path | None
    is_deep: bool


@click.command
@approached.options
@click.option(
    "--still",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the still that it gives.",
)
@click.option("--deep", is_flag=True, help="Read its answers by the letter of the standard too.")
@printed.as_json
def probe(  # noqa: PLR0913 - one parameter for each option
    host: str,
    port: int | None,
    user: str | None,
    password_file: Path | None,
    still: Path | None,
    *,
    tls: bool | None,
    deep: bool,
    as_json: bool,
) -> None:
    """Look closely at the camera at HOST: what works, what does not, and what to do.

    HOST is an address (10.0.0.9, 10.0.0.9:8080), or the id of a registered camera. A login goes to
    HOST alone, never readable over plain http: the one that you name, or the one that was approved
    for this very address. Each line is ok, weak (it works, but) or WRONG; with one WRONG the exit
    code is 1. The camera is left as it was.
    """
    asked = Asked(host=host, port=port, tls=tls, user=user, password_file=password_file)
    camera = approached.approach(asked)
    found = asyncio.run(_look(camera, _Wishes(still=still, is_deep=deep)))
    printed.progress("")
    lines = list(report.lines(found, camera))
    if as_json:
        printed.json(report.facts(found, camera))
    else:
        for line in lines:
            _tell(line)
    counts = Counter(line.verdict for line in lines)
    if counts[Verdict.WRONG]:
        raise NotDone(f"{counts[Verdict.WRONG]} of {len(lines)} things stand in the way")
    if not as_json:
        click.echo(f"Dabyl can work with it; {counts[Verdict.WEAK]} of {len(lines)} are weak")


async def _look(camera: Approached, wishes: _Wishes) -> Survey:
    clock = SystemClock()
    line = Wire(now=clock.now, monotonic=clock.monotonic)
    check: Check | None = late.load(_DEEP).DeepCheck().check if wishes.is_deep else None
    try:
        found = await asking.survey(camera, line, clock, _progress, check)
    finally:
        await line.close()
    if wishes.still is not None and found.still is not None:
        wishes.still.write_bytes(found.still.body)
    return found


def _progress(text: str) -> None:
    printed.progress(f"{text} …")


def _tell(line: Line) -> None:
    mark = click.style(line.verdict.ljust(5), fg=_COLOURS[line.verdict])
    click.echo(f"{mark}  {line.what}: {printed.plain(line.why)}")
    if line.do:
        click.echo(f"{'':7}do: {line.do}")
