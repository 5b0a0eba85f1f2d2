"""The list of alarms in a real browser: its order, and what stands together on one line."""

import re
from typing import Any

from playwright.async_api import Page, expect

from gateway.domain.alarm import Hidden, State
from gateway.domain.kind import Priority
from tests.web import crowd
from tests.web.building import Built
from tests.web.listing import rows, shows

P0, P1, P2 = Priority.P0, Priority.P1, Priority.P2
SEEN: dict[str, Any] = {"state": State.ACKNOWLEDGED, "claimed_by": "bolat"}


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


async def test_a_line_says_that_a_silent_cry_is_among_its_presses(
    served: Built, page: Page
) -> None:
    await served.press("a")
    badge = page.locator(".entry .badge.quietly").first
    await expect(page.locator(".entry")).to_have_count(1)
    await expect(badge).to_be_hidden()
    await served.press("b", kind="panic.holdup", silent=True)
    await expect(badge).to_have_text("silent")
    await expect(badge).to_be_visible()


async def test_two_buttons_of_one_site_stand_on_one_line_and_one_claim_takes_both(
    served: Built, page: Page
) -> None:
    await served.press("a")
    await served.press("b", device="gate-12-1")
    await served.press("c", device="button-90-1")
    await expect(rows(page)).to_have_count(2)
    first = rows(page).filter(has_text="No. 12")
    await expect(first.locator(".badge.second .short")).to_have_text("2 buttons pressed")
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


async def test_nobody_is_said_to_be_called_where_no_receiver_is_set_for_it(
    served: Built, page: Page
) -> None:
    crowd.settle_sites(served, 1)
    await crowd.save(served, [crowd.alarm(served, 1, escalation=3)])
    await expect(rows(page).locator(".holder")).to_have_text("every console called")


async def test_a_line_shows_each_of_its_alarms_when_it_is_opened(served: Built, page: Page) -> None:
    await served.press("a")
    await served.press("b", device="gate-12-1")
    await page.get_by_role("button", name="Show each of the 2 alarms").click()
    await expect(rows(page)).to_have_count(3)
    await expect(page.locator(".entry.within .device")).to_have_text(["button-12-1", "gate-12-1"])
    await page.get_by_role("button", name="Put the 2 alarms together again").click()
    await expect(rows(page)).to_have_count(1)


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
    await expect(page.locator("#list-said")).to_have_text("12 alarms in 10 min, put together")
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
