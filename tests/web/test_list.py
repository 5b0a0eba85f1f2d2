"""The list of alarms in a real browser: order, lines, nothing moves under the pointer."""

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from gateway.domain.alarm import Hidden, State
from gateway.domain.kind import Priority
from gateway.web import words
from tests.harness.changed import replace
from tests.web import crowd
from tests.web.building import Built

P0, P1, P2 = Priority.P0, Priority.P1, Priority.P2
SEEN: dict[str, Any] = {"state": State.ACKNOWLEDGED, "claimed_by": "bolat"}


def rows(page: Page) -> Locator:
    """What is drawn of the list, in its order."""
    return page.locator("#alarms .entry")


async def shows(page: Page, *numbers: int) -> None:
    """Waits until just those schools stand there, in that order."""
    names = [f"School No. {1000 + n}" for n in numbers]
    await expect(page.locator("#alarms .entry .site")).to_have_text(names)


async def place(row: Locator) -> tuple[float, float, float]:
    """Where a row stands, and how high it is."""
    box = await row.bounding_box()
    assert box is not None
    return box["x"], box["y"], box["height"]


async def settle_pointer(page: Page) -> None:
    """Moves the pointer off the list."""
    await page.mouse.move(400, 2)


async def test_the_gravest_stand_first_then_what_nobody_claimed_then_the_oldest(
    served: Built, page: Page
) -> None:
    crowd.settle_sites(served, 7)
    made = [
        crowd.alarm(served, 1, priority=P2, kind="battery.low", ago_s=900),
        crowd.alarm(served, 2, priority=P1, kind="tamper.opened", ago_s=90),
        crowd.alarm(served, 3, priority=P1, kind="tamper.opened", ago_s=80, **SEEN),
        crowd.alarm(served, 4, ago_s=70, **SEEN),
        crowd.alarm(served, 5, ago_s=10),
        crowd.alarm(served, 6, ago_s=20),
        crowd.alarm(served, 7, ago_s=99, test=True),
    ]
    await crowd.save(served, made)
    await shows(page, 6, 5, 4, 2, 3, 7, 1)
    await page.reload()
    await shows(page, 6, 5, 4, 2, 3, 7, 1)
    await expect(rows(page).nth(5).locator(".badge.test")).to_be_visible()


async def test_a_device_that_chatters_stands_below_a_first_press_and_asks_still(
    served: Built, page: Page
) -> None:
    crowd.settle_sites(served, 3)
    await crowd.save(
        served,
        [
            crowd.alarm(served, 1, ago_s=60, count=40),
            crowd.alarm(served, 2, ago_s=50),
            crowd.alarm(
                served, 12, site="town-2", device="button-2", kind="device.stuck", priority=P2
            ),
            crowd.alarm(served, 3),
        ],
    )
    await shows(page, 3, 1, 2, 2)
    await expect(rows(page).nth(1).locator(".badge.chatter")).to_be_visible()
    await expect(rows(page).nth(1)).to_have_class(re.compile("asks"))


async def test_two_buttons_of_one_site_stand_on_one_line_and_one_claim_takes_both(
    served: Built, page: Page
) -> None:
    await served.press("a")
    await served.press("b", device="gate-12-1")
    await served.press("c", device="button-90-1")
    await expect(rows(page)).to_have_count(2)
    first = rows(page).filter(has_text="No. 12")
    await expect(first.locator(".badge.second .short")).to_have_text("confirmed ×2")
    await page.set_viewport_size({"width": 3600, "height": 900})
    await expect(first.locator(".badge.second .whole")).to_be_visible()
    await expect(first.locator(".device")).to_contain_text("button-12-1, gate-12-1")
    async with served.client("aigerim") as own:
        await own.post(f"/api/v1/alarms/{'a' * 32}/claim", json={})
    await expect(first.locator(".holder")).to_have_text("You hold it")
    await expect(first).not_to_have_class(re.compile("asks"))
    await expect(rows(page).filter(has_text="No. 90")).to_have_class(re.compile("asks"))


async def test_a_row_says_who_was_called_when_nobody_acts(served: Built, page: Page) -> None:
    crowd.settle_sites(served, 1)
    await crowd.save(served, [crowd.alarm(served, 1, escalation=2)])
    await expect(rows(page).locator(".holder")).to_have_text("every console called")


async def test_a_line_shows_each_of_its_alarms_when_it_is_opened(served: Built, page: Page) -> None:
    await served.press("a")
    await served.press("b", device="gate-12-1")
    await page.get_by_role("button", name="Show each of the 2 alarms").click()
    await expect(rows(page)).to_have_count(3)
    await expect(page.locator(".entry.within .device")).to_have_text(["button-12-1", "gate-12-1"])
    await page.get_by_role("button", name="Put the 2 alarms together again").click()
    await expect(rows(page)).to_have_count(1)


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


async def test_one_cause_in_more_than_three_sites_is_one_row_and_opens(
    served: Built, page: Page
) -> None:
    crowd.settle_sites(served, 6)
    cut: dict[str, Any] = {"priority": P2, "kind": "mains.lost"}
    await crowd.save(served, [crowd.alarm(served, n, ago_s=700, **cut) for n in range(1, 4)])
    await shows(page, 1, 2, 3)
    await crowd.save(
        served, [crowd.alarm(served, 4, ago_s=700, **cut), crowd.alarm(served, 5, ago_s=700)]
    )
    await expect(rows(page)).to_have_count(2)
    row = rows(page).nth(1)
    await expect(row.locator(".site")).to_have_text("4 sites")
    await expect(row.locator(".kind")).to_have_text("No mains power")
    await row.click()
    await expect(rows(page)).to_have_count(6)
    await expect(row).to_have_attribute("aria-selected", "false")


async def test_a_flood_is_put_together_by_site_and_kind_but_a_press_has_its_own_row_on_top(
    served: Built, page: Page
) -> None:
    crowd.settle_sites(served, 2)
    crossed: dict[str, Any] = {"site": "town-1", "priority": P1, "kind": "camera.line_crossed"}
    await crowd.save(served, [crowd.alarm(served, n, **crossed) for n in range(10, 20)])
    await expect(rows(page)).to_have_count(10)
    forced: dict[str, Any] = {"site": "town-1", "priority": P1, "kind": "passage.forced"}
    await crowd.save(served, [crowd.alarm(served, 20, **forced), crowd.alarm(served, 1)])
    await expect(rows(page)).to_have_count(3)
    await expect(page.locator("#list-said")).to_have_text(
        "12 alarms in 10 minutes: put together by site and kind."
    )
    await expect(rows(page).locator(".kind")).to_have_text(
        ["Panic button pressed", "Camera: line crossed", "Turnstile forced open"]
    )


async def test_what_somebody_shelved_stands_last_on_one_line(served: Built, page: Page) -> None:
    crowd.settle_sites(served, 4)
    hidden: dict[str, Any] = {"hidden": Hidden.SHELVED, "kind": "tamper.opened", "priority": P1}
    await crowd.save(
        served,
        [crowd.alarm(served, n, **hidden) for n in (1, 2)]
        + [crowd.alarm(served, 3, priority=P2, kind="battery.low")],
    )
    await expect(rows(page).locator(".kind")).to_have_text(["Battery low", "Shelved"])
    await expect(rows(page).last).not_to_have_class(re.compile("asks"))


async def test_the_timer_runs_by_the_gateways_clock_when_this_machines_is_wrong(
    served: Built, page: Page
) -> None:
    await page.add_init_script("const real = Date.now; Date.now = () => real() - 7_200_000;")
    await page.reload()
    crowd.settle_sites(served, 1)
    await crowd.save(served, [crowd.alarm(served, 1, ago_s=125)])
    timer = rows(page).locator(".timer")
    await expect(timer).to_have_text(re.compile(r"^02:0[5-9]$"))
    before = await timer.text_content()
    await expect(timer).not_to_have_text(str(before), timeout=3000)


async def test_arrows_and_letters_move_the_focus_and_a_click_marks_the_open_alarm(
    served: Built, page: Page
) -> None:
    crowd.settle_sites(served, 3)
    await crowd.save(
        served,
        [crowd.alarm(served, n, priority=P1, kind="tamper.opened", ago_s=9 - n) for n in (1, 2, 3)],
    )
    await shows(page, 1, 2, 3)
    await page.keyboard.press("j")
    await expect(rows(page).first).to_be_focused()
    await page.keyboard.press("j")
    await page.keyboard.press("ArrowDown")
    await expect(rows(page).nth(2)).to_be_focused()
    await page.keyboard.press("k")
    await page.keyboard.press("Home")
    await expect(rows(page).first).to_be_focused()


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
