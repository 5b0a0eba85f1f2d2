"""Checks of what is on this machine: routes, key files, the clock, the database."""

import asyncio
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.cli.checks.finding import Finding, ok, weak, wrong
from gateway.settings import Settings
from gateway.store import database as databases
from gateway.store import migrate, soundness
from gateway.store.database import Database, StoreError, Urgency

BUILT = datetime(2026, 11, 1, tzinfo=UTC)
CLOCK_OFF = timedelta(seconds=2)
NOBODY_ELSE = 0o077


def routes(settings: Settings) -> Iterator[Finding]:
    """Whether every P0 has somebody to go to."""
    names = [receiver.name for receiver in settings.receiver]
    if not names:
        yield wrong("routes", "no [[receiver]]: nobody would be told of a panic press")
        return
    whole = [
        route
        for route in settings.route
        if 0 in route.priorities and not (route.kinds or route.sites or route.districts)
    ]
    if settings.route and not whole:
        yield weak("routes", "no route takes every P0; one that none takes goes to every receiver")
    else:
        told = sorted({route.receiver for route in whole}) or names
        yield ok("routes", f"every P0 goes to {', '.join(told)}")
    if not any(receiver.authority for receiver in settings.receiver):
        yield weak("authority", "no receiver has authority = true: only people here can close")


def keys(settings: Settings) -> Iterator[Finding]:
    """Whether the key files are there and closed to others."""
    for name, path in (("seal", settings.keys.seal_file), ("card", settings.keys.card_file)):
        what = f"key {name}"
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            is_empty = not path.read_bytes().strip()
        except FileNotFoundError:
            yield _unmade(what, path)
        except OSError as error:
            yield wrong(what, f"{path}: {error.strerror}")
        else:
            if mode & NOBODY_ELSE:
                yield wrong(what, f"{path} can be read by others: chmod 600 {path}")
            elif is_empty:
                yield wrong(what, f"{path} is empty: put its backup back")
            else:
                yield ok(what, str(path))


def clock(settings: Settings) -> Iterator[Finding]:
    """Whether this machine knows what time it is; against receivers it is compared later."""
    now = datetime.now(UTC)
    if now < BUILT:
        yield wrong("clock", f"it says {now:%Y-%m-%d}: set it, and let chrony keep it")
        return
    try:
        zone = ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield wrong("clock", f"time_zone {settings.time_zone!r} is not known; use Asia/Almaty")
        return
    yield ok("clock", f"{now.astimezone(zone):%Y-%m-%d %H:%M:%S} in {settings.time_zone}")


def store(settings: Settings) -> Iterator[Finding]:
    """Whether the database is there, ours, of this version, writable and durable."""
    url = settings.database.address()
    file = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:") and not file.exists() and file.parent.is_dir():
        yield weak("database", f"{file} is not there yet; the first `dabyl run` makes it")
        return
    try:
        revision = migrate.revision(url)
    except StoreError as error:
        yield wrong("database", str(error))
        return
    if revision is None:
        yield weak("database", "empty yet; the first `dabyl run` or `dabyl migrate` sets it up")
        return
    try:
        migrate.prepare(url)
        yield from asyncio.run(_store(url, revision))
    except StoreError as error:
        yield wrong("database", str(error))


async def _store(url: str, revision: str) -> list[Finding]:
    database = databases.open_database(url)
    try:
        await database.write(soundness.touch, Urgency.STEP)
        return [
            ok("database", f"{database.dialect}, revision {revision}, writable"),
            await _durable(database),
            *await _clocks(database),
        ]
    finally:
        await database.close()


async def _durable(database: Database) -> Finding:
    found = await database.read(soundness.durability)
    if database.dialect == "sqlite":
        mode, level = found["journal_mode"], found["synchronous"]
        if mode != "wal" or int(level) < 2:  # noqa: PLR2004 - 2 is FULL
            return wrong(
                "durability", f"journal_mode {mode}, synchronous {level}: not WAL and FULL"
            )
        return ok("durability", "WAL, synchronous=FULL: a commit is on the disk")
    off = [name for name in ("fsync", "full_page_writes") if found[name] != "on"]
    if found["synchronous_commit"] in {"off", "local"}:
        off.append(f"synchronous_commit {found['synchronous_commit']}")
    if off:
        return wrong("durability", f"{', '.join(off)}: a receipt would promise what may be lost")
    if not found["synchronous_standby_names"]:
        return weak("durability", "on one disk: no synchronous standby (receipts say copies 1)")
    return ok("durability", f"standbys {found['synchronous_standby_names']}")


async def _clocks(database: Database) -> list[Finding]:
    theirs = await database.read(soundness.server_time)
    if theirs is None:
        return []
    off = abs(datetime.now(UTC) - theirs)
    if off > CLOCK_OFF:
        return [wrong("database clock", f"{off.total_seconds():.0f} s apart from ours: run chrony")]
    return [ok("database clock", "agrees with ours")]


def _unmade(what: str, path: Path) -> Finding:
    if path.parent.is_dir():
        return weak(what, f"{path} is not there yet; the first `dabyl run` makes it: back it up")
    return wrong(what, f"{path.parent} is no folder: make it, or correct [keys]")
