"""The wall in a real browser: districts, their alarms, a map; honest when the gateway is silent."""

import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from playwright.async_api import Browser, Page, expect

from gateway import operate
from gateway.domain import outline
from gateway.domain.kind import Priority
from gateway.domain.operator import Operator, Role
from gateway.domain.presence import Why
from gateway.store import alarms
from gateway.store.database import Urgency
from gateway.web import words
from tests.harness import cable
from tests.harness.changed import replace
from tests.store.making import change
from tests.web import browsing
from tests.web.building import Built, unstored
from tests.web.visiting import DESKTOP, PHONE, WALL, visit

AIGERIM = Operator(name="aigerim", role=Role.DISPATCHER)
SQUARE = [[76.9, 43.2], [77.0, 43.2], [77.0, 43.3], [76.9, 43.3], [76.9, 43.2]]
MAP = msgspec.json.encode(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"district": name},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[x + shift, y] for x, y in SQUARE]],
                },
            }
            for name, shift in (("medeu", 0), ("auezov", -0.1), ("<i>north</i>", 0.1))
        ],
    }
)


def mapped(served: Built) -> None:
    """The operator's outline, and where a school lies on it."""
    house = replace(served.house, outline=outline.read(MAP))
    registry = house.registry()
    site = replace(registry.sites["school-12"], latitude=43.25, longitude=76.95)
    registry.sites["school-12"] = site  # type: ignore[index]
    served.app.state.house = served.house = house


async def test_everybody_sees_a_press_its_district_and_who_took_it(
    served: Built, browser: Browser
) -> None:
    mapped(served)
    async with visit(browser, served, "technician", "/wall", size=WALL) as page:
        medeu, auezov = (
            page.locator(f'.tile[data-district="{one}"]') for one in ("medeu", "auezov")
        )
        await expect(page.locator("#calm")).to_be_visible()
        await expect(medeu).to_have_class(re.compile("calm"))
        alarm = await served.press()
        row = page.locator(".row")
        await expect(row.locator(".site")).to_have_text("Secondary school No. 12", timeout=1000)
        await expect(row).to_have_class(re.compile("unclaimed"))
        await expect(row.locator(".holder")).to_have_text("nobody has taken it")
        await expect(medeu.locator(".state")).to_have_text(
            re.compile(r"nobody has taken it 00:0\d")
        )
        await expect(auezov.locator(".state")).to_have_text("calm")
        await expect(auezov.locator(".listens")).to_have_text("nobody listens")
        await expect(page.locator("#bar-unarmed")).to_contain_text("auezov, medeu")
        await expect(page.locator("#total-0")).to_have_text("1")
        await expect(page.locator('.shape[data-district="medeu"]')).to_have_class(
            re.compile("asks")
        )
        await expect(page.locator(".dot.p0.unclaimed")).to_have_count(1)
        await operate.claim(served.house.desk, AIGERIM, alarm.id)
        await expect(row.locator(".holder")).to_have_text("held by aigerim")
        await expect(medeu.locator(".state")).to_have_text("being dealt with")
        await expect(page.locator(".dot.p0")).not_to_have_class(re.compile("unclaimed"))


async def test_a_districts_wall_shows_that_district_only(served: Built, browser: Browser) -> None:
    mapped(served)
    await served.press("a")
    await served.press("b", device="button-90-1")
    async with visit(browser, served, "bolat", "/wall") as page:
        await expect(page.locator(".row")).to_have_count(1)
        await expect(page.locator(".row .site")).to_have_text("Gymnasium No. 90")
        await expect(page.locator(".tile")).to_have_count(1)
        await expect(page.locator("#bar-unarmed")).to_contain_text("auezov")
        await expect(page.locator("#bar-unarmed")).not_to_contain_text("medeu")
        await expect(page.locator('.shape[data-district="medeu"]')).to_have_class(
            re.compile("foreign")
        )
        await expect(page.locator(".dot")).to_have_count(0)
    async with served.client("bolat") as client:
        found = (await client.get("/api/v1/wall")).json()
    assert ([one["name"] for one in found["districts"]], found["places"]) == (["auezov"], {})


async def test_the_wall_says_that_it_is_blind_and_resumes_without_a_gap(
    served: Built, browser: Browser
) -> None:
    async with cable.Cable(int(served.url.rpartition(":")[2])) as line:
        served.url = f"http://127.0.0.1:{line.port}"
        await served.press()
        async with visit(browser, served, "supervisor", "/wall") as page:
            await expect(page.locator(".row")).to_have_count(1)
            line.stall()
            await expect(page.locator("#bar-silent")).to_be_visible(timeout=6000)
            await expect(page.locator("#bar-silent")).to_contain_text(
                re.compile(r"last heard \d+ s")
            )
            await expect(page.locator("body")).to_have_attribute("data-trust", "blind")
            await served.press("b", device="button-90-1")
            line.heal()
            await expect(page.locator("#bar-silent")).to_have_count(0, timeout=10_000)
            await expect(page.locator(".row")).to_have_count(2)


async def test_the_wall_says_whether_its_calm_can_be_trusted(
    served: Built, browser: Browser
) -> None:
    async with visit(browser, served, "supervisor", "/wall") as page:
        await expect(page.locator("#bar-unproven")).to_be_visible()
        await expect(page.locator("#calm-why")).to_contain_text("do not trust this silence")
        hub = served.app.state.hub
        hub._house = replace(served.house, canary_age_s=lambda: 4.2)  # noqa: SLF001 - it was made with the other
        await expect(page.locator("#bar-unproven")).to_have_count(0)
        await expect(page.locator("#calm-why")).to_contain_text("can be trusted")


async def test_a_wall_that_counts_otherwise_than_the_gateway_reads_everything_anew(
    served: Built, browser: Browser
) -> None:
    async with visit(browser, served, "supervisor", "/wall") as page:
        await expect(page.locator("#calm")).to_be_visible()
        # An alarm in the store that no frame ever told of.
        unheard = [change(unstored("a"), new=True)]
        await served.database.write(lambda c: alarms.save(c, unheard), Urgency.STEP)
        await expect(page.locator(".row")).to_have_count(1, timeout=12_000)


async def test_silent_devices_stand_in_their_districts_tile(
    served: Built, browser: Browser
) -> None:
    served.house.presence.silent["button-12-1"] = Why.LAST_WILL
    async with visit(browser, served, "supervisor", "/wall") as page:
        await expect(page.locator('.tile[data-district="medeu"] .devices')).to_have_text(
            "silent devices: 1 of 2"
        )


async def test_more_presses_than_fit_are_counted_and_the_oldest_stands_on_top(
    served: Built, browser: Browser
) -> None:
    await served.press("f", device="button-90-1")
    for key in range(40):
        await served.press(f"{key:032x}", device=f"stranger-{key}", registered=False, wake=False)
    async with visit(browser, served, "supervisor", "/wall") as page:
        await expect(page.locator("#more")).to_have_text(re.compile(r"\d\d more open alarms"))
        await expect(page.locator(".row .site").first).to_have_text("Gymnasium No. 90")
        shown = await page.locator(".row").count()
        left = int((await page.locator("#more").inner_text()).split()[0])
        assert shown + left == 41
        tall = await page.evaluate("document.documentElement.scrollHeight")
        assert tall <= DESKTOP[1]


async def test_a_press_stands_above_a_flood_that_is_one_row(
    served: Built, browser: Browser
) -> None:
    for key in range(40):
        await served.press(
            f"{key:032x}", kind="tamper.opened", priority=Priority.P1, latches=False, wake=False
        )
    await served.press("f", device="button-90-1")
    async with visit(browser, served, "supervisor", "/wall") as page:
        await expect(page.locator(".row .priority")).to_have_text(["P0", "P1"])
        await expect(page.locator("#total-1")).to_have_text("40")
        await expect(page.locator("#more")).to_be_hidden()


async def test_a_script_in_names_stays_text_on_the_wall(served: Built, browser: Browser) -> None:
    mapped(served)
    async with visit(browser, served, "supervisor", "/wall") as page:
        await expect(page.locator('.shape-name[data-district="<i>north</i>"]')).to_have_text(
            "<i>north</i>"
        )
        assert await page.locator(".map i").count() == 0


async def test_nothing_secret_stands_on_the_wall(served: Built, browser: Browser) -> None:
    async with visit(browser, served, "supervisor", "/wall") as page:
        await expect(page.locator("#calm")).to_be_visible()
        assert "secret" not in await page.content()
        assert "supervisor" not in await page.locator("body").inner_text()
        assert "once" not in page.url


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("size", [WALL, PHONE], ids=["wall", "phone"])
async def test_the_wall_fits_its_screen_in_every_language(
    served: Built, browser: Browser, lang: str, size: tuple[int, int]
) -> None:
    mapped(served)
    await served.press()
    async with visit(browser, served, "supervisor", "/wall", lang, size) as page:
        await expect(page.locator(".row")).to_have_count(1)
        assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]


async def test_a_wall_whose_sound_is_wanted_is_heard_when_an_alarm_is_everybodys(
    served: Built, browser: Browser
) -> None:
    async with visit(browser, served, "technician", "/wall", size=WALL) as page:
        sound = page.locator("#wall-sound")
        await expect(sound).to_have_text("Sound is not on")
        await sound.click()
        await expect(sound).to_have_text("Sound is on")
        alarm = await served.press()
        await expect(page.locator(".row")).to_have_class(re.compile("unclaimed"))
        assert await _siren(page) == "off"  # a desk may still claim it
        await _tell(page, escalation=2)
        assert await _siren(page) == "second"
        await page.reload()
        await page.keyboard.press("x")
        await expect(sound).to_have_text("Sound is on")  # as the room wanted it
        await _tell(page, escalation=2)
        assert await _siren(page) == "second"
        await operate.claim(served.house.desk, AIGERIM, alarm.id)
        await expect(page.locator(".holder")).to_have_text("held by aigerim")
        assert await _siren(page) == "off"
        await sound.click()
        await expect(sound).to_have_text("Sound is not on")


async def test_a_cry_of_a_gateway_that_is_gone_leaves_the_wall_by_itself(
    served: Built, browser: Browser
) -> None:
    old = datetime.now(UTC) - timedelta(minutes=16)
    async with browsing.signed_in(browser, served, "technician") as context:
        page = await context.new_page()
        await page.goto("/wall")
        await expect(page.locator("#calm")).to_be_visible()
        served.shout(unstored("a"))
        served.shout(unstored("b", device="button-90-1", site="school-90", raised_at=old))
        await expect(page.locator(".row")).to_have_count(2)
        served.unstored.clear()
        await expect(page.locator(".row")).to_have_count(1)


async def _siren(page: Page) -> str:
    found: str = await page.evaluate(
        "async () => (await import('/static/wall_sound.js')).measure().siren"
    )
    return found


async def _tell(page: Page, **more: int) -> None:
    """The alarm on the page is told anew, as the stream would."""
    await expect(page.locator(".row")).to_have_count(1)
    await page.evaluate(
        "async (more) => { const bus = await import('/static/bus.js');"
        " const alarms = await import('/static/alarms.js');"
        " const [alarm] = alarms.all(); bus.emit('alarm', { ...alarm, ...more }); }",
        more,
    )


async def test_the_wall_says_where_a_test_window_is_open_and_until_when(
    served: Built, browser: Browser
) -> None:
    body = {"devices": ["button-12-1"], "minutes": 10, "reason": "walk test"}
    async with (
        visit(browser, served, "technician", "/wall", size=WALL) as page,
        served.client_outside("technician") as client,
    ):
        line = page.locator("#wall-tests")
        await expect(line).to_be_hidden()
        opened = (await client.post("/api/v1/tests", json=body)).json()
        said = re.compile(r"^Test: Secondary school No\. 12 until \d\d:\d\d$")
        await expect(line).to_have_text(said)
        await client.delete(f"/api/v1/tests/{opened['id']}")
        await expect(line).to_be_hidden()
