"""`dabyl audit`: what people and machines did; whether it is whole; a copy to be kept elsewhere."""

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

import click
import msgspec

from gateway import vouch
from gateway.cli import opened, printed, written_down
from gateway.cli.failures import NotDone
from gateway.cli.grouped import Grouped
from gateway.clock import SystemClock
from gateway.domain import sheet
from gateway.domain.deed import Deed
from gateway.settings import Settings
from gateway.store import audit_checkpoints, audit_views, sealed, signing
from gateway.store.audit_checkpoints import Checkpoint, NoCheckpoint
from gateway.store.audit_views import Entry, Sought
from gateway.store.database import Database, Urgency
from gateway.store.signing import Signer
from gateway.vouch import Walk

PAGE = 1000
COLUMNS = ("number", "at", "who", "role", "district", "what", "key", "data", "gateway", "hash")


class _Ending(msgspec.Struct):
    """The last line of an export."""

    checkpoint: msgspec.Raw


@click.group(cls=Grouped)
def audit() -> None:
    """What people and machines did, in one chain."""


@audit.command("list")
@click.option("--who", help="Only what that person or machine did.")
@click.option("--what", type=click.Choice([one.value for one in Deed]), help="Only such deeds.")
@click.option("--key", help="Only of that alarm, person, still …")
@click.option("--limit", type=click.IntRange(1, 5000), default=100, show_default=True)
@printed.as_json
def list_(who: str | None, what: str | None, key: str | None, limit: int, *, as_json: bool) -> None:
    """Who did what, the newest first."""
    settings = opened.settings()
    sought = Sought(who=who, what=None if what is None else Deed(what), key=key)

    async def work(database: Database) -> list[Entry]:
        return await database.read(lambda c: audit_views.listed(c, sought, limit))

    zone, found = ZoneInfo(settings.time_zone), opened.run(settings, work)
    if as_json:
        printed.json(found)
        return
    listed = [
        {
            "number": one.number,
            "at": printed.time(one.at, zone),
            "who": one.who,
            "role": one.role,
            "what": one.what,
            "key": one.key[:20],
            "said": _text(one)[:80],
        }
        for one in found
    ]
    printed.listing(listed, as_json=False, empty="nobody did anything yet")


@audit.command
@click.option(
    "--against",
    "files",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    metavar="FILE",
    help="A checkpoint that was kept, an export, or what a receiver recorded; may be repeated.",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="ed25519:…",
    help="A public key that checkpoints may be signed with; may be repeated. Default: our own.",
)
@printed.as_json
def verify(files: tuple[Path, ...], keys: tuple[str, ...], *, as_json: bool) -> None:
    """Walk the whole chain, and name its first row that is changed, missing or put in.

    A chain by itself cannot show that all of it was written anew by somebody who holds the
    database: keep checkpoints elsewhere (`dabyl audit checkpoint`), and name them here.
    """
    settings = opened.settings()
    trusted = {signing.checked(one) for one in keys} or {_signer(settings).public}
    kept, heard = _gathered(files)

    async def work(database: Database) -> Walk:
        found = Walk()
        async for found in vouch.walked(database, trusted, kept, heard):
            printed.progress(f"{found.rows:,} rows")
        printed.progress("")
        return found

    found = opened.run(settings, work)
    if as_json:
        printed.json(_content(found))
    else:
        _tell(found)
    if found.faults:
        raise NotDone("the audit is NOT whole; keep the database, and every backup, as they are")


@audit.command
@click.option("--output", type=click.Path(path_type=Path), help="A file instead of the screen.")
@click.option("--csv", "is_csv", is_flag=True, help="A sheet, formulas escaped; else JSON lines.")
@click.option("--after", type=click.IntRange(0), default=0, help="Only rows behind that number.")
def export(output: Path | None, after: int, *, is_csv: bool) -> None:
    """Write all of it in order; as JSON lines its last line is a signed checkpoint of its end."""
    settings = opened.settings()
    signer = _signer(settings)

    async def work(database: Database) -> int:
        # Written down before the first row goes out, and therefore the last row of the copy.
        said = {"after": after, "format": "csv" if is_csv else "jsonl"}
        await _note(database, settings, Deed.EXPORT, "audit", said)
        end = await database.read(
            lambda c: audit_checkpoints.of_end(c, signer, SystemClock().now())
        )
        if output is None:
            return await _write(database, sys.stdout, end, after, is_csv=is_csv)
        with output.open("w", encoding="utf-8", newline="") as file:
            return await _write(database, file, end, after, is_csv=is_csv)

    count = opened.run(settings, work)
    if output is not None:
        click.echo(f"{count} rows in {output}")


@audit.command
@click.option("--output", type=click.Path(path_type=Path), help="A file instead of the screen.")
def checkpoint(output: Path | None) -> None:
    """Sign where the audit ends now; kept elsewhere, it proves later what came before."""
    settings = opened.settings()
    signer = _signer(settings)

    async def work(database: Database) -> Checkpoint:
        made = await database.read(
            lambda c: audit_checkpoints.of_end(c, signer, SystemClock().now())
        )
        await _note(database, settings, Deed.CHECKPOINT, str(made.number), {})
        return made

    text = msgspec.json.format(msgspec.json.encode(opened.run(settings, work))).decode()
    if output is None:
        click.echo(text)
    else:
        output.write_text(f"{text}\n", encoding="utf-8")
        click.echo(f"row {msgspec.json.decode(text)['number']} in {output}")


async def _write(
    database: Database, out: TextIO, end: Checkpoint, after: int, *, is_csv: bool
) -> int:
    count = 0
    if is_csv:
        out.write(sheet.BOM + sheet.written([COLUMNS]))
    while after < end.number:
        until = min(after + PAGE, end.number)
        found = await database.read(partial(audit_views.page, after=after, until=until))
        entries = [audit_views.entry(row) for row in found]
        if is_csv:
            out.write(sheet.written(_cells(one) for one in entries))
        else:
            out.writelines(f"{msgspec.json.encode(one).decode()}\n" for one in entries)
        count, after = count + len(entries), until
    if not is_csv:
        out.write(f"{msgspec.json.encode({'checkpoint': end}).decode()}\n")
    return count


async def _note(
    database: Database, settings: Settings, what: Deed, key: str, said: Mapping[str, object]
) -> None:
    await database.write(lambda c: written_down.note(c, settings, what, key, said), Urgency.STEP)


def _gathered(files: tuple[Path, ...]) -> tuple[list[Checkpoint], dict[int, str]]:
    """The checkpoints in those files, and the ends that receivers were told of."""
    kept: list[Checkpoint] = []
    heard: dict[int, str] = {}
    for path in files:
        with path.open("rb") as lines:
            found = vouch.told(lines)
        if found:
            heard |= found
        else:
            kept.append(_kept(path))
    return kept, heard


def _kept(path: Path) -> Checkpoint:
    """A checkpoint in a file: alone, or as the last line of an export."""
    text = path.read_bytes().strip()
    last = text.rpartition(b"\n")[2]
    try:
        if last.startswith(b'{"checkpoint":'):
            text = bytes(msgspec.json.decode(last, type=_Ending).checkpoint)
        return audit_checkpoints.read(text)
    except (msgspec.MsgspecError, NoCheckpoint) as error:
        raise NotDone(f"{path}: neither a checkpoint nor a record of notices ({error})") from None


def _signer(settings: Settings) -> Signer:
    return Signer(sealed.key_from(settings.keys.signing_file))


def _tell(found: Walk) -> None:
    mark = "BAD" if found.faults else "ok "
    begins = f" behind row {found.begins:,} (retention)" if found.begins else ""
    compared = f", {found.compared} told rows met" if found.compared else ""
    head = f"head {found.head.number} {found.head.hash.hex()}"
    click.echo(f"{mark} audit: {found.rows:,} rows{begins}{compared}, {head}")
    for fault in found.faults:
        click.echo(fault, err=True)
    if not found.faults:
        is_empty = not found.rows and not found.begins
        click.echo("the audit is empty: nothing is proven" if is_empty else "the audit is whole")


def _content(found: Walk) -> dict[str, object]:
    return {
        "whole": not found.faults,
        "dropped_until": found.begins,
        "rows": found.rows,
        "head": {"number": found.head.number, "hash": found.head.hash.hex()},
        "compared": found.compared,
        "faults": found.faults,
    }


def _cells(one: Entry) -> list[object]:
    return [_text(one) if name == "data" else getattr(one, name) for name in COLUMNS]


def _text(one: Entry) -> str:
    return msgspec.json.encode(one.data).decode() if one.data else ""
