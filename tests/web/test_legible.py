"""No text is cut or lies upon another, however long its language makes it, at any width."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from gateway import operate
from gateway.domain.kind import Priority
from gateway.domain.operator import Operator, Role
from gateway.domain.site import Names, SiteId
from gateway.web import words
from tests.harness.changed import replace
from tests.web.building import Built
from tests.web.judging import faults, unreadable
from tests.web.visiting import visit

_SIZES = {"phone": (360, 740), "desk": (1280, 860), "wall": (3840, 1080)}
_PAGES = {"/wall": "#rows .row", "/handover": "main", "/report": "svg", "/audit": "main"}
_DOORS = {"/people": "admin", "/password": "supervisor", "/signin": "aigerim"}
"""With what is there when it has been filled."""
_LONG = "Коммуналдық мемлекеттік мекемесі «№ {n} жалпы білім беретін орта мектеп-гимназия кешені»"
_LOWEST = "(all) => Math.max(...all.map((one) => one.getBoundingClientRect().bottom))"
_END = "(one) => one.getBoundingClientRect().bottom"
_PUT_BADLY = """() => {
  const cut = document.createElement("p");
  cut.textContent = "far too long a sentence for so narrow a place";
  cut.style.cssText = "width: 4em; overflow: hidden; white-space: nowrap";
  const upon = cut.cloneNode(true);
  upon.style.cssText = "position: absolute; top: 200px; left: 20px";
  document.body.append(cut, upon, upon.cloneNode(true));
}"""


@pytest.fixture
def longest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every word as long as in the language where it is longest."""
    every = [words.spoken(language) for language in words.LANGUAGES]
    spoken = {key: _longest([one[key] for one in every]) for key in every[0]}
    plain = {key: text if isinstance(text, str) else text["other"] for key, text in spoken.items()}
    monkeypatch.setattr(words, "spoken", lambda _: spoken)
    monkeypatch.setattr(words, "of", lambda _: plain)


def _longest(said: list[str | Mapping[str, str]]) -> str | Mapping[str, str]:
    forms = [[one] if isinstance(one, str) else list(one.values()) for one in said]
    text = max((form for one in forms for form in one), key=len)
    counts = {name for one in said if not isinstance(one, str) for name in one}
    return dict.fromkeys(counts, text) if counts else text


async def _disturb(served: Built) -> None:
    """Alarms of every sort that a row must bear."""
    raised_at = served.house.clock.now() - timedelta(hours=11)
    await served.press("a")
    await served.press("b", device="button-90-1", raised_at=raised_at, said_test=True, count=12)
    await served.press("c", kind="passage.unlocked", priority=Priority.P1, claimed_by="aigerim")
    await served.press("d", device="nobody-knows-it", registered=False, kind="alarm.unreadable")


@pytest.mark.usefixtures("longest")
@pytest.mark.parametrize("size", _SIZES)
async def test_a_dispatcher_reads_every_word_when_all_are_at_their_longest(
    served: Built, browser: Browser, size: str
) -> None:
    await _disturb(served)
    async with visit(browser, served, "dispatcher", "/", size=_SIZES[size]) as page:
        await expect(page.locator("#lines .entry").first).to_be_attached()
        assert await unreadable(page) == []


@pytest.mark.usefixtures("longest")
@pytest.mark.parametrize("size", _SIZES)
@pytest.mark.parametrize("path", _PAGES)
async def test_a_supervisor_reads_every_word_when_all_are_at_their_longest(
    served: Built, browser: Browser, path: str, size: str
) -> None:
    await _disturb(served)
    async with visit(browser, served, "supervisor", path, size=_SIZES[size]) as page:
        await page.locator(_PAGES[path]).first.wait_for()
        assert await unreadable(page) == []


@pytest.mark.usefixtures("longest")
@pytest.mark.parametrize("size", ["phone", "desk"])
@pytest.mark.parametrize("path", _DOORS)
async def test_every_door_can_be_read_when_all_words_are_at_their_longest(
    served: Built, browser: Browser, path: str, size: str
) -> None:
    async with visit(browser, served, _DOORS[path], path, size=_SIZES[size]) as page:
        await page.locator("main").first.wait_for()
        assert await unreadable(page) == []


@pytest.mark.parametrize(
    "size", [(1280, 860), (1280, 720), (3840, 2160)], ids=["desk", "low", "wall"]
)
@pytest.mark.parametrize("lang", words.LANGUAGES)
async def test_a_row_of_the_wall_is_as_high_as_its_words_and_none_leaves_the_screen(
    served: Built, browser: Browser, lang: str, size: tuple[int, int]
) -> None:
    sites = served.house.registry().sites
    name = Names(kk=_LONG.format(n=12), ru=_LONG.format(n=12), en=_LONG.format(n=12))
    sites[SiteId("school-12")] = replace(sites[SiteId("school-12")], name=name)  # type: ignore[index]
    for key in "abc":  # three buttons of one school
        await served.press(
            key, device=f"button-12-{key}", site="school-12", count=2, said_test=True
        )
    for n in range(12):
        await served.press(f"{n:032x}", site="school-90", zone="office", device=f"other-{n}")
        await served.press(
            f"f{n:031x}", kind="passage.unlocked", device=f"gate-{n}", priority=Priority.P1
        )
    async with visit(browser, served, "supervisor", "/wall", lang, size) as page:
        await expect(page.locator(".row").first.locator(".what")).to_contain_text("3")
        assert await unreadable(page) == []
        lowest: float = await page.locator(".row, #more").evaluate_all(_LOWEST)
        assert lowest <= await page.locator("main").evaluate(_END)


@pytest.mark.usefixtures("longest")
@pytest.mark.parametrize("size", [(360, 740), (1280, 860)], ids=["phone", "desk"])
async def test_the_question_whether_to_sign_out_is_legible_and_accessible(
    served: Built, browser: Browser, size: tuple[int, int]
) -> None:
    async with visit(browser, served, "supervisor", "/", size=size) as page:
        held = await served.press("a")
        await operate.claim(
            served.house.desk, Operator(name="supervisor", role=Role.SUPERVISOR), held.id
        )
        served.house.wakeups.wake()
        await expect(page.locator("#lines .entry.mine")).to_be_attached()
        await page.evaluate("document.getElementById('leave').click()")
        asked = page.locator("#leaving")
        await expect(asked.locator("#leaving-held")).not_to_be_empty()
        assert await unreadable(page) == []
        tall = "all => all.map((it) => it.offsetHeight)"
        heights: list[int] = await asked.locator("button").evaluate_all(tall)
        assert min(heights) >= 44
        assert await faults(page) == []


async def test_text_that_is_cut_or_covered_is_found(served: Built, browser: Browser) -> None:
    async with visit(browser, served, "supervisor", "/report") as page:
        assert await unreadable(page) == []
        await page.evaluate(_PUT_BADLY)
        found = " ".join(await unreadable(page))
    assert "cut: far too long" in found
    assert "upon each other: far too long" in found
