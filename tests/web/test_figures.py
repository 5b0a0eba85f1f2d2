"""The report: figures over the API and as a page, of the reader's districts alone."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import etree

from gateway import relieve
from gateway.domain.alarm import Alarm, Disposition, State
from gateway.domain.decision import Transition
from gateway.domain.kind import Priority
from gateway.domain.operator import Operator, Role
from gateway.domain.site import Names
from gateway.store import alarms, operators
from gateway.store.database import Urgency
from gateway.store.operators import Token
from gateway.web import words
from tests.harness.changed import replace
from tests.store.making import change
from tests.web.building import Built

CHIEF = Token(
    name="medeu-chief",
    role=Role.SUPERVISOR,
    districts=("medeu",),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)
SVG = "{http://www.w3.org/2000/svg}"


async def taken(house: Built, alarm: Alarm, after_s: float, by: str = "aigerim") -> None:
    """Somebody took it so many seconds after it was raised."""
    line = Transition(
        alarm=alarm.id,
        what="claim",
        before=alarm.state,
        after=State.ACKNOWLEDGED,
        at=alarm.raised_at + timedelta(seconds=after_s),
        by=by,
    )
    moved = replace(change(alarm, "claim"), transition=line)
    await house.database.write(lambda c: alarms.save(c, [moved]), Urgency.STEP)


async def busy(house: Built) -> None:
    """Presses in both districts: taken soon, taken late, false; a device that fell silent."""
    now = house.house.clock.now()
    await taken(house, await house.press("a", raised_at=now - timedelta(seconds=90)), 12)
    await taken(house, await house.press("b", raised_at=now - timedelta(seconds=80)), 45)
    await house.press(
        "c",
        raised_at=now - timedelta(seconds=70),
        state=State.NORMAL,
        closed_at=now,
        disposition=Disposition.FALSE,
    )
    await house.press("d", device="button-90-1", priority=Priority.P1)
    silent_at = now - timedelta(seconds=30)
    await house.press(
        "e", device="gate-12-1", kind="device.silent", priority=Priority.P2, raised_at=silent_at
    )
    await house.database.write(
        lambda c: operators.add_token(c, CHIEF, "medeu-chief-secret"), Urgency.STEP
    )


async def read(house: Built, name: str, query: str = "") -> Any:  # noqa: ANN401 - JSON
    async with house.client(name) as client:
        answer = await client.get(f"/api/v1/figures{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def page(house: Built, name: str, query: str = "") -> str:
    async with house.client(name) as client:
        answer = await client.get(f"/report{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_supervisor_reads_how_quickly_alarms_were_taken(house: Built) -> None:
    await busy(house)
    found = await read(house, "supervisor", "?span=month")
    grave = found["claims"][0]
    assert (grave["raised"], grave["taken"], grave["after_s"]) == (3, 2, {"12": 1, "45": 1})
    assert [(goal["within_s"], goal["met"]) for goal in grave["goals"]] == [
        (30, False),
        (60, False),
    ]
    assert found["raised"] == {"P0": 3, "P1": 1, "P2": 1}
    assert found["false"] == [{"site": "school-12", "false": 1, "raised": 3}]
    assert found["quiet"][0]["district"] == "medeu"
    assert 25 < found["quiet"][0]["silent_s"] < 40


async def test_nobody_is_late_for_an_alarm_of_the_last_minute(house: Built) -> None:
    await house.press("a")
    found = await read(house, "supervisor")
    assert (found["raised"]["P0"], found["claims"][0]["raised"]) == (1, 0)
    assert found["claims"][0]["goals"][0]["met"] is None


async def test_a_districts_supervisor_reads_that_district_only(house: Built) -> None:
    await busy(house)
    found = await read(house, "medeu-chief", "?span=month")
    assert (found["districts"], found["raised"]) == (["medeu"], {"P0": 3, "P1": 0, "P2": 1})
    assert "auezov" not in await page(house, "medeu-chief")
    async with house.client("medeu-chief") as client:
        for path in ("/api/v1/figures", "/report"):
            assert (await client.get(f"{path}?district=auezov")).status_code == 404
    assert (await read(house, "supervisor", "?span=month&district=auezov"))["raised"]["P1"] == 1


async def test_a_shift_is_reported_to_who_sees_its_districts(house: Built) -> None:
    bolat = Operator(name="bolat", role=Role.DISPATCHER, districts=frozenset({"auezov"}))
    shift = await relieve.begin(house.house.desk, bolat)
    await busy(house)
    found = await read(house, "supervisor", f"?shift={shift.id}")
    assert (found["districts"], found["raised"]["P1"]) == (["auezov"], 1)
    assert "bolat" in await page(house, "supervisor", f"?shift={shift.id}&lang=en")
    async with house.client("medeu-chief") as client:
        assert (await client.get(f"/api/v1/figures?shift={shift.id}")).status_code == 404


@pytest.mark.parametrize("query", ["on=1900-01-01", "on=9999-12-31", "span=year", "on=soon"])
async def test_a_day_that_is_none_is_refused_in_words(house: Built, query: str) -> None:
    async with house.client("supervisor") as client:
        for path in ("/api/v1/figures", "/report"):
            assert (await client.get(f"{path}?{query}")).status_code == 422


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("span", ["day", "week", "month"])
async def test_every_picture_has_its_words_and_its_table(
    house: Built, language: str, span: str
) -> None:
    await busy(house)
    text = await page(house, "supervisor", f"?span={span}&lang={language}")
    pictures = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(pictures) == 4
    for drawn in pictures:
        svg = etree.fromstring(drawn)
        named = str(svg.get("aria-labelledby")).split()
        said = {one.get("id"): one.text for one in svg if one.tag in {f"{SVG}title", f"{SVG}desc"}}
        assert all(said[name] for name in named)
        assert svg.get("role") == "img"
    assert text.count("<caption") == 4
    assert "style=" not in text
    assert not re.findall(r"\b(?:report|wall|lasting|handover)\.(?!css|js)[a-z_]+", text)


async def test_a_script_in_a_schools_name_stays_text_in_picture_and_table(house: Built) -> None:
    await busy(house)
    evil = "</text><script>alert(1)</script>"
    registry = house.house.registry()
    site = replace(registry.sites["school-12"], name=Names(en=evil, kk=evil, ru=evil))
    registry.sites["school-12"] = site  # type: ignore[index]
    text = await page(house, "supervisor", "?span=month")
    assert "<script>alert" not in text
    assert "&lt;/text&gt;" in text


async def test_a_report_of_nothing_says_so(house: Built) -> None:
    text = await page(house, "supervisor", "?span=month&on=2020-02-29&lang=en")
    assert "No alarm was closed as false" in text
    assert "February 2020" in text


async def test_who_is_not_signed_in_is_led_to_the_door_and_who_may_not_is_refused(
    house: Built,
) -> None:
    for path, role in (("/report", "dispatcher"), ("/handover", "technician"), ("/wall", "device")):
        async with house.client() as stranger:
            answer = await stranger.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/signin")
        async with house.client(role) as client:
            assert (await client.get(path)).status_code == 403


async def test_the_report_of_a_shift_says_who_took_each_alarm(house: Built) -> None:
    async with house.client("aigerim") as client:
        shift = (await client.post("/api/v1/shifts")).json()["id"]
    now = house.house.clock.now()
    for key, by in (("a", "bolat"), ("b", "machine"), ("c", None)):
        alarm = await house.press(key, raised_at=now + timedelta(milliseconds=1))
        if by is not None:
            await taken(house, alarm, 0.001, by)
    found = etree.HTML(await page(house, "supervisor", f"?shift={shift}&lang=en"))
    table = found.find(".//section[@aria-labelledby='handled-title']//table")
    assert table is not None
    place = [one.text for one in table.iterfind("./thead//th")].index("Taken by")
    said = [str(row[place].text) for row in table.iterfind("./tbody/tr")]
    assert sorted(said) == ["bolat", "the centre", "–"]
