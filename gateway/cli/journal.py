"""`dabyl journal verify`: whether every chain is whole, and is what the receivers were told."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
import msgspec
from sqlalchemy import Connection

from adapters.signal import Lane
from gateway.cli import opened, printed
from gateway.cli.failures import NotDone
from gateway.store import journal as chains
from gateway.store import retention, sealed
from gateway.store.database import Database
from gateway.store.journal import Fault, Head
from gateway.store.sealed import Seal

ASKED_AT_ONCE = 500
TOLD_FAULTS = 20
_NOT_OURS = frozenset({"unsigned", "malformed"})


class _Anchor(msgspec.Struct):
    gateway: str
    number: int
    hash: str


class _Data(msgspec.Struct):
    journal: _Anchor | None = None


class _Notice(msgspec.Struct):
    data: _Data | None = None


class _Record(msgspec.Struct):
    body: str | None = None
    verdict: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """What a receiver was told of the chains: by gateway and number, the hashes."""

    hashes: dict[str, dict[int, set[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    records: int = 0
    unread: int = 0


@click.group
def journal() -> None:
    """The journal of all events."""


@journal.command
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="What a receiver recorded: JSON lines, each with the CloudEvent it got.",
)
def verify(against: Path | None) -> None:
    """Walk every chain from its first row and say whether any row was changed or cut out.

    A chain by itself cannot show that its end was cut off, or that all of it was written anew:
    every notice carries the journal's head to the receivers, so their record can (--against).
    """
    heard = None if against is None else _read(against)
    settings = opened.settings()
    seal = Seal(sealed.key_from(settings.keys.seal_file))

    async def work(database: Database) -> list[str]:
        return await database.read(lambda connection: _verified(connection, seal, heard))

    faults = opened.run(settings, work)
    if faults:
        for fault in faults[:TOLD_FAULTS]:
            click.echo(fault, err=True)
        raise NotDone(f"the journal is NOT whole: {len(faults)} faults; keep it, and every backup")
    click.echo("the journal is whole")


def _verified(connection: Connection, seal: Seal, heard: _Heard | None) -> list[str]:
    faults = [fault for lane in Lane for fault in _walked(connection, seal, lane)]
    if heard is not None:
        faults += _compared(connection, heard)
    return faults


def _walked(connection: Connection, seal: Seal, lane: Lane) -> Iterator[str]:
    for gateway in chains.gateways(connection, lane):
        begun = retention.checkpoint(connection, gateway, lane)
        if begun is not None and not retention.is_genuine(begun, seal, gateway, lane):
            yield f"{gateway}, {lane} lane: its checkpoint was not signed by this installation"
            continue
        last = Head() if begun is None else begun.head
        if begun is not None:
            click.echo(f"    {gateway}, {lane} lane: begins behind row {last.number} (retention)")
        for step in chains.verify(connection, gateway, lane, last):
            match step:
                case Fault(number=number, what=what):
                    yield f"{gateway}, {lane} lane, row {number}: {what}"
                    break
                case Head():
                    last = step
                    printed.progress(f"{gateway}, {lane} lane: {last.number} rows")
        else:
            printed.progress("")
            click.echo(f"ok  {gateway}, {lane} lane: {last.number} rows, head {last.hash.hex()}")


def _compared(connection: Connection, heard: _Heard) -> Iterator[str]:
    known = 0
    for gateway, told in heard.hashes.items():
        ends = chains.head(connection, gateway, Lane.ALARM).number
        numbers = sorted(number for number in told if number > 0)
        rows = {
            number: hash_.hex()
            for number, hash_ in chains.hashes(connection, gateway, Lane.ALARM, numbers).items()
        }
        missing = [number for number in numbers if number not in rows]
        known += len(rows)
        if missing:
            yield (
                f"{gateway}: cut off: the receiver was told of row {missing[-1]},"
                f" the journal ends at {ends} ({len(missing)} told rows are gone)"
            )
        for number, found in rows.items():
            if told[number] != {found}:
                yield f"{gateway}, row {number}: rewritten: the receiver was told another hash"
    note = f", {heard.unread} unreadable or unsigned left out" if heard.unread else ""
    click.echo(f"against {heard.records} records: {known} rows compared{note}")


def _read(path: Path) -> _Heard:
    hashes: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    records = unread = 0
    with path.open("rb") as lines:
        for line in lines:
            if not line.strip():
                continue
            records += 1
            anchor, is_read = _anchor(line)
            unread += not is_read
            if anchor is not None:
                hashes[anchor.gateway][anchor.number].add(anchor.hash)
    if not hashes:
        raise NotDone(f"{path}: none of its {records} lines holds a notice with a journal's head")
    return _Heard(hashes=hashes, records=records, unread=unread)


def _anchor(line: bytes) -> tuple[_Anchor | None, bool]:
    """The journal's head in a record (or in a bare CloudEvent), and whether it could be read."""
    try:
        record = msgspec.json.decode(line, type=_Record)
        if record.verdict in _NOT_OURS:
            return None, False
        body = line if record.body is None else record.body.encode()
        notice = msgspec.json.decode(body, type=_Notice)
    except msgspec.DecodeError:
        return None, False
    return (None if notice.data is None else notice.data.journal), True
