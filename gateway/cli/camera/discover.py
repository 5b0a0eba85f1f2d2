"""`dabyl camera discover`: which cameras answer in our networks, and what is to do next."""

import asyncio
from collections.abc import Sequence
from typing import Any

import click

from adapters.devices.onvif import discovery
from adapters.devices.onvif.discovery import Found
from gateway.cli import printed
from gateway.cli.camera import interfaces, known
from gateway.cli.camera.known import Known
from gateway.cli.failures import NotDone
from gateway.domain.camera import Facts, LinkState
from gateway.watch.wanted import HTTPS

_LIMITS = click.FloatRange(1, 60)


@click.command
@click.option(
    "--subnet",
    metavar="CIDR",
    help="Ask each address of it (10.0.4.0/24, at most 1,024), where no multicast gets through.",
)
@click.option(
    "--interface",
    "chosen",
    multiple=True,
    metavar="ADDRESS",
    help="Only on the network of this own address; may be repeated.",
)
@click.option(
    "--seconds", type=_LIMITS, default=3.0, show_default=True, help="To wait for answers."
)
@printed.as_json
def discover(subnet: str | None, chosen: tuple[str, ...], seconds: float, *, as_json: bool) -> None:
    """Find cameras by WS-Discovery: where each is, what it says it is, and what to do next.

    Nothing is sent but the question; nobody is shown a login. What is told here anybody in the
    network may have said: look before you approve one.
    """
    if subnet is not None and chosen:
        raise click.UsageError("--subnet asks address by address; --interface goes without it")
    here = known.look()
    where = f"each address of {subnet}" if subnet else "everybody in the networks of this machine"
    printed.progress(f"asking {where} …")
    found = asyncio.run(_ask(subnet, chosen, seconds))
    printed.progress("")
    rows = [_row(one, here, as_json=as_json) for one in found]
    empty = "no camera answered; other networks: --subnet, cameras with discovery off: probe HOST"
    printed.listing(rows, as_json=as_json, empty=empty)
    if here.lacking is not None and not as_json:
        click.echo(f"what is registered is not known: {here.lacking}", err=True)


async def _ask(subnet: str | None, chosen: Sequence[str], within_s: float) -> list[Found]:
    if subnet is not None:
        try:
            return await discovery.one_by_one(subnet, port=discovery.PORT, within_s=within_s)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
    answers = await asyncio.gather(
        *(discovery.by_multicast([one], within_s=within_s) for one in chosen or interfaces.own()),
        return_exceptions=True,
    )
    failed = [one for one in answers if isinstance(one, BaseException)]
    if failed and (chosen or len(failed) == len(answers)):
        raise NotDone(f"no way to ask there: {failed[0]}")
    # One camera may hang in two of our networks.
    found = {one.endpoint: one for many in answers if isinstance(many, list) for one in many}
    return sorted(found.values(), key=lambda one: (one.host, one.port, one.endpoint))


def _row(found: Found, here: Known, *, as_json: bool) -> dict[str, Any]:
    device = here.at(found.host, found.port)
    login = None if device is None else here.logins.get(device.id)
    facts = None if login is None else here.states.get(login.device)
    name = None if device is None else device.id
    row: dict[str, Any] = {"name": found.name, "model": found.hardware, "device": name}
    row["state"] = _state(here, name, facts, has_login=login is not None)
    row["next"] = _next(found, here, row)
    if as_json:
        place = {"host": found.host, "port": found.port, "addresses": list(found.addresses)}
        return place | row | {"endpoint": found.endpoint, "approved": login is not None}
    return {"address": f"{found.host}:{found.port}"} | row


def _state(here: Known, device: str | None, facts: Facts | None, *, has_login: bool) -> str:
    if not here.is_there:
        return "not known"
    if device is None:
        return "not registered"
    if not has_login:
        return LinkState.UNLINKED
    return LinkState.WAITING if facts is None else facts.state


def _next(found: Found, here: Known, row: dict[str, Any]) -> str:
    tls = " --tls" if _is_https(found) else ""
    match row["state"]:
        case LinkState.HEARD:
            return ""
        case LinkState.UNLINKED if here.lacking is not None:
            return here.lacking
        case LinkState.UNLINKED:
            return f"dabyl camera login {row['device']} --user NAME --password-file FILE{tls}"
        case "not registered":
            return f'site file: host = "{found.host}", port = {found.port}; then log in'
        case "not known":
            port = f" --port {found.port}" if found.port not in {80, HTTPS} else ""
            return f"dabyl camera probe {found.host}{port}{tls}"
        case _:
            return f"dabyl camera probe {row['device']}"


def _is_https(found: Found) -> bool:
    return any(one.startswith("https:") for one in found.addresses[:1])
