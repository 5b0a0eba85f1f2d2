"""How cameras are difficult about addresses, slots, lifetimes and pulls."""

import asyncio
import time
from datetime import datetime

import httpx2
import pytest

from simulators.camera import Quirk
from tests.harness import waiting
from tests.simulators.cameras import Client, Said, client_of, running

RENEW = "<wsnt:Renew><wsnt:TerminationTime>PT60S</wsnt:TerminationTime></wsnt:Renew>"
SYNC = "<tev:SetSynchronizationPoint/>"


def lasts_s(said: Said) -> float:
    """How long a subscription was granted."""
    current, ends = (
        datetime.fromisoformat(said.text(name)) for name in ("CurrentTime", "TerminationTime")
    )
    return (ends - current).total_seconds()


async def test_subscription_is_named_in_the_header_alone() -> None:
    async with running(Quirk.REFERENCE_PARAMETERS) as camera, client_of(camera) as client:
        await client.subscribe()
        assert client.at.endswith("/onvif/event_service")
        assert await client.pull()
        client.reference = ""
        assert (await client.pull_raw()).subcode == "ter:InvalidArgs"


@pytest.mark.parametrize(
    ("quirk", "begins"),
    [
        (Quirk.RELATIVE_ADDRESS, "/onvif/Subscription?Idx=1"),
        (Quirk.DOUBLED_PORT, "http://127.0.0.1:{port}:{port}/onvif/Subscription"),
        (Quirk.LAN_ADDRESS, "http://192.168.1.108/onvif/Subscription"),
        (Quirk.FOREIGN_SUBSCRIPTION, "http://203.0.113.9/onvif/Subscription"),
    ],
)
async def test_address_of_the_subscription_is_wrong(quirk: Quirk, begins: str) -> None:
    async with running(quirk) as camera, client_of(camera) as client:
        await client.subscribe()
        assert client.at.startswith(begins.format(port=camera.port))


async def test_still_is_said_to_be_elsewhere() -> None:
    async with running() as camera, client_of(camera) as client:
        await camera.break_(Quirk.FOREIGN_SNAPSHOT, "127.0.0.1:1")
        uri = (await client.ask("<tr2:GetSnapshotUri/>")).text("Uri")
        assert uri.startswith("http://127.0.0.1:1/")


async def test_camera_has_less_than_others() -> None:
    quirks = (Quirk.NO_MEDIA2, Quirk.NO_EVENTS, Quirk.PULLPOINT_FLAG_FALSE)
    async with running(*quirks) as camera, client_of(camera) as client:
        services = (await client.ask("<tds:GetServices/>")).body
        assert b"media2_service" not in services
        assert b"event_service" not in services
        await camera.mend(Quirk.NO_EVENTS)
        assert (await client.ask("<tds:GetCapabilities/>")).text("WSPullPointSupport") == "false"
        await camera.break_(Quirk.NO_GET_SERVICES)
        assert (await client.ask("<tds:GetServices/>")).subcode == "ter:ActionNotSupported"


async def test_there_is_no_room() -> None:
    async with running(Quirk.SLOTS_FULL) as camera, client_of(camera) as client:
        assert (await client.subscribe()).subcode == "wsnt:SubscribeCreationFailedFault"
        await camera.break_(Quirk.BLOCKED_THREADS)
        assert (await client.subscribe()).subcode == "ter:BlockedThreadUpperLimit"


async def test_expired_subscription_keeps_its_slot_until_the_camera_starts_again() -> None:
    async with running(Quirk.SLOTS_STICK, make="reolink") as camera, client_of(camera) as client:
        await camera.break_(Quirk.OWN_LIFETIME, 0.01)
        for _ in range(4):
            assert (await client.subscribe()).status == 200
        await asyncio.sleep(0.05)  # their whole life
        assert (await client.subscribe()).status == 500
        await camera.reboot(down_s=0.0)
    async with running(make="reolink") as camera, client_of(camera) as client:
        assert (await client.subscribe()).status == 200


async def test_slot_is_freed_with_the_connection_that_took_it() -> None:
    async with running(Quirk.SLOT_BY_SOCKET) as camera:
        async with client_of(camera) as client:
            await client.subscribe()
            assert len(camera.subscriptions) == 1
        await waiting.until(lambda: not camera.subscriptions, what="the slot is free")


async def test_one_unsubscribe_ends_all() -> None:
    async with running(Quirk.UNSUBSCRIBE_ALL) as camera, client_of(camera) as client:
        for _ in range(3):
            await client.subscribe()
        await client.ask("<wsnt:Unsubscribe/>", at=client.at)
        assert not camera.subscriptions


async def test_relative_times_are_refused_or_misread() -> None:
    async with running(Quirk.RELATIVE_TIME_REFUSED) as camera, client_of(camera) as client:
        assert (await client.subscribe()).status == 400
        assert (await client.subscribe("2040-01-01T00:00:00Z")).status == 200
    async with running(Quirk.RELATIVE_TIME_MISREAD) as camera, client_of(camera) as client:
        assert lasts_s(await client.subscribe("PT600S")) <= 5


async def test_camera_grants_what_it_likes() -> None:
    async with running(make="axis") as camera, client_of(camera, login="digest") as client:
        assert lasts_s(await client.subscribe("PT60S")) == 28 * 86_400
        await camera.break_(Quirk.OWN_LIFETIME)
        assert lasts_s(await client.subscribe("PT600S")) == 90


async def test_create_without_a_time_is_an_error_of_the_server() -> None:
    async with running(Quirk.WANTS_INITIAL_TERMINATION) as camera, client_of(camera) as client:
        assert (await client.ask("<tev:CreatePullPointSubscription/>")).status == 500
        assert (await client.subscribe()).status == 200


async def test_renew_is_refused_in_three_ways() -> None:
    async with running(Quirk.RENEW_REFUSED) as camera, client_of(camera) as client:
        await client.subscribe()
        assert (await client.ask(RENEW, at=client.at)).subcode == "ter:InvalidArgVal"
        await camera.mend(Quirk.RENEW_REFUSED)
        await camera.break_(Quirk.RENEW_400_UNDECLARED)
        said = await client.ask(RENEW, at=client.at)
        assert (said.status, b"xmlns:ter=" in said.body) == (400, False)
        assert await client.pull()


async def test_camera_dies_for_a_minute_of_renews() -> None:
    async with running() as camera, client_of(camera) as client:
        await camera.break_(Quirk.DIES_OF_RENEWS, 2)
        await client.subscribe()
        for _ in range(2):
            await client.ask(RENEW, at=client.at)
        with pytest.raises(httpx2.ReadTimeout):
            await client.http.post(camera.url, content=b"", timeout=0.3)


async def test_pull_prolongs_unless_only_renew_does() -> None:
    async with running() as camera, client_of(camera) as client:
        await camera.break_(Quirk.OWN_LIFETIME, 0.3)
        await client.subscribe()
        await client.pull()
        assert await client.pull("PT1S") == []
        await camera.break_(Quirk.RENEW_ONLY)
        await client.subscribe()
        await client.pull()
        assert (await client.pull_raw("PT1S")).subcode == "wsrf-rw:ResourceUnknownFault"


async def test_synchronization_point_is_not_for_everybody() -> None:
    async with running(Quirk.SYNC_UNAUTHORISED) as camera, client_of(camera) as client:
        await client.subscribe()
        assert (await client.ask(SYNC, at=client.at)).subcode == "ter:NotAuthorized"


async def test_camera_forgets_once() -> None:
    async with running() as camera, client_of(camera) as client:
        await client.subscribe()
        await camera.break_(Quirk.FORGETS, times=1)
        await camera.break_(Quirk.FORGETS_VAGUELY)
        assert (await client.pull_raw()).subcode == "ter:InvalidArgVal"
        await client.subscribe()
        assert await client.pull()


@pytest.mark.parametrize(
    ("quirk", "value", "least_s", "most_s"),
    [
        (Quirk.PULL_AT_ONCE, None, 0.0, 0.9),
        (Quirk.SHORT_HOLD, 0.5, 0.45, 1.9),
        (Quirk.LONG_HOLD, 2.5, 2.4, 9.0),
    ],
)
async def test_pull_is_held_as_long_as_the_camera_likes(
    quirk: Quirk, value: float | None, least_s: float, most_s: float
) -> None:
    async with running() as camera, client_of(camera) as client:
        await camera.break_(quirk, value)
        await client.subscribe()
        await client.pull()
        began = time.monotonic()
        assert await client.pull("PT2S") == []
        assert least_s <= time.monotonic() - began <= most_s


async def test_connection_is_closed_after_every_pull() -> None:
    async with running(Quirk.CLOSES_AFTER_PULL) as camera, client_of(camera) as client:
        await client.subscribe()
        for _ in range(3):
            await client.pull("PT0.1S")
        assert camera.record.connections == 3


async def test_initial_state_comes_in_pieces_or_not_at_all() -> None:
    async def sizes(client: Client) -> list[int]:
        await client.subscribe()
        return [len(await client.pull("PT0.1S")) for _ in range(3)]

    async with running(Quirk.SPLITS_INITIAL) as camera, client_of(camera) as client:
        assert await sizes(client) == [2, 2, 2]
    async with running(Quirk.NO_INITIAL) as camera, client_of(camera) as client:
        assert await sizes(client) == [0, 0, 0]
