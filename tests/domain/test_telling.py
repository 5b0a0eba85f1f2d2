"""Telling: the CloudEvent that the centre gets, in the contract's shape and size."""

from typing import Any

import msgspec
import pytest

from gateway.domain import telling
from gateway.domain.alarm import Alarm
from gateway.domain.decision import Change
from gateway.domain.event import Affected
from gateway.domain.site import Names, Registry
from gateway.domain.telling import Anchor, Context, Inside, Teller
from tests.domain.making import HALL, NOW, REGISTRY, SCHOOL, decided, event, raised
from tests.harness.changed import replace

TELLER = Teller(installation="test", gateway="g1", base_url="https://dabyl.example")

# Contract, the operations centre: the keys of `data`, and of what is in it.
KEYS = {
    "alarm": "id kind priority state silent test said_test unexpected id_reused count raised_at"
    " pressed_at",
    "site": "id name address district latitude longitude phones",
    "zone": "id name building floor",
    "place": "source proven_at doubt",
    "device": "id kind part registered event_id event_ids",
    "occupancy": "inside as_of quality",
    "journal": "gateway number hash",
    "delivery": "receiver gateway sequence",
    "links": "alarm evidence",
}


def context(registry: Registry = REGISTRY) -> Context:
    anchor = Anchor(gateway="g1", number=7, hash=bytes(32))
    return Context(now=NOW, registry=registry, anchor=anchor, drifting=lambda _: False)


def told(change: Change, inside: Inside | None = None) -> dict[str, Any]:
    content = telling.content(change, 3, TELLER, context(), inside)
    body = telling.frozen(content, "centre", "g1", 9)
    found: dict[str, Any] = msgspec.json.decode(body)
    return found


def changed(alarm: Alarm) -> Change:
    (change,) = decided(event("panic.pressed"))
    return replace(change, alarm=alarm)


def test_a_trouble_of_many_tells_how_many() -> None:
    plain = raised()
    many = replace(plain, affected=Affected(devices=84, of_devices=90, sites=7, of_sites=9))
    assert told(changed(plain))["data"]["alarm"]["affected"] is None
    counted = {"devices": 84, "of_devices": 90, "sites": 7, "of_sites": 9}
    assert told(changed(many))["data"]["alarm"]["affected"] == counted


def test_a_notice_is_a_cloud_event_of_the_contracts_shape() -> None:
    inside = Inside(inside=412, as_of=NOW, quality="counted")
    found = told(changed(raised()), inside)
    data = found.pop("data")
    assert found == {
        "specversion": "1.0",
        "id": f"{raised().id}:3",
        "source": "/dabyl/sites/school-12",
        "subject": raised().id,
        "type": "dabyl.alarm.raised",
        "time": "2026-11-22T03:15:42.131Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:dabyl:alarm:1",
    }
    others = {"operator": None, "disposition": None, "note": None, "stored": True}
    assert {key: data[key] for key in others} == others
    assert set(data) == {*KEYS, *others}
    assert data["occupancy"] == {"inside": 412, "as_of": found["time"], "quality": "counted"}


@pytest.mark.parametrize("part", KEYS)
def test_each_part_of_a_notice_has_every_key_of_the_contract(part: str) -> None:
    inside = Inside(inside=412, as_of=NOW, quality="counted")
    data = told(changed(raised()), inside)["data"]
    assert set(KEYS[part].split()) <= set(data[part])


def test_the_alarm_in_a_notice_says_when_it_was_pressed_and_how_sure_that_is() -> None:
    alarm = told(changed(raised()))["data"]["alarm"]
    assert alarm["pressed_at"] == {"value": "2026-11-22T03:15:42.131Z", "quality": "received"}
    assert (alarm["priority"], alarm["state"]) == (0, "UNACKNOWLEDGED")


def test_an_unregistered_cry_is_told_unplaced() -> None:
    found = told(changed(raised(by="nobody-7")))
    data = found["data"]
    assert (found["source"], data["site"], data["zone"]) == ("/dabyl/unplaced", None, None)
    assert (data["device"]["registered"], data["place"]["doubt"]) == (False, "unregistered")


def test_the_same_change_is_always_the_same_bytes() -> None:
    event_ = telling.content(changed(raised()), 1, TELLER, context(), None)
    assert telling.frozen(event_, "centre", "g1", 9) == telling.frozen(event_, "centre", "g1", 9)


@pytest.mark.parametrize("letter", ["x", "Ш", "🚨"])
def test_the_longest_notice_stays_below_64_kib(letter: str) -> None:
    long = letter * 2000
    names = Names(kk=long, ru=long, en=long)
    site = replace(SCHOOL, name=names, address=long, phones=(long,) * 30)
    zone = replace(HALL, name=names, building=long, floor=long)
    registry = replace(REGISTRY, sites={site.id: site}, zones={(site.id, zone.id): zone})
    ids = tuple(f"{n:03}{'x' * 37}" for n in range(500))
    change = replace(changed(replace(raised(), note=letter * 9000)), event_ids=ids)
    event_ = telling.content(change, 1, TELLER, context(registry), None)
    assert len(telling.frozen(event_, "c" * 40, "g" * 40, 2**62)) <= 64 * 1024
    assert len(event_["data"]["note"]) == 2000
    assert event_["data"]["device"]["event_ids"] == list(ids)


def test_control_letters_do_not_blow_a_notice_up() -> None:
    change = changed(replace(raised(), note="\x01" * 2000, claimed_by="\x01" * 80))
    content = telling.content(change, 1, TELLER, context(), None)
    assert len(telling.frozen(content, "c", "g", 1)) < 65_536
