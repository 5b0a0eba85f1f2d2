"""`dabyl user`: people who sign in by name."""

from collections.abc import Callable
from typing import Any, Final
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Connection

from gateway import passwords
from gateway.cli import opened, printed, wanted, written_down
from gateway.cli.failures import NotDone
from gateway.cli.grouped import Grouped
from gateway.clock import SystemClock
from gateway.domain import operator as operators
from gateway.domain.deed import Deed
from gateway.domain.operator import PEOPLE, Role
from gateway.settings import Settings
from gateway.store import people, sessions
from gateway.store.database import Database, Urgency
from gateway.store.people import Person

_ROLES: Final = click.Choice([one.value for one in Role if one in PEOPLE])
_NOBODY: Final = "nobody is called {!r}; `dabyl user list` shows who there is"
_district = click.option(
    "--district", "districts", multiple=True, help="Only this district; may be repeated."
)


@click.group(cls=Grouped)
def user() -> None:
    """People who sign in by name: dispatchers, supervisors, technicians, auditors, admins."""


@user.command
@click.argument("name")
@click.option("--role", type=_ROLES, required=True)
@_district
@click.option("--shown", default="", help="How others read the name, such as 'Aigerim N.'.")
@click.option("--subject", help="Who they are at [oidc]; then they need no password here.")
@wanted.password
def add(
    name: str,
    role: str,
    districts: tuple[str, ...],
    shown: str,
    subject: str | None,
    password: wanted.Password,
) -> None:
    """Let a person called NAME in, with a password asked for, read or made."""
    settings = opened.settings()
    login = _login(name)
    issuer = _issuer(settings) if subject is not None else None
    given = None if subject is not None and not password.is_named else password.get(login)
    now = SystemClock().now()
    person = Person(
        name=login,
        shown=shown.strip(),
        hash=None if given is None else passwords.hashed(given),
        role=Role(role),
        districts=districts,
        created_at=now,
        password_at=None if given is None else now,
        issuer=issuer,
        subject=subject,
    )

    def transact(connection: Connection) -> None:
        people.add(connection, person)
        data = {"role": role, "districts": districts, "elsewhere": subject}
        written_down.note(connection, settings, Deed.PERSON_ADDED, login, data)

    async def work(database: Database) -> None:
        if districts:
            await wanted.warn_of_empty(database, districts)
        await database.write(transact, Urgency.STEP)

    opened.run(settings, work)
    password.tell(given, login)
    where = f"sees {', '.join(districts)}" if districts else "sees every district"
    click.echo(f"{login} is a {role} now, and {where}", err=True)


@user.command("list")
@printed.as_json
def list_(*, as_json: bool) -> None:
    """Everybody with role, districts and when they were last here."""
    settings = opened.settings()
    zone = ZoneInfo(settings.time_zone)
    now = SystemClock().now()

    def look(connection: Connection) -> list[dict[str, Any]]:
        return [_row(connection, one) for one in people.listed(connection)]

    def _row(connection: Connection, one: Person) -> dict[str, Any]:
        used = sessions.of(connection, one.name, now)
        times = {
            "last_seen_at": max((use.seen_at for use in used if use.seen_at), default=None),
            "created_at": one.created_at,
            "disabled_at": one.disabled_at,
        }
        return {
            "name": one.name,
            "shown": one.shown or None,
            "role": one.role.value,
            "districts": list(one.districts) if as_json or one.districts else "all",
            "sessions": len(used),
            **{k: printed.utc(t) if as_json else printed.time(t, zone) for k, t in times.items()},
        }

    async def work(database: Database) -> list[dict[str, Any]]:
        return await database.read(look)

    rows = opened.run(settings, work)
    printed.listing(rows, as_json=as_json, empty="nobody yet; `dabyl user add` lets a person in")


@user.command
@click.argument("name")
def disable(name: str) -> None:
    """Let the person called NAME in no more, and end their sessions."""
    now = SystemClock().now()
    _done(name, Deed.PERSON_DISABLED, lambda c, login: people.disable(c, login, now))
    click.echo(f"{name} comes in no more; who is in hears nothing after ten seconds")


@user.command
@click.argument("name")
def enable(name: str) -> None:
    """Let the person called NAME in again."""
    _done(name, Deed.PERSON_CHANGED, lambda c, login: people.disable(c, login, None), enabled=True)
    click.echo(f"{name} may come in again")


@user.command("password")
@click.argument("name")
@wanted.password
def set_password(name: str, password: wanted.Password) -> None:
    """Give the person called NAME a new password, and end their sessions."""
    login = _login(name)
    given = password.get(login)
    hashed, now = passwords.hashed(given), SystemClock().now()
    _done(login, Deed.PASSWORD_CHANGED, lambda c, login: people.set_password(c, login, hashed, now))
    password.tell(given, login)
    click.echo(f"{login} has a new password", err=True)


@user.command
@click.argument("name")
@click.option("--role", type=_ROLES, help="Their new role.")
@_district
@click.option("--all-districts", is_flag=True, help="Every district.")
@click.option("--shown", help="How others read the name.")
@click.option("--subject", help="Who they are at [oidc].")
def change(
    name: str,
    role: str | None,
    districts: tuple[str, ...],
    shown: str | None,
    subject: str | None,
    *,
    all_districts: bool,
) -> None:
    """Change what the person called NAME is; what is not said stays. It counts at once."""
    if districts and all_districts:
        raise click.UsageError("--district or --all-districts, not both")
    issuer = _issuer(opened.settings()) if subject is not None else ""

    def work(connection: Connection, login: str) -> bool:
        now = people.get(connection, login)
        if now is None:
            return False
        if subject is not None:
            people.link(connection, login, issuer, subject)
        kept = () if all_districts else districts or now.districts
        new_role = now.role if role is None else Role(role)
        return people.change(
            connection, login, new_role, kept, now.shown if shown is None else shown
        )

    new = {"role": role, "districts": "all" if all_districts else districts or None}
    _done(name, Deed.PERSON_CHANGED, work, **new, shown=shown, elsewhere=subject)
    click.echo(f"{name} is changed")


def _done(name: str, what: Deed, work: Callable[[Connection, str], bool], **data: object) -> None:
    login, settings = _login(name), opened.settings()

    def transact(connection: Connection) -> bool:
        is_done = work(connection, login)
        if is_done:
            written_down.note(connection, settings, what, login, data)
        return is_done

    async def working(database: Database) -> bool:
        return await database.write(transact, Urgency.STEP)

    if not opened.run(settings, working):
        raise NotDone(_NOBODY.format(login))


def _login(name: str) -> str:
    login = name.strip().casefold()
    if not operators.is_login(login):
        raise click.UsageError("NAME is 1 to 64 of a-z, 0-9 and . _ - @, such as aigerim.n")
    return login


def _issuer(settings: Settings) -> str:
    if not settings.oidc.issuer:
        raise click.UsageError("--subject needs [oidc] in the settings")
    return settings.oidc.issuer
