"""`dabyl token`: keys to the API, each shown once."""

import secrets
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Connection

from gateway.cli import opened, printed, wanted, written_down
from gateway.cli.failures import NotDone
from gateway.cli.grouped import Grouped
from gateway.clock import SystemClock
from gateway.domain.deed import Deed
from gateway.domain.operator import NAME_LIMIT, Role
from gateway.settings import Settings
from gateway.store import operators, sites
from gateway.store.database import Database, Urgency
from gateway.store.operators import Token

PREFIX = "dabyl_"
SECRET_BYTES = 32


def secret() -> str:
    """A new key: 256 random bits."""
    return PREFIX + secrets.token_urlsafe(SECRET_BYTES)


@click.group(cls=Grouped)
def token() -> None:
    """Keys to the API, for people, the centre and devices."""


@token.command
@click.argument("name")
@click.option("--role", type=click.Choice([one.value for one in Role]), required=True)
@click.option("--district", "districts", multiple=True, help="Only this district; may be repeated.")
@click.option("--receiver", help="The receiver that a machine speaks for (role machine).")
@click.option("--device", help="The device that it speaks for (role device).")
def add(
    name: str, role: str, districts: tuple[str, ...], receiver: str | None, device: str | None
) -> None:
    """Make a key called NAME and print it, once and never again."""
    settings = opened.settings()
    made = Token(
        name=name.strip(),
        role=Role(role),
        districts=districts,
        receiver=receiver,
        device=device,
        created_at=SystemClock().now(),
    )
    _require_sense(made, settings)
    key = secret()

    def transact(connection: Connection) -> None:
        operators.add_token(connection, made, key)
        data = {"role": role, "districts": districts, "receiver": receiver, "device": device}
        written_down.note(connection, settings, Deed.TOKEN_ADDED, made.name, data)

    async def work(database: Database) -> None:
        if made.device is not None:
            registry = await database.read(sites.registry)
            if made.device not in registry.devices:
                raise NotDone(f"no device {made.device!r}: import it first (`dabyl site import`)")
        if made.districts:
            await wanted.warn_of_empty(database, made.districts)
        await database.write(transact, Urgency.STEP)

    opened.run(settings, work)
    click.echo(key)
    click.echo(f"this is the key of {made.name} ({role}); it is shown this once", err=True)


@token.command("list")
@printed.as_json
def list_(*, as_json: bool) -> None:
    """Every key's name and rights; the keys themselves are nowhere to be read."""
    settings = opened.settings()
    zone = ZoneInfo(settings.time_zone)

    async def work(database: Database) -> list[Token]:
        return list(await database.read(operators.tokens))

    rows: list[dict[str, Any]] = [
        {
            "name": one.name,
            "role": one.role.value,
            "districts": list(one.districts) if as_json or one.districts else "all",
            "receiver": one.receiver,
            "device": one.device,
            "created_at": printed.utc(one.created_at)
            if as_json
            else printed.time(one.created_at, zone),
            "revoked_at": printed.utc(one.revoked_at)
            if as_json
            else printed.time(one.revoked_at, zone),
        }
        for one in opened.run(settings, work)
    ]
    printed.listing(rows, as_json=as_json, empty="no tokens yet; `dabyl token add` makes one")


@token.command
@click.argument("name")
def revoke(name: str) -> None:
    """End the key called NAME, and every session that was opened with it."""
    settings = opened.settings()

    def transact(connection: Connection) -> bool:
        is_ended = operators.revoke(connection, name, SystemClock().now())
        if is_ended:
            written_down.note(connection, settings, Deed.TOKEN_REVOKED, name, {})
        return is_ended

    async def work(database: Database) -> bool:
        return await database.write(transact, Urgency.STEP)

    if not opened.run(settings, work):
        raise NotDone(f"no token {name!r} to revoke; `dabyl token list` shows them")
    click.echo(f"{name} is revoked")


def _require_sense(made: Token, settings: Settings) -> None:
    """Raise where the options do not go together."""
    if not 0 < len(made.name) <= NAME_LIMIT or not made.name.isprintable():
        raise click.UsageError(f"NAME is 1 to {NAME_LIMIT} printable characters")
    for role, option, value in (
        (Role.MACHINE, "--receiver", made.receiver),
        (Role.DEVICE, "--device", made.device),
    ):
        if made.role is role and value is None:
            raise click.UsageError(f"the role {role} needs {option}")
        if made.role is not role and value is not None:
            raise click.UsageError(f"{option} goes with the role {role} alone")
    names = [one.name for one in settings.receiver]
    if made.receiver is not None and made.receiver not in names:
        known = ", ".join(names) or "none"
        raise click.UsageError(f"no receiver {made.receiver!r} in the settings; there are: {known}")
