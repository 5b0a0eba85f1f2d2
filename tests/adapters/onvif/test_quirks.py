"""Every quirk that a camera can live with: what it says is heard all the same, once."""

import contextlib
from collections.abc import AsyncIterator, Mapping

import pytest

from simulators.camera.camera import Camera as Simulated
from simulators.camera.doorkeeper import Account
from simulators.camera.machine import Character
from simulators.camera.makes import MAKES, Make
from simulators.camera.quirks import Quirk, Value
from tests.adapters.onvif import living
from tests.adapters.onvif.living import Link
from tests.harness import waiting

Q = Quirk
LIVABLE: tuple[Quirk, ...] = (
    *(Q.DIGEST_ONLY, Q.WSSE_ONLY, Q.DIGEST_SHA256, Q.DIGEST_BOTH, Q.DIGEST_SESS, Q.NONCE_ONCE),
    *(Q.ONE_CREATED, Q.WANTS_Z, Q.DATE_NEEDS_LOGIN, Q.ADMINISTRATOR_SUBSCRIBES),
    *(Q.CLOCK_OFF, Q.CURRENT_TIME_OFF, Q.REFERENCE_PARAMETERS, Q.RELATIVE_ADDRESS),
    *(Q.DOUBLED_PORT, Q.LAN_ADDRESS, Q.NO_GET_SERVICES, Q.NO_MEDIA2, Q.PULLPOINT_FLAG_FALSE),
    *(Q.BLOCKED_THREADS, Q.SLOTS_STICK, Q.SLOT_BY_SOCKET, Q.UNSUBSCRIBE_ALL),
    *(Q.RELATIVE_TIME_REFUSED, Q.RELATIVE_TIME_MISREAD, Q.OWN_LIFETIME),
    *(Q.WANTS_INITIAL_TERMINATION, Q.RENEW_REFUSED, Q.RENEW_400_UNDECLARED, Q.DIES_OF_RENEWS),
    *(Q.RENEW_ONLY, Q.SYNC_UNAUTHORISED, Q.PULL_AT_ONCE, Q.SHORT_HOLD, Q.LONG_HOLD),
    *(Q.CLOSES_AFTER_PULL, Q.SPLITS_INITIAL, Q.EMPTY_NOTIFICATION, Q.TWIN_MOTION),
    *(Q.LOG_FLOOD, Q.JUNK_DIALECT, Q.BAD_DATES, Q.CAPITAL_VALUES, Q.NO_OPERATION),
    *(Q.MANY_IN_ONE, Q.WHITE_SPACE, Q.INVALID_UTF8, Q.WRONG_NAMESPACES, Q.WRONG_ORDER),
    *(Q.UNDECLARED_PREFIX, Q.END_WITHOUT_MESSAGE, Q.NO_INITIAL),
)


@contextlib.asynccontextmanager
async def _up(make: Make, quirks: Mapping[Quirk, Value]) -> AsyncIterator[tuple[Simulated, Link]]:
    accounts = {"dabyl": Account("secret")}
    simulated = Simulated(Character(name="camera-1", accounts=accounts, make=make))
    for quirk, value in quirks.items():
        await simulated.break_(quirk, value)
    await simulated.start()
    try:
        async with (
            living.means() as means,
            Link(living.settings_of(simulated), means).alive() as link,
        ):
            yield simulated, link
    finally:
        await simulated.stop()


async def _presses(simulated: Simulated, link: Link) -> None:
    """Press, release, cover, uncover: each is heard, in order, once."""
    simulated.press("2")
    await link.ear.hears("input.activated")
    simulated.release("2")
    await link.ear.hears("input.cleared")
    simulated.tamper(covered=True)
    await waiting.until(lambda: "camera.tampered" in link.ear.kinds, within_s=9, what="tamper")


@pytest.mark.parametrize("quirk", LIVABLE, ids=str)
async def test_a_camera_with_a_quirk_is_heard_as_any_other(quirk: Quirk) -> None:
    async with _up(MAKES["plain"], {quirk: None}) as (simulated, link):
        await _presses(simulated, link)
    found = [one for one in link.ear.kinds if one.startswith("input.")]
    assert found == ["input.activated", "input.cleared"]
    assert {one.said.part for one in link.ear.spoken if one.said.kind.startswith("input.")} == {2}


@pytest.mark.parametrize("make", sorted({*MAKES} - {"reolink", "tapo", "xiongmai"}))
async def test_a_make_is_heard_as_it_spells(make: str) -> None:
    async with _up(MAKES[make], {}) as (simulated, link):
        await _presses(simulated, link)
    found = [one for one in link.ear.kinds if one.startswith("input.")]
    assert found == ["input.activated", "input.cleared"]


async def test_one_that_tells_no_end_is_heard_when_it_begins() -> None:
    async with _up(MAKES["reolink"], {}) as (simulated, link):
        simulated.press("2")
        await link.ear.hears("input.activated")
        simulated.tamper(covered=True)
        await link.ear.hears("camera.tampered")


async def test_one_that_says_everything_is_so_raises_only_its_wired_buttons() -> None:
    async with _up(MAKES["xiongmai"], {}) as (simulated, link):
        await link.ear.hears("input.activated", times=2)
        simulated.tamper(covered=True)
        await link.ear.hears("camera.tampered")
    assert link.ear.kinds == ["input.activated", "input.activated", "camera.tampered"]


async def test_a_button_is_heard_beside_three_hundred_lines_in_every_reply() -> None:
    async with _up(MAKES["plain"], {Quirk.LOG_FLOOD: 300.0}) as (simulated, link):
        await _presses(simulated, link)
    assert link.ear.kinds.count("input.activated") == 1
