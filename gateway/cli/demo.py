"""`dabyl demo`: a school, a broker, the gateway and a centre, on this machine alone."""

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import click

from gateway import app, log
from gateway.cli import foreground, late, opened
from gateway.cli.demonstration import broker as brokers
from gateway.cli.demonstration import cameras
from gateway.cli.demonstration import scene as scenes
from gateway.cli.demonstration.broker import Broker
from gateway.cli.demonstration.eyes import Eyes
from gateway.cli.demonstration.scene import Files, Scene
from gateway.cli.demonstration.story import Story
from gateway.cli.failures import NotDone
from gateway.clock import SystemClock
from gateway.store import sites
from gateway.store.camera_logins import Secret

# What the simulated dispatcher does with an alarm: a person who looks on has time to be first.
_HABIT = {
    "after_s": 60,
    "states": ["accepted", "dispatched", "on_scene", "closed"],
    "disposition": "confirmed",
}


@click.command
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Of the pages."
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep everything in this folder; else all is forgotten at the end.",
)
@click.option("--embedded", is_flag=True, help="The embedded broker, even beside Mosquitto.")
def demo(port: int, data: Path | None, *, embedded: bool) -> None:
    """Show it all: three schools at noon, and what becomes of a press. Ctrl-C ends it."""
    port = _free(port)
    with (
        _folder(data) as folder,
        (folder / "dabyl.log").open("a", encoding="utf-8") as lines,
        log.lines(lines),
    ):
        log.tame()
        foreground.play(_play(scenes.lay_out(folder.resolve()), port, embedded=embedded))
    click.echo(
        "ended" + (f"; everything is kept in {data}" if data else "; nothing is left behind")
    )


async def _play(files: Files, port: int, *, embedded: bool) -> None:
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(
            brokers.running(files.folder / "broker", embedded=embedded)
        )
        centre = await stack.enter_async_context(_centre(files, port))
        scene = await scenes.furnish(files, port, broker, centre.alarms_url)
        await _set_habit(centre.control_url)
        is_up = asyncio.Event()
        told = app.Told(ready=lambda _: is_up.set())
        async with asyncio.TaskGroup() as parts:
            gateway = parts.create_task(app.run(scene.settings, told=told))
            look_on = parts.create_task(_look_on(scene, broker, centre.control_url, is_up))
            # The gateway ends by a signal too: then there is nothing more to show.
            gateway.add_done_callback(lambda _: look_on.cancel())


async def _look_on(scene: Scene, broker: Broker, control_url: str, is_up: asyncio.Event) -> None:
    await is_up.wait()
    async with opened.database(scene.settings) as database:
        registry = await database.read(sites.registry)
        clock, login = SystemClock(), late.load("simulators.school").Login()
        story = Story(registry, ZoneInfo(scene.settings.time_zone))
        eyes, listening = Eyes(registry, story.line, story.where), asyncio.Event()
        _welcome(scene, broker, control_url, len(registry.devices))

        def tell(happening: Any) -> None:  # noqa: ANN401 - a simulator's Happening
            if happening.what == "cameras":
                listening.set()
            story.tell(happening)

        async def approve() -> None:
            await listening.wait()  # whoever is called before it listens is called later
            secret = Secret(username=login.user, password=login.password)
            await cameras.approve(scene.settings, database, registry, secret, clock.now())

        async with asyncio.TaskGroup() as lives:
            lives.create_task(story.run(database, clock.now))
            lives.create_task(eyes.run(database, clock.now()))
            lives.create_task(approve())
            lives.create_task(_school(scene, broker, login, tell))


async def _school(scene: Scene, broker: Broker, login: Any, tell: Callable[[Any], None]) -> None:  # noqa: ANN401 - a simulator's
    school, mqtt, cast = (late.load(f"simulators.{name}") for name in ("school", "mqtt", "cast"))
    protocol = "5" if broker.protocol == 5 else "3.1.1"  # noqa: PLR2004 - MQTT's own number
    options = school.Options(
        scenario=scene.scenario,
        way=cast.Way(brokers=(mqtt.parse(broker.url, protocol=protocol),)),
        cameras=login,
        digest=False,
        tell=tell,
    )
    await school.run(options)


@asynccontextmanager
async def _centre(files: Files, port: int) -> AsyncIterator[Any]:
    server = late.load("simulators.operations_centre.server")
    options = server.Options(
        secret_file=files.signing,
        listen="127.0.0.1:0",
        control="127.0.0.1:0",
        record=files.record,
        dabyl=f"http://127.0.0.1:{port}",
        token_file=files.token,
    )
    async with server.running(options) as centre:
        yield centre


async def _set_habit(control_url: str) -> None:
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
        session.put(f"{control_url}/respond", json=_HABIT) as answer,
    ):
        answer.raise_for_status()


def _welcome(scene: Scene, broker: Broker, control_url: str, devices: int) -> None:
    page = f"http://127.0.0.1:{scene.settings.http.port}"

    def row(name: str, text: str, note: str = "") -> None:
        click.echo(f"  {name:12}{click.style(text, bold=True)}{'  ' + note if note else ''}")

    click.echo()
    click.echo(click.style("  Dabyl is running.", fg="green", bold=True))
    click.echo()
    row("live page", f"{page}/signin?once={scene.sign_in}")
    click.echo(f"{'':14}signs you in once; take an alarm there, before the centre does")
    for number, one in enumerate(scene.people):
        row("" if number else "people", f"{one.name:8} {one.password}", one.role.value)
    row("centre", control_url, "what the police operations centre sees")
    row("interface", f"{page}/api/v1/docs")
    row("schools", f"{len(scene.scenario.sites)} simulated, {devices} devices", broker.name)
    row("settings", str(scene.settings_file), "e.g. dabyl --config … alarm list")
    row("to end", "Ctrl-C")
    click.echo()


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
        yield data
    else:
        with tempfile.TemporaryDirectory(prefix="dabyl-demo-") as name:
            yield Path(name)


def _free(port: int) -> int:
    """That port, if nobody listens there; for 0 any free one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise NotDone(
                f"port {port} is not free ({error.strerror}); say another: dabyl demo --port 8081"
            ) from None
        found: int = probe.getsockname()[1]
    return found
