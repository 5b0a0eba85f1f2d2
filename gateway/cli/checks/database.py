"""Checks of the database: there, ours, of this version, writable, durable, on a disk that lasts."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.cli.checks import copies, disk, passages
from gateway.cli.checks.finding import Finding, ok, weak, wrong
from gateway.settings import Settings, WrongSettings
from gateway.store import database as databases
from gateway.store import migrate, soundness
from gateway.store.database import Database, StoreError, Urgency
from gateway.store.soundness import Extent

CLOCK_OFF = timedelta(seconds=2)


def all_of(settings: Settings) -> Iterator[Finding]:
    """Whether the database is there, ours, of this version, writable and durable."""
    try:
        url = settings.database.address()
    except WrongSettings as error:
        yield wrong("database", str(error))
        return
    file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:") else None
    if file is not None and not file.exists() and file.parent.is_dir():
        yield weak("database", f"{file} is not there yet; the first `dabyl run` makes it")
        yield from disk.all_of(file, None)
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
        yield from asyncio.run(_looked_at(url, revision, settings, file))
    except StoreError as error:
        yield wrong("database", str(error))


async def _looked_at(
    url: str, revision: str, settings: Settings, file: Path | None
) -> list[Finding]:
    database = databases.open_database(url)
    try:
        await database.write(soundness.touch, Urgency.STEP)
        name = settings.gateway.name
        extent = await database.read(lambda c: soundness.extent(c, name))
        return [
            ok("database", f"{database.dialect}, revision {revision}, writable"),
            await _durable(database),
            *await copies.all_of(database, settings.database.copies),
            *await database.read(passages.places),
            *await _clocks(database),
            *(disk.all_of(file, extent) if file is not None else [_size(extent)]),
        ]
    finally:
        await database.close()


def _size(extent: Extent) -> Finding:
    """A server's disk is not seen from here."""
    days = extent.span / timedelta(days=1)
    pace = f", of {days:.0f} days" if days >= 1 else ""
    return ok("database size", f"{extent.size_bytes / 1e9:.2f} GB{pace}; watch its server's disk")


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
