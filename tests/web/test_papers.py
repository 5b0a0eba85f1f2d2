"""An alarm's papers over the API: access, plan, people inside, lately, procedure; test windows."""

from datetime import timedelta

import pytest

from gateway.domain.alarm import Disposition, State
from gateway.domain.kind import Priority
from gateway.domain.site import Names
from gateway.domain.window import Window
from gateway.store import windows
from gateway.store.database import Urgency
from gateway.web.papers import RECENT_LIMIT
from tests.harness.changed import replace
from tests.web import papers
from tests.web.building import Built

PLAN = "/api/v1/sites/school-12/plan"


async def test_a_dispatcher_has_all_papers_in_hand_when_an_alarm_opens(house: Built) -> None:
    papers.write(house)
    await papers.people_inside(house, 412)
    alarm = await house.press()
    async with house.client("aigerim") as client:
        answer = await client.get(f"/api/v1/alarms/{alarm.id}/papers")
    said = answer.json()
    assert answer.status_code == 200
    assert said["access"]["ru"].startswith("Ворота")
    assert (said["latitude"], said["longitude"]) == (43.24, 76.95)
    assert said["plan"]["at"] == [0.31, 0.82]
    assert [one["device"] for one in said["plan"]["cameras"]] == ["cam-12-1"]
    assert (said["occupancy"]["inside"], said["occupancy"]["quality"]) == (412, "counted")
    assert [step["id"] for step in said["procedure"]][:2] == ["send", "look"]
    assert said["recent"] == []


async def test_the_plan_is_shown_and_nothing_in_it_may_run(house: Built) -> None:
    papers.write(house)
    async with house.client("aigerim") as client:
        shown = await client.get(PLAN, params={"zone": "hall"})
        again = await client.get(
            PLAN, params={"zone": "hall"}, headers={"If-None-Match": shown.headers["ETag"]}
        )
    assert shown.text == papers.DRAWING
    assert shown.headers["Content-Type"] == "image/svg+xml"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert (again.status_code, again.content) == (304, b"")


async def test_papers_of_a_foreign_district_do_not_exist_for_a_dispatcher(house: Built) -> None:
    papers.write(house)
    alarm = await house.press()
    async with house.client("bolat") as client:
        of_alarm = await client.get(f"/api/v1/alarms/{alarm.id}/papers")
        of_site = await client.get(PLAN, params={"zone": "hall"})
    assert (of_alarm.status_code, of_site.status_code) == (404, 404)


@pytest.mark.parametrize("zone", ["cellar", "", "../hall"])
async def test_a_zone_without_a_plan_has_none(house: Built, zone: str) -> None:
    papers.write(house)
    async with house.client("aigerim") as client:
        answer = await client.get(PLAN, params={"zone": zone})
    assert answer.status_code == 404


async def test_a_plan_whose_file_is_not_there_is_missed_and_one_that_hangs_is_asked_again(
    house: Built,
) -> None:
    papers.write(house)
    house.plans.clear()
    async with house.client("aigerim") as client:
        missing = await client.get(PLAN, params={"zone": "hall"})

        async def hangs(_: str) -> bytes | None:
            raise TimeoutError

        house.app.state.house = replace(house.house, plan=hangs)
        later = await client.get(PLAN, params={"zone": "hall"})
    assert (missing.status_code, later.status_code) == (404, 503)
    assert later.headers["Retry-After"]


async def test_a_mark_is_not_shown_on_another_floors_plan(house: Built) -> None:
    papers.write(house)
    registry = house.house.registry()
    attic = replace(
        registry.zones["school-12", "hall"], id="attic", name=Names(en="Attic"), plan="attic.svg"
    )
    registry.zones["school-12", "attic"] = attic  # type: ignore[index]
    alarm = await house.press(zone="attic")
    async with house.client("aigerim") as client:
        plan = (await client.get(f"/api/v1/alarms/{alarm.id}/papers")).json()["plan"]
    assert plan["link"].endswith("zone=attic")
    assert (plan["at"], plan["cameras"]) == (None, [])


async def test_yesterdays_count_says_nothing_of_now_and_spoilt_ones_say_so(house: Built) -> None:
    alarm = await house.press()
    async with house.client("aigerim") as client:
        path = f"/api/v1/alarms/{alarm.id}/papers"
        await papers.people_inside(house, 300, days_ago=1)
        yesterday = (await client.get(path)).json()["occupancy"]
        await papers.people_inside(house, 300, opened=True)
        opened = (await client.get(path)).json()["occupancy"]
    assert yesterday is None
    assert opened["quality"] == "not_counted"


async def test_the_sites_last_day_is_told_newest_first_without_the_alarm_itself(
    house: Built,
) -> None:
    now = house.house.clock.now()
    await house.press("b", raised_at=now - timedelta(hours=25), last_at=now)
    await house.press("c", raised_at=now - timedelta(hours=2), device="gate-12-1", zone="hall")
    await house.press(
        "d",
        raised_at=now - timedelta(hours=1),
        state=State.NORMAL,
        closed_at=now,
        disposition=Disposition.FALSE,
        note="бала басты",
    )
    await house.press("e", device="button-90-1")
    alarm = await house.press("a")
    async with house.client("aigerim") as client:
        said = (await client.get(f"/api/v1/alarms/{alarm.id}/papers")).json()["recent"]
    assert [one["id"][0] for one in said] == ["d", "c"]
    assert (said[0]["disposition"], said[0]["note"]) == ("false", "бала басты")


async def test_a_noisy_sites_day_is_cut(house: Built) -> None:
    now = house.house.clock.now()
    for number in range(RECENT_LIMIT + 3):
        key = f"{number:032x}"
        await house.press(key, wake=False, raised_at=now - timedelta(minutes=number + 1))
    alarm = await house.press("a")
    async with house.client("aigerim") as client:
        said = (await client.get(f"/api/v1/alarms/{alarm.id}/papers")).json()["recent"]
    assert len(said) == RECENT_LIMIT


async def test_an_alarm_that_nobody_placed_has_a_procedure_and_no_site(house: Built) -> None:
    alarm = await house.press(device="stranger", registered=False)
    async with house.client("aigerim") as client:
        said = (await client.get(f"/api/v1/alarms/{alarm.id}/papers")).json()
    assert (said["access"], said["plan"], said["occupancy"], said["recent"]) == (None,) * 3 + ([],)
    assert said["procedure"]


async def test_door_codes_are_for_people_and_not_for_machines(house: Built) -> None:
    papers.write(house)
    alarm = await house.press()
    async with house.client("machine") as client:
        said = (await client.get(f"/api/v1/alarms/{alarm.id}/papers")).json()
        whole = (await client.get(f"/api/v1/alarms/{alarm.id}")).text
        site = (await client.get("/api/v1/sites/school-12")).text
    assert said["access"] is None
    assert "4512" not in whole + site


@pytest.mark.parametrize("disposition", ["confirmed", "false"])
async def test_closing_needs_a_note_where_one_must_be_able_to_read_what_it_was(
    house: Built, disposition: str
) -> None:
    alarm = await house.press()
    path, body = f"/api/v1/alarms/{alarm.id}/close", {"version": 1, "disposition": disposition}
    async with house.client("aigerim") as client:
        bare = await client.post(path, json=body)
        blank = await client.post(path, json=body | {"note": "  "})
        told = await client.post(path, json=body | {"note": "a child pressed it"})
    assert (bare.status_code, blank.status_code, told.status_code) == (422, 422, 200)
    assert "needs a note" in bare.json()["detail"]


async def test_a_test_window_says_in_which_school_it_is(house: Built) -> None:
    now = house.house.clock.now()
    window = Window(
        id="f" * 32,
        expected={"button-12-1": 3, "gate-12-1": 1},
        heard={},
        opened_at=now,
        until=now + timedelta(minutes=5),
        by="technician",
        reason="walk test",
    )
    await house.database.write(lambda c: windows.open_window(c, window), Urgency.STEP)
    async with house.client("technician") as client:
        (said,) = (await client.get("/api/v1/tests")).json()["items"]
    assert [one["id"] for one in said["sites"]] == ["school-12"]
    assert said["expected"] == {"button-12-1": 3, "gate-12-1": 1}


async def test_a_trouble_has_another_procedure_than_a_press(house: Built) -> None:
    trouble = await house.press("b", kind="device.silent", priority=Priority.P2)
    async with house.client("aigerim") as client:
        said = (await client.get(f"/api/v1/alarms/{trouble.id}/papers")).json()
    assert [step["id"] for step in said["procedure"]] == ["technician", "without", "end"]
