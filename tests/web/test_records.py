"""Sites, devices, events, deliveries, quarantine, tests, health and documents over the API."""

import re
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from adapters.signal import Lane
from gateway.domain.event import Event
from gateway.domain.kind import KINDS
from gateway.store import device_states, journal, quarantine
from gateway.store.database import StoreDown, Urgency
from gateway.store.device_states import DeviceState
from gateway.store.outbox import Settled
from gateway.store.quarantine import Refused
from gateway.web.house import Health
from tests.harness.changed import replace
from tests.web.building import Built


async def _get(house: Built, path: str, name: str = "aigerim") -> Any:  # noqa: ANN401
    async with house.client(name) as client:
        answer = await client.get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_sites_and_devices_are_those_of_ones_districts_when_they_are_listed(
    house: Built,
) -> None:
    assert [one["id"] for one in (await _get(house, "/sites"))["items"]] == [
        "school-12", "school-90",
    ]  # fmt: skip
    assert [one["id"] for one in (await _get(house, "/sites", "bolat"))["items"]] == ["school-90"]
    assert [one["id"] for one in (await _get(house, "/devices", "bolat"))["items"]] == [
        "button-90-1"
    ]
    async with house.client("bolat") as client:
        assert (await client.get("/api/v1/sites/school-12")).status_code == 404
        assert (await client.get("/api/v1/devices/gate-12-1")).status_code == 404


async def test_a_device_is_unknown_and_not_well_when_it_was_never_heard(house: Built) -> None:
    now = house.house.clock.now()
    house.house.presence.hear(
        "button-12-1", now, house.house.clock.monotonic(), "b1", registered=True
    )
    page = await _get(house, "/devices?limit=2")
    more = await _get(house, f"/devices?limit=2&cursor={page['next']}")
    well = await _get(house, "/devices?state=well")
    assert page["counts"] == {"unknown": 2, "well": 1, "silent": 0}
    assert [one["id"] for one in page["items"] + more["items"]] == [
        "button-12-1", "button-90-1", "gate-12-1",
    ]  # fmt: skip
    assert [one["id"] for one in well["items"]] == ["button-12-1"]


async def test_one_site_shows_its_zones_and_devices_when_it_is_looked_at(house: Built) -> None:
    site = await _get(house, "/sites/school-12")
    assert site["zones"][0]["name"]["ru"] == "Вестибюль"
    assert {one["id"] for one in site["devices"]} == {"button-12-1", "gate-12-1"}


def _event(house: Built, number: int, device: str) -> Event:
    return Event(
        device=device,
        kind=KINDS["panic.pressed"],
        lane=Lane.ALARM,
        id=f"e{number}",
        digest=b"d",
        link="b1",
        received_at=house.house.clock.now(),
        data={},
        body=b"{}",
        place=house.house.registry().place(device),
    )


async def test_events_are_paged_without_loss_when_two_gateways_wrote_them(house: Built) -> None:
    for gateway in ("g1", "g2"):
        written = [_event(house, n, f"{d}-1") for n in range(5) for d in ("button-12", gateway)]
        events = [replace(one, id=f"{gateway}{one.id}") for one in written]
        append = partial(
            journal.append, gateway=gateway, lane=Lane.ALARM, events=events, head=journal.Head()
        )
        await house.database.write(append, Urgency.ALARM)
    seen: list[tuple[str, int]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await _get(house, f"/events?limit=3{cursor}")
        seen += [(one["gateway"], one["number"]) for one in page["items"]]
        cursor = page["next"] and f"&cursor={page['next']}"
    assert sorted(seen) == [(g, n) for g in ("g1", "g2") for n in range(1, 11)]
    own = await _get(house, "/events", "bolat")
    assert {one["device"] for one in own["items"]} == {"g1-1", "g2-1"}


async def test_a_dead_letter_goes_again_when_a_supervisor_of_its_district_says_so(
    house: Built,
) -> None:
    await house.press()
    await house.settle(Settled.DEAD)
    [dead] = (await _get(house, "/deliveries?state=dead"))["items"]
    assert (await _get(house, "/deliveries", "bolat"))["items"] == []
    async with house.client("supervisor") as client:
        again = await client.post(f"/api/v1/deliveries/{dead['id']}/resend")
        unknown = await client.post("/api/v1/deliveries/99/resend")
    assert (again.status_code, unknown.status_code) == (202, 404)
    assert (await _get(house, "/deliveries?state=dead"))["items"] == []


async def test_quarantine_shows_what_was_said_escaped_when_it_is_no_text(house: Built) -> None:
    now, seal = house.house.clock.now(), house.house.seal
    odd = Refused(device="x", reason="not_json", link="b1", at=now, body=b"\xff<b>")
    await house.database.write(lambda c: quarantine.keep(c, seal, [odd]), Urgency.EVENT)
    [kept] = (await _get(house, "/quarantine", "technician"))["items"]
    assert (kept["body"], kept["count"]) == ("\\xff<b>", 1)


async def test_no_test_window_opens_while_a_real_p0_is_open_there(house: Built) -> None:
    body = {"devices": ["button-12-1"], "minutes": 10, "reason": "walk test"}
    alarm = await house.press(device="button-12-1")
    async with house.client("technician") as client:
        refused = await client.post("/api/v1/tests", json=body)
    said = refused.json()
    assert (refused.status_code, said["alarm"], said["site"]) == (409, alarm.id, "school-12")
    assert said["site_name"]["ru"]
    assert "(school-12): deal with it and close it first" in said["detail"]
    assert (await _get(house, "/tests"))["items"] == []


async def test_a_test_window_is_opened_and_closed_when_a_technician_asks(house: Built) -> None:
    body = {"devices": ["button-12-1"], "minutes": 10, "reason": "walk test"}
    async with house.client("technician") as client:
        opened = await client.post("/api/v1/tests", json=body)
        path = f"/api/v1/tests/{opened.json()['id']}"
        closed = await client.delete(path)
        strange = await client.post("/api/v1/tests", json={**body, "devices": ["nobody"]})
    assert (opened.status_code, closed.status_code, strange.status_code) == (201, 200, 404)
    assert opened.json()["expected"] == {"button-12-1": 3}
    assert closed.json()["closed_at"] is not None
    assert len((await _get(house, "/tests"))["items"]) == 1


@pytest.mark.parametrize(
    ("store", "brokers", "status"),
    [("ok", {"a": False, "b": True}, 200), ("late", {"a": True}, 200), ("ok", {"a": False}, 503),
     ("down", {"a": True}, 503)],
)  # fmt: skip
async def test_readiness_is_red_only_when_nothing_can_be_stored_or_heard(
    house: Built, store: str, brokers: dict[str, bool], status: int
) -> None:
    health = Health(
        store=store,
        brokers=brokers,
        receivers={"centre": "down"},
        outbox={},
        canary_age_s={},
        unstored=0,
        version="0",
    )
    house.app.state.house = replace(house.house, health=lambda: health)
    async with house.client() as client:
        answer = await client.get("/readyz")
    assert answer.status_code == status
    assert answer.json()["receivers"] == {"centre": "down"}


async def test_a_store_that_is_away_is_a_problem_and_no_crash_when_it_is_asked(
    house: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: object) -> None:
        raise StoreDown("gone")

    async with house.client("aigerim") as client:
        await client.get("/api/v1/alarms")
        monkeypatch.setattr(house.database, "read", away)
        answer = await client.get("/api/v1/alarms")
    assert (answer.status_code, answer.json()["status"]) == (503, 503)


async def test_the_documents_load_nothing_from_elsewhere_when_they_are_read(house: Built) -> None:
    async with house.client() as client:
        page = (await client.get("/api/v1/docs")).text
        described = (await client.get("/api/v1/openapi.json")).json()
    assert "/api/v1/alarms/{alarm}/claim" in page
    assert set(described["components"]["schemas"]["AlarmView"]["properties"]) > {"id", "version"}
    assert described["paths"]["/api/v1/alarms"]["get"]["security"]


def test_no_page_names_another_host_when_its_files_are_read() -> None:
    web = Path(str(resources.files("gateway.web")))
    files = [one for kind in ("static", "templates") for one in (web / kind).iterdir()]
    elsewhere = re.compile(r"(?:src|href|url|import|fetch|from)\W{1,3}(?:https?:)?//")
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=")
    assert len(files) > 10
    for file in files:
        assert not elsewhere.search(file.read_text()), file.name
        assert not inline.search(file.read_text()), file.name


async def test_a_device_keeps_its_last_sign_of_life_when_the_gateway_was_restarted(
    house: Built,
) -> None:
    now = house.house.clock.now()
    state = DeviceState(
        device="gate-12-1", heard_at=now, link="b1", online=True, said={"battery": 71}
    )
    await house.database.write(lambda c: device_states.save(c, [state], "g1", now), Urgency.EVENT)
    one = await _get(house, "/devices/gate-12-1")
    [listed] = [d for d in (await _get(house, "/devices"))["items"] if d["id"] == "gate-12-1"]
    assert (one["state"], listed["state"]) == ("unknown", "unknown")
    assert listed["heard_at"] == one["heard_at"] is not None
    assert one["said"] == {"battery": 71}
