"""The bars: one for each thing that is down, and none of them moves a row."""

from playwright.async_api import Page, expect

from tests.web.building import Built


async def test_a_bar_stands_for_each_thing_that_is_down(page: Page) -> None:
    said = {
        "health": {
            "brokers": {"b1": False, "b2": True},
            "receivers": {"centre": "down"},
            "store": "late",
            "clock_off_s": -9.6,
        },
        "unarmed": ["medeu", "auezov"],
    }
    # In one breath: the gateway's own heartbeat, a second later, says otherwise.
    shown = await page.evaluate(
        "async (said) => { (await import('/static/health.js')).show(said);"
        " return { alerts: document.querySelectorAll('#bars [role=alert]').length,"
        " text: Object.fromEntries([...document.querySelectorAll('#bars .bar')]"
        ".map((one) => [one.id, one.textContent])) }; }",
        said,
    )
    for name, text in {
        "broker": "broker: b1.",
        "centre": "centre does not answer: centre",
        "store": "can store nothing",
        "clock": "10 s off",
        "unarmed": "No console with its sound on: medeu, auezov",
    }.items():
        assert text in shown["text"][f"bar-{name}"]
    assert shown["alerts"] >= 4


async def test_no_row_moves_when_a_bar_comes(served: Built, page: Page) -> None:
    await served.press("a")
    row = page.locator("#alarms > *").first
    before = await row.bounding_box()
    await page.evaluate(
        "async () => (await import('/static/bars.js')).show('x', 'stop', 'one more bar')"
    )
    await expect(page.locator("#bar-x")).to_be_visible()
    assert await row.bounding_box() == before
