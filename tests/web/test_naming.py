"""The number in a school's name: it is seen whole in every row, however long the name is."""

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from gateway.domain.kind import Priority
from gateway.domain.site import SiteId
from tests.harness.changed import replace
from tests.web import crowd
from tests.web.building import Built
from tests.web.listing import rows
from tests.web.visiting import DESKTOP, PHONE, WALL, visit

LONG = "Коммунальное государственное учреждение «Общеобразовательная школа № {n} имени Абая»"
SPLIT = {
    "Общеобразовательная школа № 12": ["Общеобразовательная школа", " № 12", ""],
    "Школа-гимназия №12А имени Абая": ["Школа-гимназия", " №12А", " имени Абая"],
    "№12 орта мектеп": ["", "№12", " орта мектеп"],
    "Secondary school No. 12": ["Secondary school", " No. 12", ""],
    "School N 12/3 of Medeu": ["School", " N 12/3", " of Medeu"],
    "Гимназия 12": ["Гимназия", " 12", ""],
    "Casino 12 in town": ["Casino 12 in town", "", ""],
    "Мектеп": ["Мектеп", "", ""],
    "": ["", "", ""],
}
WHOLE = """(all) => all.map((number) => {
    const box = number.getBoundingClientRect();
    const row = number.closest('.entry, .row').getBoundingClientRect();
    const inside = box.left >= row.left && box.right <= row.right && box.bottom <= row.bottom + 1;
    return box.width > 0 && inside && number.scrollWidth <= number.clientWidth + 1;
})"""


def settle_long_names(served: Built) -> None:
    """Two schools that differ in their numbers alone."""
    crowd.settle_sites(served, 2)
    sites = served.house.registry().sites
    for n in (1, 2):
        site = sites[SiteId(f"town-{n}")]
        name = replace(site.name, ru=LONG.format(n=120 + n))
        sites[site.id] = replace(site, name=name)  # type: ignore[index]


async def says_both_numbers(list_: Locator) -> None:
    """Each number stands whole within its row; the name is there as it is written."""
    numbers = list_.locator(".site .number")
    await expect(numbers).to_have_text([" № 121", " № 122"])
    await expect(list_.locator(".site")).to_have_text([LONG.format(n=121), LONG.format(n=122)])
    assert await numbers.evaluate_all(WHOLE) == [True, True]


async def test_a_name_is_split_around_its_number(page: Page) -> None:
    found = await page.evaluate(
        "async (names) => names.map((await import('/static/naming.js')).split)", list(SPLIT)
    )
    assert found == list(SPLIT.values())


@pytest.mark.parametrize(
    ("size", "kind", "priority"),
    [  # only a press opens beside the list, which is narrow then
        (DESKTOP, "panic.pressed", Priority.P0),
        (DESKTOP, "tamper.opened", Priority.P1),
        (PHONE, "tamper.opened", Priority.P1),
        ((1000, 700), "tamper.opened", Priority.P1),
    ],
)
async def test_a_long_names_number_is_seen_in_every_row_of_the_list(
    served: Built, browser: Browser, size: tuple[int, int], kind: str, priority: Priority
) -> None:
    settle_long_names(served)
    made = [crowd.alarm(served, n, ago_s=9 - n, kind=kind, priority=priority) for n in (1, 2)]
    await crowd.save(served, made)
    async with visit(browser, served, "aigerim", "/", "ru", size) as page:
        await expect(rows(page)).to_have_count(2)
        await says_both_numbers(page.locator("#alarms"))


@pytest.mark.parametrize("size", [DESKTOP, PHONE, WALL])
async def test_a_long_names_number_is_seen_in_every_row_of_the_wall(
    served: Built, browser: Browser, size: tuple[int, int]
) -> None:
    settle_long_names(served)
    await crowd.save(served, [crowd.alarm(served, n, ago_s=9 - n) for n in (1, 2)])
    async with visit(browser, served, "aigerim", "/wall", "ru", size) as page:
        await expect(page.locator("#rows .row")).to_have_count(2)
        await says_both_numbers(page.locator("#rows"))
