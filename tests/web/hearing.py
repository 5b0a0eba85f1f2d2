"""What is heard at a page, by its own measure."""

from playwright.async_api import Page, expect

from tests.harness import waiting
from tests.web.browsing import measured


async def sounds(page: Page, siren: str) -> None:
    """The wave of that siren is seen behind the last gain; off: none is."""

    async def is_so() -> bool:
        found = await measured(page)
        return (found["siren"], found["peak"] > 0.01) == (siren, siren != "off")

    await waiting.until(is_so, within_s=3, what=f"the siren is {siren}")
    await expect(page.locator("body")).to_have_attribute("data-siren", siren, timeout=2000)


async def tell_anew(page: Page, **more: int) -> None:
    """The alarm on the page is told anew, as the stream would."""
    await page.evaluate(
        "async (more) => { const bus = await import('/static/bus.js');"
        " const alarms = await import('/static/alarms.js');"
        " const [alarm] = alarms.all(); bus.emit('alarm', { ...alarm, ...more }); }",
        more,
    )


async def spy(page: Page, name: str) -> None:
    """Write down when a tone is played."""
    await page.evaluate(
        "async (name) => { const { Synth } = await import('/static/synth.js'); window[name] = [];"
        " const own = Synth.prototype[name]; Synth.prototype[name] = function () {"
        " window[name].push(performance.now()); own.call(this); } }",
        name,
    )
