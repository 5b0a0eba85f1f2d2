"""The doors: what the web needs of the gateway, and the signal that comes in by HTTP."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from typing import Any

from adapters.devices import body
from adapters.devices.contract import Garbled
from adapters.signal import Lane, Receipt, Signal, Spoken, Unreadable
from gateway import metrics
from gateway.app import papers, sheets
from gateway.app.parts import Gateway
from gateway.bus import Heard, LaneFull
from gateway.clock import Clock
from gateway.domain import kind as kinds
from gateway.settings import Settings, WrongSettings
from gateway.store.database import StoreDown
from gateway.vouching import Elsewhere
from gateway.web.house import Health, HeardAnswer, House

LINK = "http"
STORED_WITHIN_S = 10.0


def house(
    gateway: Gateway, config: Settings, still: Callable[[str], Awaitable[bytes | None]]
) -> House:
    """What the web stands on; `still` finds a picture's bytes."""
    return House(
        database=gateway.database,
        desk=gateway.desk,
        registry=gateway.registry,
        presence=gateway.presence,
        clock=gateway.clock,
        seal=gateway.seal,
        wakeups=gateway.wakeups,
        hear=lambda device, raw: hear(gateway, device, raw),
        health=lambda: health(gateway),
        metrics=metrics.exposition,
        still=still,
        plan=papers.Plans(folder=config.console.plans_folder).read,
        procedures=papers.written_procedures(config),
        camera=(lambda _: None) if gateway.lookout is None else gateway.lookout.facts,
        canary_age_s=gateway.canary.worst_s,
        is_unstored=lambda alarm: alarm in gateway.emergency.outcry.told,
        reckoning=gateway.reckon.look,
        public_key=gateway.tidy.signer.public,
        signer=gateway.tidy.signer,
        authorities=frozenset(one.name for one in config.receiver if one.authority),
        zone=sheets.zone(config.time_zone),
        outline=sheets.outline(config.console),
        elsewhere=_elsewhere(config, gateway.clock),
        base_url=config.http.base_url,
        is_tls=config.http.cert_file is not None or config.http.behind_proxy,
    )


def _elsewhere(config: Settings, clock: Clock) -> Elsewhere | None:
    """Where else people sign in; its code is loaded only then: it needs an extra.

    Raises:
        WrongSettings: the extra is not installed, or a file cannot be read.
    """
    oidc = config.oidc
    if not oidc.issuer:
        return None
    try:
        provider: Any = importlib.import_module("gateway.oidc").Provider
    except ModuleNotFoundError as error:
        raise WrongSettings(f"[oidc] needs {error.name}: pip install 'dabyl[oidc]'") from None
    oidc.secret()  # a file that cannot be read is told at the start
    found: Elsewhere = provider(
        issuer=oidc.issuer,
        client_id=oidc.client_id,
        secret=oidc.secret,
        name=oidc.name,
        tls=oidc.tls(),
        now=clock.now,
    )
    return found


async def hear(gateway: Gateway, device: str, raw: bytes) -> HeardAnswer:
    """A device's event by HTTP: the same bus, the same commit, the same receipt.

    Raises:
        StoreDown: it was not stored in time; the device must try again.
    """
    answered: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()

    def answer(receipt: Receipt) -> None:
        if not receipt.is_waiting and not answered.done():
            answered.set_result(receipt)

    heard = Heard(_signal(gateway, device, raw), answer, gateway.clock.monotonic())
    try:
        gateway.bus.put(heard)
        async with asyncio.timeout(STORED_WITHIN_S):
            receipt = await answered
    except (LaneFull, TimeoutError):
        raise StoreDown("not stored in time; send it again") from None
    return HeardAnswer(
        id=receipt.id,
        stored_at=receipt.stored_at,
        copies=receipt.copies,
        refused=receipt.refused,
    )


def health(gateway: Gateway) -> Health:
    """How this gateway is now."""
    waiting = sum(len(line.queue) for line in gateway.forward.lines.values())
    return Health(
        store=gateway.intake.state(),
        brokers=gateway.ears.states(),
        receivers=gateway.forward.states(),
        outbox={"waiting": waiting},
        canary_age_s=gateway.canary.ages(),
        unstored=len(gateway.emergency.outcry.told),
        version=metrics.dabyl_version(),
        clock_off_s=gateway.supervisor.own_clock.off_s,
        copies=gateway.company.copies,
        standbys=gateway.company.standbys(),
        gateways=gateway.company.peers,
    )


def _signal(gateway: Gateway, device: str, raw: bytes) -> Signal:
    now = gateway.clock.now()
    try:
        said = body.event(raw)
    except Garbled as garbled:
        return Unreadable(
            link=LINK,
            device=device,
            heard_on=Lane.ALARM,
            received_at=now,
            reason=garbled.reason,
            body=raw[: body.BODY_LIMIT],
            id=garbled.event_id,
        )
    lane = _lane_of(said.kind)
    return Spoken(link=LINK, device=device, heard_on=lane, received_at=now, said=said)


def _lane_of(kind: str) -> Lane:
    """HTTP has one door: what was said decides the lane, so nothing is misplaced there."""
    found = kinds.find(kind)
    return Lane.EVENT if found is None or found.lane is None else found.lane
