"""`dabyl database`: how its servers stand; a standby promoted; going on alone, and together."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from gateway.cli import opened, printed, written_down
from gateway.cli.failures import NotDone
from gateway.cli.grouped import Grouped
from gateway.company import record
from gateway.domain.deed import Deed
from gateway.settings import Settings
from gateway.store import copies, gateways, leases, promotion
from gateway.store.cluster import Cluster, Member, Role
from gateway.store.database import Database, Urgency
from gateway.store.promotion import Plan, Refused

T = TypeVar("T")
_RUNBOOKS = "docs/how-to/runbooks/old-primary-returns.md"
_knowing = click.option(
    "--i-know", is_flag=True, help="Do it although it says what may be lost by it."
)


@click.group(cls=Grouped)
def database() -> None:
    """The servers of the database: primary and standbys (PostgreSQL)."""


@database.command
@printed.as_json
def status(*, as_json: bool) -> None:
    """Every server as it answers, and on how many machines a commit is."""
    settings = opened.settings()
    members = _run(_cluster(settings).members())
    printed.listing(
        [_row(one, as_json=as_json) for one in members], as_json=as_json, empty="no servers"
    )
    if as_json:
        return
    for line in _summary(settings, members):
        click.echo(line)


@database.command
@click.argument("name", required=False)
@_knowing
def promote(name: str | None, *, i_know: bool) -> None:
    """Make a standby the primary: the one that has the most, or NAME.

    Only when the primary is gone. What may be lost is said first, and without --i-know that is all.
    """
    settings = opened.settings()
    cluster = _cluster(settings)
    before = record.read(settings.database.state_file)

    async def find() -> Plan:
        found = promotion.plan(await cluster.members(), before, name)
        if found.risks and not i_know:
            raise Refused(*found.risks)
        return found

    async def change() -> tuple[list[str], list[Member]]:
        wrong = await cluster.promote(found.candidate.server, found.followers)
        return wrong, await cluster.members()

    found = _run(find())
    risked: dict[str, Any] = {"overruled": list(found.risks) or None, "lsn": found.candidate.lsn}
    with _noted_if_failed(settings, Deed.STORE_PROMOTED, found.candidate, risked):
        wrong, members = _run(change())
    for line in wrong:
        click.echo(f"but {line}", err=True)
    click.echo(f"{found.candidate.label} is the primary now; gateways find it by themselves")
    for line in _summary(settings, members):
        click.echo(line)
    click.echo(f"the old primary must not come back as one: {_RUNBOOKS}")
    risked |= {
        "but": wrong or None,
        "away": [str(one.server) for one in members if one.role is Role.AWAY],
    }
    _write_down(settings, Deed.STORE_PROMOTED, found.candidate, risked)


@database.command
@_knowing
def alone(*, i_know: bool) -> None:
    """Let the primary go on without its standbys: receipts then say `copies: 1`.

    What waits for a standby is let go at once. `store.alone` is raised until `together`.
    """
    settings = opened.settings()
    cluster = _cluster(settings)

    async def find() -> tuple[Member, tuple[str, ...]]:
        members = await cluster.members()
        try:
            return promotion.alone(members), ()
        except Refused as refused:
            if not (i_know and refused.can_be_overruled):
                raise
            return next(one for one in members if one.role is Role.PRIMARY), refused.why

    primary, overruled = _run(find())
    risked = {"overruled": overruled or None, "waited_for": primary.names}
    with _noted_if_failed(settings, Deed.STORE_ALONE, primary, risked):
        _run(cluster.wait_for_nobody(primary.server))
    click.echo(f"{primary.label} waits for no standby: each press is on one machine")
    _write_down(settings, Deed.STORE_ALONE, primary, risked)


@database.command
def together() -> None:
    """Let commits wait for a standby again."""
    settings = opened.settings()
    cluster = _cluster(settings)

    async def find() -> tuple[Member, tuple[str, ...]]:
        return promotion.together(await cluster.members())

    async def change() -> str:
        names = await cluster.wait_again(primary.server, f"ANY 1 ({', '.join(following)})")
        wanted = {one for one in copies.named(names) if one != primary.name}
        if not wanted.intersection(following):
            await cluster.wait_for_nobody(primary.server)
            raise Refused(f"none of {', '.join(sorted(wanted))} follows {primary.label}")
        return names

    primary, following = _run(find())
    with _noted_if_failed(settings, Deed.STORE_TOGETHER, primary, {}):
        names = _run(change())
    click.echo(
        f"{primary.label} waits for {names}: each press is on {copies.machines(names)} machines"
    )
    _write_down(settings, Deed.STORE_TOGETHER, primary, {"waits_for": names})


@database.command
@click.argument("gateway")
def forget(gateway: str) -> None:
    """Strike a gateway off that will not come back, so that nobody misses it."""
    settings = opened.settings()

    async def work(store: Database) -> bool:
        def transact(connection: Any) -> bool:  # noqa: ANN401 - the store's connection
            leases.release(connection, gateway)
            is_known = gateways.forget(connection, gateway)
            if is_known:
                written_down.note(connection, settings, Deed.GATEWAY_FORGOTTEN, gateway, {})
            return is_known

        return await store.write(transact, Urgency.STEP)

    if not opened.run(settings, work):
        raise NotDone(f"no gateway {gateway!r} was ever there")
    click.echo(f"gateway {gateway} is forgotten; what it wrote stays")


def _cluster(settings: Settings) -> Cluster:
    return Cluster(settings.database.admin_address())


@contextmanager
def _noted_if_failed(
    settings: Settings, what: Deed, server: Member, data: dict[str, Any]
) -> Iterator[None]:
    """What is begun there, and ends in between or by Ctrl-C, is written down with `failed`."""
    try:
        yield
    except BaseException as error:
        why = str(error) or type(error).__name__
        _write_down(settings, what, server, data | {"failed": why})
        raise


def _write_down(settings: Settings, what: Deed, server: Member, data: dict[str, Any]) -> None:
    """Behind the deed and its report: nothing waits for the audit that lets presses be stored."""
    why = asyncio.run(written_down.afterwards(settings, what, server.label, data))
    if why:
        click.echo(
            f"but it may not stand in the audit ({why}): write down yourself who did it, and when",
            err=True,
        )


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except Refused as refused:
        lines = "; ".join(refused.why)
        hint = " (--i-know does it all the same)" if refused.can_be_overruled else ""
        raise NotDone(f"{lines}{hint}") from None


def _row(one: Member, *, as_json: bool) -> dict[str, Any]:
    return {
        "server": str(one.server),
        "name": one.name,
        "role": one.role.value,
        "timeline": one.timeline or None,
        "lsn": one.lsn if one.role is not Role.AWAY else None,
        "receives": one.receives or None,
        "last_at": printed.utc(one.last_at) if as_json else (one.last_at and f"{one.last_at:%X}"),
        "why": one.why or None,
    }


def _summary(settings: Settings, members: list[Member]) -> list[str]:
    primaries = [one for one in members if one.role is Role.PRIMARY]
    if not primaries:
        return ["no server may be written to: nothing is stored or receipted"]
    lines = []
    for one in primaries:
        confirming = [each.name for each in one.following if each.sync_state in {"sync", "quorum"}]
        machines = copies.machines(one.names)
        waits = f"waits for {one.names}" if machines > 1 else "waits for no standby"
        lines.append(f"{one.label} {waits}: each press is on {machines} machine(s)")
        lines.append(f"confirming: {', '.join(confirming) or 'nobody'}")
        if machines > 1 and len(confirming) < machines - 1:
            lines.append("no commit ends: bring a standby back, or `dabyl database alone`")
        if machines < settings.database.copies:
            lines.append(f"it should be {settings.database.copies} ([database] copies)")
    if len(primaries) > 1:
        lines.append("TWO primaries: stop the one on the lower timeline at once")
    return lines
