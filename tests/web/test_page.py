"""The live page in a real browser: an alarm appears, is claimed, closed; text stays text."""

import re

import pytest
from playwright.async_api import Page, expect

from adapters.devices.onvif.fault import Reason
from gateway.domain import stills
from gateway.domain.event import Affected
from gateway.domain.kind import KINDS, Priority
from gateway.domain.presence import Why
from gateway.domain.site import Names
from gateway.domain.stills import Fate
from gateway.domain.stills import Why as NoStill
from gateway.store import changes, operators
from gateway.store.changes import What
from gateway.store.database import Urgency
from gateway.web import words
from tests.harness.changed import replace
from tests.web.building import Built, unstored


async def test_a_dispatcher_sees_an_alarm_and_claims_it_when_a_button_is_pressed(
    served: Built, page: Page
) -> None:
    await expect(page.locator("#calm")).to_be_visible()
    await served.press()
    row, pane = page.locator(".entry"), page.locator("#pane")
    await expect(row.locator(".kind")).to_have_text("Panic button pressed", timeout=1000)
    await expect(row.locator(".site")).to_have_text("Secondary school No. 12")
    await pane.get_by_role("button", name="Claim").click()
    await expect(pane.locator(".state")).to_have_text("You hold it")
    await expect(row.locator(".holder")).to_have_text("You hold it")
    await served.settle()
    await expect(pane.locator(".chain li.done")).to_have_count(5)
    await pane.get_by_role("button", name="Close C").click()
    await pane.get_by_label("Suspicious").check()
    await pane.locator("form[data-form=close]").get_by_role("button", name="Close").click()
    await expect(pane.locator(".state")).to_have_text("Closed: Suspicious")
    await expect(row).to_have_count(0, timeout=10_000)
    await expect(pane).to_be_hidden()
    await expect(page.locator("#calm")).to_be_visible()


async def test_a_script_stays_text_when_it_is_a_name(served: Built, page: Page) -> None:
    evil = "<img src=x onerror=alert(1)>"
    registry = served.house.registry()
    site = replace(registry.sites["school-12"], name=Names(en=evil, kk=evil, ru=evil))
    registry.sites["school-12"] = site  # type: ignore[index]
    await served.press(device="button-12-1", kind="panic.<b>loud</b>")
    for part in (".entry", "#pane"):
        await expect(page.locator(f"{part} .site")).to_have_text(evil)
        await expect(page.locator(f"{part} .kind")).to_have_text("panic.<b>loud</b>")
    assert await page.locator(".entry img, .kind b, #pane img[src=x]").count() == 0


async def test_a_trouble_of_many_shows_how_many_and_no_stranger(served: Built, page: Page) -> None:
    await served.press(
        device="district-medeu",
        kind="district.silent",
        priority=Priority.P1,
        district="Medeu",
        affected=Affected(devices=84, of_devices=90, sites=7, of_sites=9),
    )
    await page.mouse.move(5, 5)
    await page.locator(".entry .kind").click()
    pane = page.locator("#pane")
    await expect(pane.locator(".kind")).to_have_text("Whole district went silent")
    await expect(pane.locator(".affected")).to_have_text("84 of 90 devices")
    await expect(pane.locator(".site")).to_have_text("Medeu")


async def test_a_silent_device_stands_first_with_what_is_behind_it(
    served: Built, page: Page
) -> None:
    served.house.presence.silent["button-12-1"] = Why.LAST_WILL
    now = served.house.clock.now()
    await served.database.write(
        lambda c: changes.note(c, [(What.DEVICE, "button-12-1")], now), Urgency.EVENT
    )
    served.house.wakeups.wake()
    first = page.locator("#devices li").first
    await expect(first.locator(".name")).to_have_text("button-12-1")
    await expect(first.locator(".state")).to_have_text("silent")
    await expect(first).to_contain_text("its line broke")


async def test_stills_come_to_the_alarm_and_are_enlarged_by_hand_and_by_keyboard(
    served: Built, page: Page
) -> None:
    alarm = await served.press()
    card = page.locator("#pane")
    await expect(card.locator(".stills")).to_be_hidden()
    await served.still(alarm, "cam-1")
    await served.still(alarm, "cam-1", 5)
    await served.still(alarm, "cam-2", fate=Fate.FAILED, why="timed_out")
    await expect(card.locator(".stills li.kept")).to_have_count(2)
    await expect(card.locator(".stills li.failed")).to_have_text("cam-2does not answer")
    first = card.get_by_role("button", name=re.compile("Enlarge: Camera cam-1")).first
    await expect(first.locator("img")).to_have_js_property("complete", value=True)
    assert await first.locator("img").evaluate("image => image.naturalWidth") == 640
    await first.press("Enter")
    large = page.locator("#still")
    await expect(large).to_be_visible()
    await expect(large.locator("p")).to_contain_text("at the alarm · 1 / 2")
    await page.keyboard.press("ArrowRight")
    await expect(large.locator("p")).to_contain_text("5 s after · 2 / 2")
    await page.keyboard.press("Escape")
    await expect(large).to_be_hidden()
    await expect(first).to_be_focused()
    await page.reload()
    await expect(card.locator(".stills li")).to_have_count(3)


async def test_a_still_whose_bytes_are_gone_says_so_in_its_place(served: Built, page: Page) -> None:
    alarm = await served.press()
    await served.still(alarm, "cam-1")
    served.shelf.clear()
    await expect(page.locator("#pane .stills .broken")).to_contain_text("cannot be shown")


async def test_a_page_leads_to_the_door_when_its_token_is_revoked(
    served: Built, page: Page
) -> None:
    now = served.house.clock.now()
    await served.database.write(lambda c: operators.revoke(c, "aigerim", now), Urgency.STEP)
    await page.wait_for_url("**/signin", timeout=15_000)


async def test_a_page_begins_anew_as_whoever_has_signed_in_at_its_browser_since(
    served: Built, page: Page
) -> None:
    await expect(page.locator(".who")).to_have_text("aigerim")
    answer = await page.context.request.post(
        f"{served.url}/api/v1/session", data={"token": "bolat-secret"}
    )
    assert answer.ok
    await expect(page.locator(".who")).to_have_text("bolat", timeout=20_000)


@pytest.mark.parametrize(
    ("kind", "often", "line", "told"),
    [
        ("panic.pressed", "pressed 2 times", "Pressed again", "pressed again"),
        ("tamper.opened", "2 times", "Happened again", "happened again"),
    ],
)
async def test_only_a_button_is_pressed_again(
    served: Built, page: Page, kind: str, often: str, line: str, told: str
) -> None:
    await served.again(await served.press(kind=kind))
    pane = page.locator("#pane")
    await expect(pane.locator(".affected")).to_have_text(often)
    await expect(page.locator(".entry .device")).to_have_text(f"button-12-1 · {often}")
    await expect(pane.locator(".line li .what").first).to_have_text(line)
    await expect(pane.locator(".owed li .what").last).to_have_text(told)


async def test_a_dispatcher_sees_a_cry_that_is_not_stored_yet_and_then_its_alarm(
    served: Built, page: Page
) -> None:
    card = page.locator("#pane")
    cry = unstored("a")
    served.shout(cry)
    await expect(card.locator(".badge.doubt")).to_have_text("not stored yet")
    await expect(card.locator(".badge.doubt")).to_be_visible()
    await expect(card.get_by_role("button", name="Claim")).to_have_count(0)
    served.shout(replace(cry, count=2))
    await expect(card.locator(".affected")).to_have_text("pressed 2 times")
    await served.press("a")
    await expect(card.locator(".badge.doubt")).to_be_hidden()
    await expect(page.locator(".entry")).to_have_count(1)
    served.shout(cry)  # said late: the stored one stands
    await served.press("b", device="button-90-1")
    await expect(page.locator(".entry")).to_have_count(2)
    await expect(page.locator(".badge.doubt:visible")).to_have_count(0)
    await card.get_by_role("button", name="Claim").click()
    await expect(card.locator(".state")).to_have_text("You hold it")


async def test_a_cry_that_is_not_stored_stays_when_the_list_is_read_anew(
    served: Built, page: Page
) -> None:
    served.shout(unstored("a"))
    await expect(page.locator(".entry")).to_have_count(1)
    await page.reload()
    await expect(page.locator(".entry .badge.doubt")).to_be_visible()
    await expect(page.locator("#pane .badge.doubt")).to_be_visible()


async def test_a_page_says_whether_the_path_is_proven_so_that_calm_can_be_trusted(
    served: Built, page: Page
) -> None:
    proof = page.locator("#proof")
    await expect(proof).to_have_text("Path not proven")
    await expect(page.locator("#calm-why")).to_contain_text("do not trust this silence")
    hub = served.app.state.hub
    hub._house = replace(served.house, canary_age_s=lambda: 4.2)  # noqa: SLF001 - it was made with the other
    await expect(proof).to_have_text("Path proven 4 s ago")
    await expect(page.locator("#calm-why")).to_contain_text("the silence can be trusted")
    hub._house = replace(served.house, canary_age_s=lambda: 91.0)  # noqa: SLF001 - likewise
    await expect(proof).to_have_attribute("data-state", "unproven")


@pytest.mark.parametrize(
    ("kind", "device", "said"),
    [
        ("path.unproven", "path-g1-a", "Path of alarms not proven"),
        ("broker.lost", "broker-a", "Broker is lost"),
        ("store.alone", "store-g1", "The database stands alone: one copy of each press"),
    ],
)
async def test_what_dabyl_says_of_itself_hangs_in_no_school_and_was_not_pressed(
    served: Built, page: Page, kind: str, device: str, said: str
) -> None:
    await served.press(device=device, kind=kind, registered=False)
    await expect(page.locator("#pane .site")).to_have_text("Dabyl itself")
    await expect(page.locator("#pane .kind")).to_have_text(said)
    await expect(page.locator("#pane .chain li").first).to_contain_text("Began")


def test_everything_behind_a_devices_state_has_plain_words() -> None:
    assert {f"why.{why}" for why in Why} <= words.of("kk").keys()


def test_every_reason_why_there_is_no_still_has_plain_words() -> None:
    reasons = {f"no_still.{why}" for why in (*NoStill, *Reason)}
    assert reasons <= words.of("kk").keys()
    assert {*NoStill, *Reason} <= stills.WORDS.keys()


def test_every_kind_that_raises_has_plain_words_when_it_is_shown() -> None:
    raising = {name for name, kind in KINDS.items() if kind.raises is not None}
    assert {f"kind.{name}" for name in raising} <= words.of("kk").keys()
