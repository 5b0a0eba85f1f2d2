"""The list in a real browser: nothing moves under the pointer, at any width and height."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from gateway.domain.alarm import State
from gateway.domain.kind import Priority
from gateway.domain.site import SiteId
from gateway.web import words
from tests.harness.changed import replace
from tests.web import crowd
from tests.web.building import Built
from tests.web.listing import place, rows, settle_pointer, shows

P0, P1, P2 = Priority.P0, Priority.P1, Priority.P2
SEEN: dict[str, Any] = {"state": State.ACKNOWLEDGED, "claimed_by": "bolat"}


async def test_no_row_moves_under_the_pointer_and_a_button_names_what_came(
    served: Built, page: Page
) -> None:
    crowd.settle_sites(served, 3)
    await crowd.save(served, [crowd.alarm(served, 1, priority=P1, kind="tamper.opened")])
    await shows(page, 1)
    await rows(page).first.hover()
    before = await place(rows(page).first)
    await crowd.save(served, [crowd.alarm(served, 2)])
    fresh = page.locator("#fresh")
    await expect(fresh).to_have_text("School No. 1002 · new: 1 ↑", timeout=1000)
    await expect(page.locator("#pane")).to_be_visible()  # it opens beside the list
    assert await place(rows(page).first) == before
    assert await rows(page).first.locator(".site").text_content() == "School No. 1001"
    await settle_pointer(page)
    await shows(page, 2, 1)
    await expect(fresh).to_be_hidden()


async def test_a_row_under_the_pointer_tells_what_happens_and_stays_when_it_closes(
    served: Built, page: Page
) -> None:
    crowd.settle_sites(served, 2)
    first, second = crowd.alarm(served, 1, ago_s=9), crowd.alarm(served, 2)
    await crowd.save(served, [first, second])
    await shows(page, 1, 2)
    await rows(page).first.hover()
    taken = replace(first, **SEEN, version=2)
    await crowd.save(served, [taken], new=False)
    await expect(rows(page).first.locator(".holder")).to_have_text("held by bolat")
    now = served.house.clock.now()
    ended = replace(taken, state=State.NORMAL, closed_at=now, version=3)
    await crowd.save(served, [ended], new=False)
    await expect(rows(page).first.locator(".state")).to_have_text("Closed")
    await page.wait_for_timeout(6500)  # what closed lingers for six seconds
    await shows(page, 1, 2)
    await settle_pointer(page)
    await shows(page, 2)


async def test_what_a_person_scrolled_to_stays_in_its_place_when_alarms_come(
    served: Built, page: Page
) -> None:
    crowd.settle_sites(served, 90)
    await crowd.save(
        served,
        [
            crowd.alarm(served, n, priority=P1, kind="tamper.opened", ago_s=90 - n)
            for n in range(1, 81)
        ],
    )
    await page.reload()  # what was there before is not new
    await expect(rows(page).first).to_be_visible()
    await page.evaluate("document.getElementById('alarms').scrollTop = 1600")
    row = rows(page).filter(has_text="No. 1035")
    before = await place(row)
    await crowd.save(served, [crowd.alarm(served, n) for n in range(81, 91)])
    await expect(page.locator("#fresh")).to_have_text("School No. 1090 · new: 10 ↑")
    assert await place(row) == before
    await page.locator("#fresh").click()
    await expect(rows(page).filter(has_text="No. 1090")).to_be_focused()


@pytest.mark.parametrize("width", [360, 390, 1280])
async def test_the_button_of_what_is_new_names_the_school_whole(
    served: Built, page: Page, width: int
) -> None:
    crowd.settle_sites(served, 50)
    sites = served.house.registry().sites
    name = "Communal State Institution “Comprehensive Secondary School No. 1050 named after Abai”"
    site = sites[SiteId("town-50")]
    sites[site.id] = replace(site, name=replace(site.name, en=name))  # type: ignore[index]
    await page.set_viewport_size({"width": width, "height": 700})
    low: dict[str, Any] = {"priority": P1, "kind": "tamper.opened"}
    await crowd.save(served, [crowd.alarm(served, n, ago_s=90 - n, **low) for n in range(1, 41)])
    await page.reload()  # what was there before is not new
    await expect(rows(page).first).to_be_visible()
    await crowd.save(served, [crowd.alarm(served, 50, **low)])
    fresh = page.locator("#fresh")
    await expect(fresh).to_have_text(f"{name} · new: 1 ↓")
    box, shown = (
        await fresh.bounding_box(),
        await fresh.evaluate(
            "(it) => [it.scrollWidth <= it.clientWidth + 1, it.scrollHeight <= it.clientHeight + 1]"
        ),
    )
    assert shown == [True, True]
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert [
        len(await one.evaluate("one => [...one.getClientRects()].map((it) => it.top)"))
        for one in await fresh.locator(".number").all()
    ] == [1, 1]


async def test_every_row_has_one_height_whatever_it_says(served: Built, page: Page) -> None:
    crowd.settle_sites(served, 3)
    registry = served.house.registry()
    long = "Ұзақ атауы бар мектеп " * 40
    site = registry.sites["town-1"]
    registry.sites["town-1"] = replace(site, name=replace(site.name, en=long))  # type: ignore[index]
    await crowd.save(
        served,
        [
            crowd.alarm(served, 1, claimed_by="x" * 80, device="d" * 40, said_test=True),
            crowd.alarm(served, 2, priority=P1, kind="x." + "y" * 200),
            crowd.alarm(served, 3, priority=P2, kind="battery.low"),
        ],
    )
    for width in (360, 800, 1280, 2560):
        await page.set_viewport_size({"width": width, "height": 900})
        await expect(rows(page)).to_have_count(3)
        boxes = await rows(page).evaluate_all("all => all.map((one) => one.offsetHeight)")
        inside = await rows(page).evaluate_all(
            "all => all.map((one) => one.scrollHeight - one.clientHeight)"
        )
        assert len(set(boxes)) == 1, width
        assert set(inside) == {0}, width


@pytest.mark.parametrize("language", words.LANGUAGES)
async def test_nothing_lies_beyond_the_edge_of_the_page(
    served: Built, page: Page, language: str
) -> None:
    crowd.settle_sites(served, 5)
    await crowd.save(
        served,
        [crowd.alarm(served, n, count=n * 6) for n in (1, 2)]
        + [crowd.alarm(served, 9, site="town-1", claimed_by="aigerim")]
        + [crowd.alarm(served, n, priority=P1, kind="camera.tampered") for n in (3, 4, 5)],
    )
    await page.goto(f"/?lang={language}")
    await expect(rows(page).first).to_be_attached()
    for width in (360, 1024, 1440, 7680):
        await page.set_viewport_size({"width": width, "height": 900})
        beyond = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        inside = await page.locator("#alarms").evaluate("at => at.scrollWidth - at.clientWidth")
        assert (beyond <= 0, inside <= 0) == (True, True), width


async def test_what_opens_by_itself_takes_no_click_that_was_aimed_at_a_row(
    served: Built, page: Page
) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    crowd.settle_sites(served, 2)
    await crowd.save(served, [crowd.alarm(served, 1, priority=P1, kind="tamper.opened")])
    await expect(rows(page)).to_have_count(1)
    await page.evaluate(
        """() => new MutationObserver(() => {
             const found = document.elementFromPoint(200, 780)?.closest(".pane button");
             window.hits = [...(window.hits ?? []), Boolean(found)];
           }).observe(document.body, {attributes: true, attributeFilter: ["class"]})"""
    )
    await crowd.save(served, [crowd.alarm(served, 2)])
    claim = page.locator("#pane").get_by_role("button", name="Claim")
    await expect(claim).to_be_visible()
    await expect(page.locator("body")).not_to_have_class(re.compile("unaimed"))
    assert (await page.evaluate("window.hits"))[0] is False
    await claim.click()
    await expect(page.locator("#pane .state")).to_have_text("You hold it")


async def test_a_pointer_that_nobody_moves_holds_nothing_and_its_click_takes_nothing(
    served: Built, page: Page
) -> None:
    await page.clock.install()
    await page.reload()
    crowd.settle_sites(served, 2)
    await crowd.save(served, [crowd.alarm(served, 1, priority=P2, kind="battery.low")])
    await shows(page, 1)
    await rows(page).first.hover()
    await crowd.save(served, [crowd.alarm(served, 2, priority=P1, kind="tamper.opened")])
    await expect(page.locator("#fresh")).to_be_visible()
    await shows(page, 1)
    await page.clock.fast_forward(62_000)
    await shows(page, 2, 1)
    await page.mouse.down()
    await page.mouse.up()
    await expect(rows(page).first).to_be_focused()
    await expect(page.locator("#pane")).to_be_hidden()
    await rows(page).first.hover(position={"x": 90, "y": 20})
    await page.mouse.down()
    await page.mouse.up()
    await expect(page.locator("#pane .site")).to_have_text("School No. 1002")
