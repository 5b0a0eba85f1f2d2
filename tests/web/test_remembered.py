"""What the shared stream remembers for tabs that were frozen or come later: without a gap."""

from playwright.async_api import Page

_NEWS = """async ([count, size, after]) => {
  const { Remembered } = await import('/static/remembered.js');
  const memory = new Remembered();
  for (let n = 1; n <= count; n += 1) {
    const data = JSON.stringify({ id: `a${n}`, stored: true, note: 'x'.repeat(size) });
    memory.keep({ kind: 'alarm', position: n * 10, data }, n === 1 ? 3 : (n - 1) * 10);
  }
  const found = memory.after(after);
  return found && found.map((one) => one.position);
}"""
_CRIES = """async (stored) => {
  const { Remembered } = await import('/static/remembered.js');
  const memory = new Remembered();
  for (let n = 0; n < 600; n += 1) {
    memory.keep({ kind: 'alarm', position: null, data: `{"id": "c${n}", "stored": false}` }, 1);
  }
  const data = '{"id": "c599", "stored": true}';
  if (stored) memory.keep({ kind: 'alarm', position: 9, data }, 1);
  return [...memory.cries.keys()];
}"""
_BEATS = """async (after) => {
  const { Remembered } = await import('/static/remembered.js');
  const memory = new Remembered();
  memory.keep({ kind: 'heartbeat', position: 5, data: '{}' }, null);
  memory.keep({ kind: 'alarm', position: 7, data: '{"stored": true}' }, 5);
  const before = memory.after(after);
  memory.keep({ kind: 'reset', position: 50, data: '{}' }, 7);
  return [before && before.map((one) => one.position), memory.after(after), memory.after(50)];
}"""


async def test_a_tab_gets_what_came_after_its_place_and_nothing_else(page: Page) -> None:
    assert await page.evaluate(_NEWS, [4, 1, 20]) == [30, 40]
    assert await page.evaluate(_NEWS, [4, 1, 40]) == []
    assert await page.evaluate(_NEWS, [4, 1, 3]) == [10, 20, 30, 40]


async def test_a_tab_whose_place_is_forgotten_must_read_everything_anew(page: Page) -> None:
    assert await page.evaluate(_NEWS, [4, 1, 2]) is None
    assert await page.evaluate(_NEWS, [3100, 1, 900]) is None
    assert len(await page.evaluate(_NEWS, [3100, 1, 1000])) == 3000
    assert await page.evaluate(_NEWS, [100, 200_000, 500]) is None


async def test_heartbeats_move_the_place_and_a_reset_forgets_all_before_it(page: Page) -> None:
    assert await page.evaluate(_BEATS, 5) == [[7], None, []]
    assert await page.evaluate(_BEATS, 4) == [None, None, []]


async def test_cries_that_are_not_stored_wait_for_tabs_that_come_until_they_are(
    page: Page,
) -> None:
    waiting = await page.evaluate(_CRIES, False)
    assert (len(waiting), waiting[0], waiting[-1]) == (500, "c100", "c599")
    assert "c599" not in await page.evaluate(_CRIES, True)
