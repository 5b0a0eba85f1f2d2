"""The alarm that is open, in a real browser: it opens by itself, and tells all that is known."""

import pytest
from playwright.async_api import Page, expect

from gateway.domain.kind import Priority
from gateway.domain.site import DeviceId, Names
from tests.harness.changed import replace
from tests.web import panes, papers
from tests.web.building import Built, unstored


async def test_an_alarm_opens_by_itself_with_all_its_facts(served: Built, page: Page) -> None:
    papers.write(served)
    await papers.people_inside(served, 412)
    pane = await panes.waits(served, page)
    await expect(pane.locator(".kind")).to_have_text("Panic button pressed")
    await expect(pane.locator(".site")).to_have_text("Secondary school No. 12")
    await expect(pane.locator(".where")).to_contain_text("Entrance hall · floor 1")
    await expect(pane.locator(".address")).to_have_text("Достық даңғылы, 85 · medeu")
    await expect(pane.locator(".phones a")).to_have_attribute("href", "tel:+77272640012")
    await expect(pane.locator(".inside")).to_contain_text("412 people inside (at ")
    await expect(pane.locator(".access p")).to_contain_text("code 4512.")
    await expect(pane.locator(".procedure li").first).to_contain_text("Send the nearest patrol")
    await expect(pane.locator(".line li")).to_contain_text("Alarm raised")
    await expect(pane.locator(".recent li")).to_have_text("No other alarms.")
    await served.settle()
    await expect(pane.locator(".owed li .how")).to_have_text("accepted")
    await expect(pane.locator(".chain li.done")).to_have_count(5)


@pytest.mark.parametrize("at", [(0.02, 0.03), (0.98, 0.97), (0.5, 0.5), (0.72, 0.2)])
@pytest.mark.parametrize("width", [390, 1280])
async def test_on_the_plan_the_pressed_device_is_named_whole_wherever_it_hangs(
    served: Built, page: Page, width: int, at: tuple[float, float]
) -> None:
    papers.write(served)
    devices = served.house.registry().devices
    button = DeviceId("button-12-1")
    devices[button] = replace(devices[button], at=at)  # type: ignore[index]
    await page.set_viewport_size({"width": width, "height": 844})
    await page.goto("/?lang=ru")
    pane = await panes.waits(served, page)
    label = pane.locator(".spot.here b")
    await expect(label.locator("bdi")).to_have_text(["Вестибюль", "button-12-1"])
    await expect(pane.locator(".drawing img")).to_have_js_property("complete", value=True)
    own, sheet = await label.evaluate(
        "one => [one, one.closest('.drawing')].map((it) => it.getBoundingClientRect().toJSON())"
    )
    assert sheet["left"] - 1 <= own["left"] < own["right"] <= sheet["right"] + 1
    assert sheet["top"] - 1 <= own["top"] < own["bottom"] <= sheet["bottom"] + 1
    assert await label.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") >= 11
    assert await label.evaluate("one => one.scrollWidth <= one.clientWidth") is True


async def test_the_device_is_marked_where_it_hangs_on_the_plan(served: Built, page: Page) -> None:
    papers.write(served)
    pane = await panes.waits(served, page)
    image = pane.locator(".drawing img")
    await expect(image).to_have_js_property("complete", value=True)
    assert await image.evaluate("image => image.naturalWidth") == 600
    sheet, spot = await image.bounding_box(), await pane.locator(".spot.here").bounding_box()
    assert sheet is not None
    assert spot is not None
    assert abs((spot["x"] - sheet["x"]) / sheet["width"] - 0.31) < 0.01
    assert abs((spot["y"] - sheet["y"]) / sheet["height"] - 0.82) < 0.01
    await expect(pane.locator(".spot.camera")).to_have_text("cam-12-1")
    await pane.get_by_role("button", name="Enlarge the plan").click()
    large = page.locator("#plan-large")
    await expect(large.locator(".spot.here b")).to_be_visible()
    whole = await large.bounding_box()
    assert whole is not None
    assert whole["width"] > sheet["width"]
    await page.keyboard.press("Escape")
    await expect(large).to_be_hidden()
    await expect(pane).to_be_visible()


async def test_a_second_press_never_opens_over_one_that_is_open(served: Built, page: Page) -> None:
    pane = await panes.waits(served, page)
    await expect(pane.locator("#pane-next")).to_be_hidden()
    await served.press("b", device="button-90-1")
    bar = pane.locator("#pane-next")
    await expect(bar).to_contain_text("Gymnasium No. 90", timeout=2000)
    await expect(bar.locator("kbd")).to_have_text("P")
    await expect(pane.locator(".site")).to_have_text("Secondary school No. 12")
    await page.wait_for_timeout(panes.MEANT_MS)
    await page.keyboard.press("p")
    await expect(pane.locator(".site")).to_have_text("Gymnasium No. 90")
    await expect(bar).to_contain_text("Secondary school No. 12")


async def test_the_focus_is_never_taken_from_whoever_writes(served: Built, page: Page) -> None:
    link = page.locator(".languages a").first
    await link.focus()
    pane = await panes.waits(served, page)
    await expect(link).to_be_focused()
    await pane.get_by_role("button", name="Note").click()
    field = pane.locator("textarea[name=note]:visible")
    await expect(field).to_be_focused()
    await field.type("the guard does not")
    await served.press("b", device="button-90-1")
    await expect(pane.locator("#pane-next")).to_be_visible()
    await page.keyboard.type(" answer")
    await expect(field).to_have_value("the guard does not answer")


async def test_an_alarm_that_opened_by_itself_goes_when_another_takes_it(
    served: Built, page: Page
) -> None:
    pane = await panes.waits(served, page)
    await served.press("b", device="button-90-1")
    await expect(pane.locator("#pane-next")).to_be_visible()
    async with served.client("dispatcher") as other:
        await other.post(f"/api/v1/alarms/{'a' * 32}/claim", json={})
    await expect(pane.locator(".state")).to_have_text("held by dispatcher")
    await expect(pane.locator(".site")).to_have_text("Gymnasium No. 90", timeout=6000)


async def test_texts_of_strangers_stay_text_in_the_pane(served: Built, page: Page) -> None:
    evil = "<img src=x onerror=alert(1)>\u202e" + "ы" * 5000
    papers.write(served)
    sites = served.house.registry().sites
    names = Names(en=evil, kk=evil, ru=evil)
    site = replace(sites["school-12"], name=names, access=names, address=evil, phones=(evil,))
    sites["school-12"] = site  # type: ignore[index]
    pane = await panes.waits(served, page)
    await expect(pane.locator(".access p")).to_contain_text("<img src=x")
    assert await pane.locator("img[src=x]").count() == 0
    wide = "pane => pane.scrollWidth <= pane.clientWidth"
    assert await pane.evaluate(wide)


async def test_trouble_and_tests_do_not_open_by_themselves(served: Built, page: Page) -> None:
    await served.press("b", kind="device.silent", priority=Priority.P2)
    await served.press("c", test=True)
    await served.press("d", kind="passage.forced", priority=Priority.P1)
    await expect(page.locator("[data-alarm]")).to_have_count(3, timeout=3000)
    await expect(panes.pane(page)).to_be_hidden()


async def test_a_cry_that_is_not_stored_yet_opens_and_is_claimed_once_it_is(
    served: Built, page: Page
) -> None:
    served.shout(unstored("a"))
    pane = panes.pane(page)
    await expect(pane.locator(".badge.doubt")).to_be_visible(timeout=2000)
    await expect(pane.get_by_role("button", name="Claim")).to_be_hidden()
    await served.press("a")
    await expect(pane.locator(".badge.doubt")).to_be_hidden()
    await expect(pane.locator(".procedure li").first).to_be_visible()
    await pane.get_by_role("button", name="Claim").click()
    await expect(pane.locator(".state")).to_have_text("You hold it")


async def test_a_person_leaves_an_alarm_and_the_next_press_opens_by_itself(
    served: Built, page: Page
) -> None:
    pane = await panes.waits(served, page)
    link = page.locator(".languages a").first
    await link.focus()
    await pane.get_by_role("button", name="Note").click()
    await page.keyboard.press("Escape")  # leaves the field
    await page.keyboard.press("Escape")  # leaves the form
    await expect(pane.locator("form[data-form=note]")).to_be_hidden()
    await expect(pane).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(pane).to_be_hidden()
    await served.press("b", device="button-90-1")
    await expect(pane.locator(".site")).to_have_text("Gymnasium No. 90")


async def test_on_a_phone_the_claim_is_under_the_thumb(served: Built, page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 780})
    papers.write(served)
    pane = await panes.waits(served, page)
    box = await pane.get_by_role("button", name="Claim").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 780
    assert box["width"] > 250
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390


async def test_nobody_calls_a_site_where_somebody_pressed_in_silence(
    served: Built, page: Page
) -> None:
    papers.write(served)
    pane = await panes.waits(served, page)
    await expect(pane.locator(".procedure")).to_contain_text("Call the site.")
    await expect(pane.locator(".hush")).to_be_hidden()
    await served.press("b", kind="panic.holdup", silent=True)
    await expect(pane.locator(".hush")).to_have_text("Silent alarm: do not call the site!")
    await expect(pane.locator(".procedure")).not_to_contain_text("Call the site.", timeout=2000)
    await expect(pane.locator(".procedure")).to_contain_text("Send the nearest patrol")
    await pane.locator(".beside-it button").click()
    await expect(pane.locator(".kind")).to_contain_text("silent")
    await expect(pane.locator(".procedure")).to_contain_text("Do NOT call the site")
    await expect(pane.locator(".hush")).to_be_visible()


async def test_nor_because_of_a_trouble_beside_it(served: Built, page: Page) -> None:
    papers.write(served)
    silent = await served.press("b", kind="panic.holdup", silent=True, claimed_by="dispatcher")
    await served.press("c", kind="tamper.opened", priority=Priority.P1)
    await page.locator("#lines [data-alarm^=c]").click()
    pane = panes.pane(page)
    await expect(pane.locator(".kind")).to_contain_text("opened")
    await expect(pane.locator(".hush")).to_be_visible()
    await expect(pane.locator(".procedure")).to_contain_text("send a patrol")
    await expect(pane.locator(".procedure")).not_to_contain_text("Call the site's guard")
    async with served.client("supervisor") as client:
        body = {"version": silent.version, "disposition": "false", "note": "a mistake"}
        assert (await client.post(f"/api/v1/alarms/{silent.id}/close", json=body)).is_success
    await expect(pane.locator(".hush")).to_be_hidden()
    await expect(pane.locator(".procedure")).to_contain_text("Call the site's guard", timeout=2000)
