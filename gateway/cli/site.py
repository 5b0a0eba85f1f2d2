"""`dabyl site`: schools and what hangs in them, from a file and into one."""

from collections import Counter
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from gateway import siteplan
from gateway.cli import opened, printed, written_down
from gateway.cli.failures import NotDone
from gateway.cli.grouped import Grouped
from gateway.domain.deed import Deed
from gateway.domain.site import Registry, Sort
from gateway.siteplan import Difference, WrongFile, csvfile, tomlwriter
from gateway.store import sites
from gateway.store.database import Database, Urgency

TOLD_LINES = 200
_NOUNS = ("sites", "zones", "devices")


@click.group(cls=Grouped)
def site() -> None:
    """Schools and what hangs in them."""


@site.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--apply", "is_applied", is_flag=True, help="Write it; without, only say what would be."
)
@click.option("--move", is_flag=True, help="Devices may change their site; they become unproven.")
def import_(file: Path, *, is_applied: bool, move: bool) -> None:
    """Compare FILE (CSV, or TOML by its ending) with the registry, and write it with --apply.

    What is not in the file stays as it is; nothing is ever removed. CSV, with or without BOM,
    separated by , or ;, a site repeated on the row of each of its devices:

    site_id, site_name_kk, site_name_ru, site_name_en, district, address, latitude, longitude,
    device_id, kind (panic-button, turnstile, camera), zone, host, port, profile
    """
    try:
        plan = siteplan.read(file)
    except WrongFile as error:
        for mistake in error.mistakes:
            click.echo(f"{file.name}: {mistake}", err=True)
        raise NotDone(error.counted) from None

    settings = opened.settings()

    def noted(connection: Connection, difference: Difference) -> None:
        data = {
            "file": file.name,
            **{noun: difference.new[noun] + difference.changed[noun] for noun in _NOUNS},
            "moved": [one.device for one in difference.moves][:TOLD_LINES],
        }
        written_down.note(connection, settings, Deed.SITES_IMPORTED, file.name, data)

    async def work(database: Database) -> Difference:
        if not is_applied:
            return siteplan.compare(plan, await database.read(sites.registry))
        return await siteplan.apply(database, plan, move=move, noted=noted)

    try:
        difference = opened.run(settings, work)
    except (siteplan.WouldMove, siteplan.Unsettled) as error:
        raise NotDone(str(error)) from None
    _tell(difference, is_applied=is_applied, move=move)


@site.command
@click.option("--toml", "is_toml", is_flag=True, help="All that is known; CSV has fewer columns.")
@click.option("--output", type=click.Path(path_type=Path), help="A file instead of the screen.")
def export(output: Path | None, *, is_toml: bool) -> None:
    """Write the registry as a site file that `site import` reads."""
    settings = opened.settings()

    def transact(connection: Connection) -> Registry:
        found = sites.registry(connection)
        data = {"rows": len(found.devices), "file": None if output is None else output.name}
        written_down.note(connection, settings, Deed.EXPORT, "sites", data)
        return found

    async def work(database: Database) -> Registry:
        return await database.write(transact, Urgency.STEP)

    registry = opened.run(settings, work)
    text = tomlwriter.write(registry) if is_toml else csvfile.write(registry)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8", newline="")
        click.echo(f"{len(registry.sites)} sites, {len(registry.devices)} devices in {output}")


@site.command("list")
@printed.as_json
def list_(*, as_json: bool) -> None:
    """Every site, with how many devices hang in it."""
    registry = _registry()
    counts = Counter((device.site, device.sort) for device in registry.devices.values())
    rows: list[dict[str, Any]] = [
        {
            "id": one.id,
            "name": {"kk": one.name.kk, "ru": one.name.ru, "en": one.name.en}
            if as_json
            else one.name.ru or one.name.kk or one.name.en,
            "district": one.district,
            "address": one.address,
            "panic_buttons": counts[one.id, Sort.PANIC_BUTTON],
            "turnstiles": counts[one.id, Sort.TURNSTILE],
            "cameras": counts[one.id, Sort.CAMERA],
        }
        for one in sorted(registry.sites.values(), key=lambda one: one.id)
    ]
    printed.listing(
        rows, as_json=as_json, empty="no sites yet; `dabyl site import FILE` reads them"
    )


def _registry() -> Registry:
    async def work(database: Database) -> Registry:
        return await database.read(sites.registry)

    return opened.run(opened.settings(), work)


def _tell(difference: Difference, *, is_applied: bool, move: bool) -> None:
    for line in difference.words[:TOLD_LINES]:
        click.echo(line)
    if len(difference.words) > TOLD_LINES:
        click.echo(f"… and {len(difference.words) - TOLD_LINES} more lines like these")
    for noun in _NOUNS:
        click.echo(
            f"{noun:8} {difference.new[noun]} new, {difference.changed[noun]} changed,"
            f" {difference.unchanged[noun]} unchanged"
        )
    if difference.beside:
        click.echo(f"not in the file, left as they are: {difference.beside} devices of these sites")
    _tell_moves(difference, is_applied=is_applied, move=move)
    if is_applied:
        click.echo("written" if not difference.is_empty else "nothing to write")
    elif difference.is_empty:
        click.echo("the registry says the same already")
    else:
        click.echo("a dry run: nothing was written; --apply writes it")


def _tell_moves(difference: Difference, *, is_applied: bool, move: bool) -> None:
    for one in difference.moves[:TOLD_LINES]:
        click.echo(f"moves    device {one.device} from site {one.before} to {one.after}: unproven")
    if difference.moves and not is_applied and not move:
        click.echo(f"{len(difference.moves)} devices change their site: --apply needs --move")
