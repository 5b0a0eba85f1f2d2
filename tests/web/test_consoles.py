"""Consoles over the API, and what the heartbeat says of them, of us, and of what climbs."""

from typing import Any, TypeVar

import pytest
from playwright.async_api import Browser, expect

from gateway.domain.consoles import LASTS
from gateway.domain.event import AlarmId
from gateway.store import audit_views
from gateway.store.audit_views import Sought
from gateway.store.database import Urgency, Work
from gateway.web import consoles, hub
from gateway.web.house import Health
from tests.harness import waiting
from tests.harness.changed import replace
from tests.web import reading
from tests.web.building import Built
from tests.web.visiting import visit

T = TypeVar("T")
HERE = "console-of-aigerim"
ARMED = {"armed": True, "sound": True}


async def _beat(served: Built, name: str = "aigerim") -> dict[str, Any]:
    """A heartbeat that was read after whatever happened before."""
    async with reading.stream(served, name) as stream:
        for _ in range(2):
            await stream.next("heartbeat")
        found: dict[str, Any] = (await stream.next("heartbeat")).data
        return found


async def test_a_console_that_sounds_is_there_and_watches_over_its_districts(house: Built) -> None:
    async with house.client("bolat") as client:
        said = await client.post(f"/api/v1/consoles/{HERE}", json=ARMED)
        page = (await client.get("/api/v1/consoles")).json()
    assert said.status_code == 200
    (one,) = page["items"]
    assert (one["person"], one["districts"], one["is_here"]) == ("bolat", ["auezov"], True)
    assert page["unarmed"] == ["medeu"]


@pytest.mark.parametrize("said", [{"armed": True, "sound": False}, {"armed": False, "sound": True}])
async def test_a_console_without_a_shift_or_without_sound_watches_over_nothing(
    house: Built, said: dict[str, bool]
) -> None:
    async with house.client("aigerim") as client:
        await client.post(f"/api/v1/consoles/{HERE}", json=said)
        page = (await client.get("/api/v1/consoles")).json()
    assert page["unarmed"] == ["auezov", "medeu"]


async def test_arming_a_console_and_leaving_it_is_in_the_audit_once_each(house: Built) -> None:
    async with house.client("bolat") as client:
        for armed in (True, True, False, False):
            house.app.state.signs = consoles.Signs()
            said = {"armed": armed, "sound": armed}
            await client.post(f"/api/v1/consoles/{HERE}", json=said)
    found = await house.database.read(lambda c: audit_views.listed(c, Sought(), 9))
    assert [(one.what, one.who, one.key) for one in found[::-1]] == [
        ("console_armed", "bolat", HERE),
        ("console_left", "bolat", HERE),
    ]


async def test_a_console_that_says_no_more_is_not_there(house: Built) -> None:
    async with house.client("aigerim") as client:
        await client.post(f"/api/v1/consoles/{HERE}", json=ARMED)
        now = house.house.clock.now() + LASTS
        house.app.state.house = replace(house.house, clock=_At(now))
        page = (await client.get("/api/v1/consoles")).json()
    assert [one["is_here"] for one in page["items"]] == [False]
    assert page["unarmed"] == ["auezov", "medeu"]


class _At:
    def __init__(self, moment: Any) -> None:  # noqa: ANN401 - a moment
        self._moment = moment

    def now(self) -> Any:  # noqa: ANN401 - likewise
        return self._moment


async def test_a_console_that_shouts_its_signs_is_written_down_once(
    house: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes, write = list[Urgency](), house.database.write

    async def counted(work: Work[T], urgency: Urgency) -> T:
        writes.append(urgency)
        return await write(work, urgency)

    monkeypatch.setattr(house.database, "write", counted)
    async with house.client("aigerim") as client:
        for _ in range(20):
            await client.post(f"/api/v1/consoles/{HERE}", json=ARMED)
        assert len(writes) == 1
        await client.post(f"/api/v1/consoles/{HERE}", json={"armed": True, "sound": False})
    assert len(writes) == 2


@pytest.mark.parametrize("key", ["short", "x" * 65, "with space", "a/b/c/d/e/f", "%00aaaaaaaa"])
async def test_a_console_of_a_strange_name_is_refused(house: Built, key: str) -> None:
    async with house.client("aigerim") as client:
        answer = await client.post(f"/api/v1/consoles/{key}", json=ARMED)
    assert answer.status_code in {404, 405, 422}


@pytest.mark.parametrize("name", ["technician", "auditor", "admin", "machine", "device"])
async def test_who_dispatches_nothing_arms_nothing(house: Built, name: str) -> None:
    async with house.client(name) as client:
        answer = await client.post(f"/api/v1/consoles/{HERE}", json=ARMED)
    assert answer.status_code == 403


async def test_a_heartbeat_says_who_watches_and_how_we_are(served: Built) -> None:
    health = Health(
        store="late",
        brokers={"b1": False},
        receivers={"centre": "down"},
        outbox={},
        canary_age_s={},
        unstored=0,
        version="0",
        clock_off_s=-3.21,
    )
    told = replace(served.house, health=lambda: health)
    served.app.state.hub._house = told  # noqa: SLF001 - it was made with the other
    async with served.client_outside("bolat") as client:
        await client.post(f"/api/v1/consoles/{HERE}", json=ARMED)
    beat = await _beat(served)
    assert beat["health"] == {
        "brokers": {"b1": False},
        "receivers": {"centre": "down"},
        "store": "late",
        "clock_off_s": -3.2,
    }
    assert beat["consoles"] == {"armed": 1, "here": 1}
    assert beat["unarmed"] == ["medeu"]
    assert beat["escalated"] == []


async def test_every_console_hears_where_an_alarm_has_climbed_but_not_which(served: Built) -> None:
    await served.press("a", escalation=2)
    await served.press("b", escalation=1)
    await served.press("c", escalation=3, device="button-90-1")
    beat = await _beat(served, "bolat")
    assert beat["escalated"] == [
        {"district": "auezov", "rung": 3, "count": 1},
        {"district": "medeu", "rung": 2, "count": 1},
    ]
    assert beat["open"]["P0"] == 1


async def test_a_wall_is_no_sign_that_anybody_sits_there(served: Built) -> None:
    watching: hub.Hub = served.app.state.hub
    async with (
        served.client_outside("aigerim") as client,
        client.stream("GET", "/api/v1/alarms/stream?seat=false") as wall,
    ):
        assert wall.status_code == 200
        assert watching.watching == set()
        async with client.stream("GET", "/api/v1/alarms/stream"):
            await waiting.until(lambda: watching.watching == {"aigerim"}, what="one sits there")
        await waiting.until(lambda: watching.watching == set(), what="nobody sits there")
        assert watching.take_left() == {"aigerim"}
        assert watching.take_left() == set()


async def test_a_step_of_the_procedure_is_a_line_of_the_time_line(house: Built) -> None:
    alarm = await house.press()
    path = f"/api/v1/alarms/{alarm.id}"
    async with house.client("aigerim") as client:
        answer = await client.post(f"{path}/procedure", json={"step": "call_school"})
        lines = (await client.get(path)).json()["transitions"]
    assert answer.status_code == 200
    assert lines[-1]["what"] == "procedure"
    assert lines[-1]["data"] == {"step": "call_school", "done": True}


async def test_only_a_supervisor_of_the_district_takes_over(house: Built) -> None:
    alarm = await house.press()
    path = f"/api/v1/alarms/{alarm.id}"
    async with house.client("aigerim") as client, house.client("supervisor") as chief:
        held = (await client.post(f"{path}/claim", json={})).json()
        body = {"version": held["version"]}
        refused = await client.post(f"{path}/take-over", json=body)
        taken = await chief.post(f"{path}/take-over", json=body)
        late = await chief.post(f"{path}/take-over", json={"version": 1})
    assert (refused.status_code, taken.status_code, late.status_code) == (403, 200, 409)
    assert taken.json()["claimed_by"] == "supervisor"


async def test_who_holds_it_agrees_to_the_centres_closing(house: Built) -> None:
    alarm = await house.press()
    path = f"/api/v1/alarms/{alarm.id}"
    said = {"id": "r1", "state": "closed", "disposition": "false"}
    async with house.client("aigerim") as client, house.client("machine") as centre:
        await client.post(f"{path}/claim", json={})
        shown = (await centre.post(f"{path}/respond", json=said)).json()
        ended = await client.post(f"{path}/agree", json={"version": shown["version"]})
    assert (shown["closing_as"], ended.json()["disposition"]) == ("false", "false")


async def test_a_new_view_says_how_far_it_has_climbed(house: Built) -> None:
    alarm = await house.press("a", id=AlarmId("d" * 32), escalation=2)
    async with house.client("aigerim") as client:
        one = (await client.get(f"/api/v1/alarms/{alarm.id}")).json()
    assert (one["escalation"], one["claimed_at"]) == (2, None)


async def test_who_sees_all_devices_of_a_test_hears_when_it_begins_and_ends(served: Built) -> None:
    body = {"devices": ["button-12-1"], "minutes": 5, "reason": "a drill"}
    async with (
        served.client_outside("supervisor") as chief,
        reading.stream(served, "supervisor") as stream,
        reading.stream(served, "bolat") as other,
    ):
        opened = (await chief.post("/api/v1/tests", json=body)).json()
        begun = await stream.next("test")
        await chief.delete(f"/api/v1/tests/{opened['id']}")
        ended = await stream.next("test")
        await chief.post("/api/v1/tests", json={**body, "devices": ["button-90-1"]})
        heard = await other.next("test")
    assert (begun.data["expected"], begun.data["closed_at"]) == ({"button-12-1": 3}, None)
    assert (ended.data["id"], ended.data["closed_at"] is None) == (opened["id"], False)
    assert list(heard.data["expected"]) == ["button-90-1"]


async def test_whoever_only_looks_at_the_wall_holds_nothing_by_it(
    served: Built, browser: Browser
) -> None:
    watching: hub.Hub = served.app.state.hub
    async with visit(browser, served, "supervisor", "/wall") as wall:
        await expect(wall.locator("#calm")).to_be_visible()
        await waiting.until(lambda: watching._listeners, what="the wall listens")  # noqa: SLF001
        assert watching.watching == set()
        async with visit(browser, served, "supervisor", "/") as page:
            await expect(page.locator("#pulse")).to_have_attribute("data-state", "live")
            assert watching.watching == {"supervisor"}
