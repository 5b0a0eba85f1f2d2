"""Alarms over the API: listed, looked at, and moved by steps."""

from datetime import UTC, datetime

from sqlalchemy import update

from gateway.domain.kind import Priority
from gateway.store import deliveries, schema
from gateway.store.database import Urgency
from gateway.web import paging
from tests.web.building import Built

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_FIELDS = (
    "id kind priority state hidden silent test said_test count site zone device part raised_at"
    " last_at pressed_at claimed_by claimed_until disposition version"
)


async def test_an_alarm_has_the_fields_of_the_contract_when_it_is_listed(house: Built) -> None:
    await house.press()
    async with house.client("aigerim") as client:
        body = (await client.get("/api/v1/alarms?open=true")).json()
    [alarm] = body["items"]
    assert body["next"] is None
    assert set(_FIELDS.split()) <= set(alarm)
    assert alarm["raised_at"].endswith("Z")
    assert alarm["place"]["site"]["en"] == "Secondary school No. 12"


async def test_pages_show_every_alarm_once_when_they_are_followed(house: Built) -> None:
    pressed = {(await house.press(key)).id for key in "abcdefg"}
    seen: list[str] = []
    cursor: str | None = ""
    async with house.client("aigerim") as client:
        while cursor is not None:
            page = (await client.get(f"/api/v1/alarms?limit=3{cursor}")).json()
            seen += [alarm["id"] for alarm in page["items"]]
            cursor = page["next"] and f"&cursor={page['next']}"
    assert len(seen) == 7
    assert set(seen) == pressed


async def test_pages_by_gravity_show_the_gravest_first_when_they_are_followed(
    house: Built,
) -> None:
    for key, priority in (("a", Priority.P2), ("b", Priority.P0), ("c", Priority.P1)):
        await house.press(key, priority=priority)
    seen: list[str] = []
    cursor: str | None = ""
    async with house.client("aigerim") as client:
        while cursor is not None:
            asked = f"/api/v1/alarms?open=true&order=gravity&limit=1{cursor}"
            page = (await client.get(asked)).json()
            seen += [alarm["id"][0] for alarm in page["items"]]
            cursor = page["next"] and f"&cursor={page['next']}"
        newest = (await client.get("/api/v1/alarms?limit=1")).json()["next"]
        mixed = await client.get(f"/api/v1/alarms?open=true&order=gravity&cursor={newest}")
        unknown = await client.get("/api/v1/alarms?order=loudest")
        whole = await client.get("/api/v1/alarms?order=gravity")
    assert seen == ["b", "c", "a"]
    assert (mixed.status_code, unknown.status_code, whole.status_code) == (400, 422, 422)


async def test_a_cursor_is_refused_when_it_is_none_of_ours(house: Built) -> None:
    huge = paging.cursor("gravity", (2**62, 0, house.house.clock.now(), "a"))
    async with house.client("aigerim") as client:
        for bad in ("x", "%00", "W10", "WyJzaXRlcyIsImEiXQ", "a" * 400, huge):
            answer = await client.get(f"/api/v1/alarms?open=true&order=gravity&cursor={bad}")
            assert answer.status_code == 400, bad
            assert answer.headers["content-type"] == "application/problem+json"


async def test_filters_leave_the_others_out_when_they_are_asked_for(house: Built) -> None:
    await house.press("a")
    await house.press("b", device="button-90-1", priority=Priority.P1, kind="tamper.opened")
    async with house.client("aigerim") as client:
        for query, key in (("priority=P1", "b"), ("priority=0", "a"), ("site=school-90", "b")):
            page = (await client.get(f"/api/v1/alarms?{query}")).json()
            assert [one["id"][0] for one in page["items"]] == [key], query


async def test_an_alarm_does_not_exist_when_it_is_of_another_district(house: Built) -> None:
    alarm = await house.press()
    async with house.client("bolat") as client:
        assert (await client.get("/api/v1/alarms")).json()["items"] == []
        assert (await client.get(f"/api/v1/alarms/{alarm.id}")).status_code == 404
        assert (await client.post(f"/api/v1/alarms/{alarm.id}/claim")).status_code == 404


async def test_one_alarm_tells_its_life_when_it_is_looked_at(house: Built) -> None:
    alarm = await house.press()
    async with house.client("aigerim") as client:
        await client.post(f"/api/v1/alarms/{alarm.id}/claim", json={})
        one = (await client.get(f"/api/v1/alarms/{alarm.id}")).json()
    assert [line["what"] for line in one["transitions"]] == ["raise", "claim"]
    assert {owed["receiver"] for owed in one["deliveries"]} == {"centre"}
    assert one["evidence"] == []
    assert (one["claimed_by"], one["state"]) == ("aigerim", "ACKNOWLEDGED")


async def test_a_second_claim_learns_who_was_first_when_it_comes_late(house: Built) -> None:
    alarm = await house.press()
    async with house.client("aigerim") as first, house.client("dispatcher") as second:
        taken = await first.post(f"/api/v1/alarms/{alarm.id}/claim", json={})
        again = await first.post(f"/api/v1/alarms/{alarm.id}/claim", json={})
        late = await second.post(f"/api/v1/alarms/{alarm.id}/claim", json={})
    assert (taken.status_code, again.status_code, late.status_code) == (200, 200, 409)
    assert late.json()["by"] == "aigerim"


async def test_a_step_is_refused_when_its_version_is_stale(house: Built) -> None:
    alarm = await house.press()
    path = f"/api/v1/alarms/{alarm.id}"
    async with house.client("aigerim") as first, house.client("dispatcher") as second:
        await first.post(f"{path}/acknowledge", json={"version": alarm.version})
        stale = await second.post(
            f"{path}/close", json={"version": alarm.version, "disposition": "suspicious"}
        )
    assert stale.status_code == 409
    assert (stale.json()["by"], stale.json()["version"]) == ("aigerim", alarm.version + 1)


async def test_a_life_is_never_shelved_when_somebody_asks(house: Built) -> None:
    alarm = await house.press()
    body = {"version": 1, "until": "2099-01-01T00:00:00Z", "reason": "noise"}
    async with house.client("aigerim") as client:
        answer = await client.post(f"/api/v1/alarms/{alarm.id}/shelve", json=body)
    assert answer.status_code == 409


async def test_people_are_told_of_unknown_fields_when_they_send_them(house: Built) -> None:
    alarm = await house.press()
    async with house.client("aigerim") as client:
        answer = await client.post(f"/api/v1/alarms/{alarm.id}/note", json={"note": "a", "x": 1})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"] == "body.x"


async def test_the_centre_may_say_more_than_we_know_when_it_responds(house: Built) -> None:
    alarm = await house.press()
    body = {"id": "r1", "state": "dispatched", "crew": 7, "operator": {"name": "Serik", "x": 1}}
    async with house.client("machine") as centre:
        answer = await centre.post(f"/api/v1/alarms/{alarm.id}/respond", json=body)
        closing = await centre.post(
            f"/api/v1/alarms/{alarm.id}/respond", json={"id": "r2", "state": "closed"}
        )
    assert (answer.status_code, closing.status_code) == (200, 422)


async def test_a_machine_sees_no_alarm_to_answer_when_it_was_not_told_of_it(house: Built) -> None:
    alarm = await house.press(priority=Priority.P2, kind="battery.low")
    owed = await house.database.read(lambda c: deliveries.of_alarm(c, alarm.id))
    async with house.client("machine") as centre:
        answer = await centre.post(
            f"/api/v1/alarms/{alarm.id}/respond", json={"id": "r1", "state": "accepted"}
        )
    assert owed == []
    assert answer.status_code == 404


async def test_a_closing_is_taken_back_when_it_was_a_mistake(house: Built) -> None:
    alarm = await house.press()
    path = f"/api/v1/alarms/{alarm.id}"
    body = {"version": 2, "reason": "the wrong row"}
    async with house.client("aigerim") as client, house.client("dispatcher") as other:
        await client.post(f"{path}/close", json={"version": 1, "disposition": "suspicious"})
        unsaid = await other.post(f"{path}/reopen", json={"version": 2, "reason": " "})
        back = await other.post(f"{path}/reopen", json=body)
        again = await other.post(f"{path}/reopen", json=body)
        late = await client.post(f"{path}/reopen", json=body)
        twice = await other.post(f"{path}/reopen", json=body | {"version": 3})
        listed = (await client.get("/api/v1/alarms?open=true")).json()["items"]
    assert (unsaid.status_code, again.status_code, late.status_code) == (422, 200, 409)
    shown = back.json()
    assert (shown["state"], shown["claimed_by"]) == ("ACKNOWLEDGED", "dispatcher")
    assert (shown["disposition"], shown["closed_at"]) == (None, None)
    assert late.json()["by"] == "dispatcher"
    assert (twice.status_code, twice.json()["step"]) == (409, "reopen")
    assert [one["id"] for one in listed] == [alarm.id]


async def test_an_old_closing_is_refused_in_words_when_somebody_takes_it_back(
    house: Built,
) -> None:
    alarm = await house.press()
    path = f"/api/v1/alarms/{alarm.id}"
    async with house.client("aigerim") as client:
        await client.post(f"{path}/close", json={"version": 1, "disposition": "suspicious"})
        await house.database.write(
            lambda c: c.execute(update(schema.alarms).values(closed_at=LONG_AGO)), Urgency.STEP
        )
        answer = await client.post(f"{path}/reopen", json={"version": 2, "reason": "a mistake"})
    assert (answer.status_code, answer.json()["reason"]) == (409, "too_late")
    assert "24 hours" in answer.json()["detail"]
