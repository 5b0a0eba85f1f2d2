"""`dabyl journal`: whether every chain is whole, and is what the receivers were told."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from gateway import compare, verify
from gateway.cli import opened, printed
from gateway.cli.failures import NotDone
from gateway.cli.grouped import Grouped
from gateway.compare import Comparison
from gateway.settings import Settings
from gateway.store import sealed, signing
from gateway.store.database import Database
from gateway.store.sealed import Seal
from gateway.store.signing import Signer
from gateway.store.walk import Fault, Walk
from gateway.verify import Trust, Walked

TOLD_FAULTS = 20


@dataclass(slots=True, kw_only=True)
class _Found:
    """Everything that was looked at."""

    chains: list[tuple[Walked, float]] = field(default_factory=list)
    """Each with the seconds that it took."""
    faults: list[Fault] = field(default_factory=list)
    comparison: Comparison | None = None
    strange_key: str | None = None
    """Our key, where the receiver was told of others only."""


@click.group(cls=Grouped)
def journal() -> None:
    """The journal of all events."""


@journal.command("verify")
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="What a receiver recorded: JSON lines, each with the CloudEvent it got.",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="ed25519:…",
    help="A public key that checkpoints may be signed with; may be repeated. Default: our own.",
)
@printed.as_json
def verify_(against: Path | None, keys: tuple[str, ...], *, as_json: bool) -> None:
    """Walk every chain, and name its first row that is changed, missing, swapped or put in.

    A chain by itself cannot show that its end was cut off, or that all of it was written anew:
    every notice carries the journal's head to the receivers, so their record can (--against).
    The columns heard_again and folded count on, and are outside the chain.
    """
    settings = opened.settings()
    known = [signing.checked(one) for one in keys]

    async def work(database: Database) -> _Found:
        return await _look(database, settings, against, known)

    found = opened.run(settings, work)
    if as_json:
        printed.json(_content(found))
    else:
        for line in _lines(found):
            click.echo(line)
        for fault in found.faults[:TOLD_FAULTS]:
            click.echo(_sentence(fault), err=True)
    if found.strange_key is not None and not as_json:
        click.echo(f"the receiver was never told of our key {found.strange_key}", err=True)
    count = len(found.faults) + (found.strange_key is not None)
    if count:
        raise NotDone(f"the journal is NOT whole: {count} faults; keep it, and every backup")
    if not as_json:
        whole = (
            "the journal is whole" if found.chains else "the journal is empty: nothing is proven"
        )
        click.echo(whole)


@journal.command
@click.option("--pem", is_flag=True, help="As OpenSSL reads it.")
def key(*, pem: bool) -> None:
    """Print the public key of this installation's signatures: give it to whoever may doubt us."""
    public = _signer(opened.settings()).public
    click.echo(signing.pem(public).strip() if pem else public)


async def _look(
    database: Database, settings: Settings, against: Path | None, keys: list[str]
) -> _Found:
    found = _Found()
    trusted = set(keys)
    if against is not None:
        found.comparison = await _compared(database, against)
        trusted |= found.comparison.keys
    own = None if keys else _signer(settings).public
    if own is not None:
        if trusted and own not in trusted:
            found.strange_key = own
        trusted |= set() if trusted else {own}
    seal = Seal(sealed.key_from(settings.keys.seal_file)) if own is not None else None
    begun = time.monotonic()
    async for step in verify.every_chain(database, Trust(keys=trusted, seal=seal), _progress):
        if isinstance(step, Walked):
            found.chains.append((step, time.monotonic() - begun))
            begun = time.monotonic()
        else:
            found.faults.append(step)
    printed.progress("")
    if found.comparison is not None:
        found.faults += await compare.faults(database, found.comparison)
    return found


async def _compared(database: Database, against: Path) -> Comparison:
    with against.open("rb") as lines:
        found = await compare.with_record(database, lines)
    if not found.chains:
        raise NotDone(
            f"{against}: none of its {found.records} lines holds a notice with a journal's head"
        )
    return found


def _signer(settings: Settings) -> Signer:
    return Signer(sealed.key_from(settings.keys.signing_file))


def _progress(walk: Walk) -> None:
    printed.progress(f"{walk.gateway}, {walk.lane} lane: {walk.rows:,} rows")


def _sentence(fault: Fault) -> str:
    return f"{fault.gateway}, {fault.lane} lane, row {fault.number}: {fault.what}: {fault.says}"


def _lines(found: _Found) -> Iterator[str]:
    broken = {(fault.gateway, fault.lane) for fault in found.faults}
    for one, seconds in found.chains:
        mark = "BAD" if (one.gateway, one.lane) in broken else "ok "
        begins = f" behind row {one.begins:,} (retention)" if one.begins else ""
        speed = f", {one.rows / seconds:,.0f}/s" if one.rows and seconds > 1 else ""
        yield (
            f"{mark} {one.gateway}, {one.lane} lane: {one.rows:,} rows{begins}{speed},"
            f" head {one.head.number} {one.head.hash.hex()}"
        )
    told = found.comparison
    if told is not None:
        note = f", {told.unread} unreadable or unsigned left out" if told.unread else ""
        old = f", {told.dropped} told rows dropped by their age" if told.dropped else ""
        yield f"against {told.records} records: {told.compared} rows compared{old}{note}"


def _content(found: _Found) -> dict[str, Any]:
    told = found.comparison
    return {
        "whole": not found.faults and found.strange_key is None,
        "chains": [
            {
                "gateway": one.gateway,
                "lane": one.lane,
                "dropped_until": one.begins,
                "rows": one.rows,
                "head": {"number": one.head.number, "hash": one.head.hash.hex()},
                "seconds": round(seconds, 3),
            }
            for one, seconds in found.chains
        ],
        "faults": [
            {
                "gateway": fault.gateway,
                "lane": fault.lane,
                "row": fault.number,
                "what": fault.what,
                "says": fault.says,
            }
            for fault in found.faults
        ],
        "against": None
        if told is None
        else {
            "records": told.records,
            "unread": told.unread,
            "compared": told.compared,
            "dropped": told.dropped,
        },
        "strange_key": found.strange_key,
    }
