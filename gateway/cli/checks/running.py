"""Checks of the gateway that runs: whether one does, and what it says of itself.

Whatever it knows better than a look from outside is asked of it, and nothing that disturbs it is
tried while it lives.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from gateway.cli.checks.finding import Finding, ok, weak, wrong
from gateway.settings import Settings, WrongSettings
from gateway.store import tenure
from gateway.store.database import StoreError

PATIENCE_S = 3.0
FILES_ENOUGH = 4096
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - where it listens, we call back


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What is known of the gateway of this name on this database."""

    is_there: bool
    is_ours: bool = True
    """False: whoever answers does not hold this name in this database."""
    address: str = ""
    brokers: dict[str, bool] = field(default_factory=dict)
    """By label, as /readyz says it."""
    health: dict[str, Any] | None = None
    """None: it does not answer."""
    series: dict[str, float] = field(default_factory=dict)
    """What /metrics says without labels."""


def look(settings: Settings) -> Running:
    """Whether it runs, and what it says. In doubt it does: its sessions are then left alone."""
    return asyncio.run(_look(settings))


def all_of(running: Running, settings: Settings) -> Iterator[Finding]:
    """What it says of itself."""
    name = settings.gateway.name
    if not running.is_there:
        yield weak(
            "gateway",
            f"{name} does not run: nobody hears a press; `systemctl start dabyl`, or `dabyl run`",
        )
        return
    if running.health is None:
        why = f"{name} runs, but does not answer at {running.address}; journalctl -u dabyl"
        yield wrong("gateway", why)
        return
    if not running.is_ours:
        why = f"a gateway answers at {running.address}, but none holds {name} in this database:"
        yield weak("gateway", f"{why} another installation's? Give one of them another http.listen")
        return
    yield ok("gateway", f"{name} runs, version {running.health.get('version')}")
    yield from _told(name, running.health)


def files(running: Running) -> Iterator[Finding]:
    """Whether it may open enough files; only its own word counts, not this shell's."""
    most = running.series.get("process_max_fds")
    if most is None or not running.is_ours:
        return
    if most < FILES_ENOUGH:
        yield weak("open files", f"at most {most:.0f}: set LimitNOFILE=65536 (ulimit -n)")
    else:
        used = running.series.get("process_open_fds", 0)
        yield ok("open files", f"{used:.0f} of at most {most:.0f}")


def _told(name: str, health: dict[str, Any]) -> Iterator[Finding]:
    """What it knows of its store and its receivers."""
    if health.get("store") == "down":
        yield wrong("gateway", f"{name} stores nothing now; see database, below")
    if health.get("unstored"):
        yield wrong("gateway", f"{health['unstored']} alarms were told and are not stored")
    for receiver, state in dict(health.get("receivers", {})).items():
        if state != "ok":
            yield wrong("gateway", f"{name} says that receiver {receiver} is {state}")
    waiting = dict(health.get("outbox", {})).get("waiting", 0)
    if waiting:
        yield weak("gateway", f"{waiting} notices wait for a receiver: dabyl delivery list")


async def _look(settings: Settings) -> Running:
    try:
        is_held = await tenure.is_held(settings.database.address(), settings.gateway.name)
        is_known = True
    except (StoreError, WrongSettings):
        # The check of the database says why; the gateway may live all the same.
        is_held = is_known = False
    scheme = "https" if settings.http.cert_file else "http"
    host = _ANYWHERE.get(settings.http.host, settings.http.host)
    address = f"{scheme}://{host}:{settings.http.port}"
    try:
        health, series = await _asked(address)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return Running(is_there=is_held, address=address)
    return Running(
        is_there=True,
        is_ours=is_held or not is_known,
        address=address,
        brokers=dict(health.get("brokers", {})),
        health=health,
        series=series,
    )


async def _asked(address: str) -> tuple[dict[str, Any], dict[str, float]]:
    async with (
        aiohttp.ClientSession(
            # To ourselves: the certificate names the host as others call it.
            connector=aiohttp.TCPConnector(ssl=False),
            timeout=aiohttp.ClientTimeout(total=PATIENCE_S),
        ) as session,
        session.get(f"{address}/readyz") as ready,
        session.get(f"{address}/metrics") as metrics,
    ):
        health = json.loads(await ready.text())
        if not isinstance(health, dict) or "brokers" not in health:
            raise ValueError("it is not a gateway that answers")
        return health, _plain(await metrics.text())


def _plain(exposition: str) -> dict[str, float]:
    lines = (line.split(" ") for line in exposition.splitlines() if line[:1] not in {"#", ""})
    return {parts[0]: float(parts[1]) for parts in lines if len(parts) == 2 and "{" not in parts[0]}  # noqa: PLR2004 - name and value
