"""A test window: a person's word makes a press a test, and nothing else does."""

import pytest

from tests.harness import waiting
from tests.stories import town as towns
from tests.stories.town import Town

pytestmark = pytest.mark.servers


async def _told(town: Town, of: str) -> None:
    """Returns when the centre was told of a window."""

    async def found() -> int:
        types: dict[str, int] = (await town.centre.get("/summary"))["types"]
        return types.get(f"dabyl.test.{of}", 0)

    await waiting.until(found, what=f"the centre hears that it is {of}")


async def test_three_presses_in_a_window_are_tests_and_the_fourth_is_real(either: Town) -> None:
    body = {"devices": ["button-1"], "minutes": 5, "reason": "walk test"}
    window = await either.post("/tests", body, status=201)
    await _told(either, "opened")
    for _ in range(4):
        await either.devices.press("button-1")
    first, second = await towns.told(either.centre, "button-1", count=2)
    repeats = await towns.told(either.centre, "button-1", "repeated", count=2)
    assert (first["data"]["alarm"]["test"], second["data"]["alarm"]["test"]) == (True, False)
    assert {one["subject"] for one in repeats} == {first["subject"]}
    assert (await either.alarm("button-1", test=True))["count"] == 3
    assert (await either.api.delete(f"/api/v1/tests/{window['id']}")).status_code == 200
    await _told(either, "closed")
    await either.devices.press("button-2")
    await either.alarm("button-2", test=False)


async def test_a_cry_under_duress_is_real_in_any_window(town: Town) -> None:
    body = {"devices": ["button-1"], "minutes": 5, "reason": "walk test"}
    await town.post("/tests", body, status=201)
    for kind in ("panic.duress", "panic.holdup"):
        await town.devices.press("button-1", kind=kind)
        alarm = await town.alarm("button-1", kind=kind)
        assert (alarm["test"], alarm["silent"]) == (False, True)


async def test_what_a_device_itself_calls_a_test_is_real_and_marked(town: Town) -> None:
    await town.devices.press("button-1", test=True)
    alarm = await town.alarm("button-1")
    assert (alarm["test"], alarm["said_test"], alarm["priority"]) == (False, True, 0)
