"""How a simulated panic button thinks, without any wire."""

import itertools
import json

import pytest

from simulators.acts import Act, Deed
from simulators.character import Character, DeviceClass
from simulators.clock import ClockQuality, DeviceClock, PushedClock, read
from simulators.outputs import Publish
from simulators.panic_button.machine import Button, Settings
from simulators.stage import Actor, Stage
from simulators.wire import Leaf
from tests.simulators.button_bench import Bench


def test_button_says_all_the_contract_asks_when_pressed() -> None:
    bench = Bench()
    bench.press()
    assert bench.said() == [
        {
            "id": "id-1",
            "kind": "panic.pressed",
            "at": "2026-11-23T08:00:00.000+05:00",
            "age_ms": 0,
            "clock": "synced",
            "boot": 1,
            "seq": 0,
        }
    ]


def test_button_repeats_every_two_seconds_until_its_receipt() -> None:
    bench = Bench()
    bench.press()
    bench.pass_(4.5)
    bench.receipt()
    bench.pass_(60)
    assert [body["age_ms"] for body in bench.said()] == [0, 2000, 4000]
    assert {body["id"] for body in bench.said()} == {"id-1"}


def test_button_changes_nothing_but_the_age_when_it_repeats() -> None:
    bench = Bench()
    bench.press()
    bench.pass_(10)
    bodies = [{**body, "age_ms": 0} for body in bench.said()]
    assert len(bodies) > 3
    assert all(body == bodies[0] for body in bodies)


def test_button_goes_to_the_next_broker_after_five_seconds_and_then_alternates() -> None:
    bench = Bench()
    bench.press()
    bench.pass_(11.5)
    assert [body["age_ms"] for body in bench.said()] == [0, 2000, 4000, 5000, 7000, 9000, 11000]
    assert bench.brokers() == [0, 0, 0, 1, 0, 1, 0]


def test_button_begins_at_the_broker_that_answered_last_when_pressed_again() -> None:
    bench = Bench()
    bench.press()
    bench.pass_(5)
    bench.receipt(broker=1)
    bench.press()
    assert bench.brokers()[-1] == 1


def test_button_stays_with_its_broker_when_it_is_of_class_b() -> None:
    bench = Bench(device_class=DeviceClass.B)
    bench.press()
    bench.pass_(20)
    assert set(bench.brokers()) == {0}


def test_button_tells_its_last_thirty_two_alarms_when_asked_to_resend() -> None:
    bench = Bench()
    for number in range(1, 41):
        bench.press()
        bench.receipt(f"id-{number}")
    bench.outputs.clear()
    bench.command("resend")
    assert [body["id"] for body in bench.said()] == [f"id-{number}" for number in range(9, 41)]


def test_button_forgets_an_alarm_when_confirm_says_delivered() -> None:
    bench = Bench()
    bench.press()
    bench.receipt()
    bench.command("confirm", level="delivered")
    bench.outputs.clear()
    bench.command("resend", command_id="c2")
    assert bench.said() == []


def test_button_keeps_an_alarm_without_receipt_when_another_is_confirmed() -> None:
    bench = Bench()
    bench.press()
    bench.receipt()
    bench.press()
    bench.command("confirm", level="delivered")
    bench.command("resend", command_id="c2")
    assert bench.said()[-1]["id"] == "id-2"


def test_button_gives_up_a_stored_alarm_first_when_its_memory_is_full() -> None:
    bench = Bench()
    for _ in range(32):
        bench.press()
    bench.receipt("id-5")
    bench.press()
    kept = [event.id for event in bench.button.station.memory.kept_alarms()]
    assert "id-1" in kept
    assert "id-5" not in kept
    assert bench.button.station.memory.forgotten == 0


def test_button_repeats_on_when_a_refusal_names_no_event() -> None:
    bench = Bench()
    bench.press()
    bench.hear(Leaf.RECEIPT, 0, {"refused": "unreadable"})
    bench.pass_(3)
    assert len(bench.said()) == 2


def test_button_marks_the_new_boot_and_counts_from_zero_after_a_reboot() -> None:
    bench = Bench()
    bench.press()
    bench.press()
    bench.act(Deed.REBOOT)
    bench.press()
    assert [(body["boot"], body["seq"]) for body in bench.said()] == [(1, 0), (1, 1), (2, 0)]


def test_button_does_a_command_once_and_answers_each_time_when_it_is_repeated() -> None:
    bench = Bench()
    bench.command("test")
    bench.command("test")
    assert [body["test"] for body in bench.said()] == [True]
    assert bench.said(Leaf.REPLY) == [{"id": "c1", "ok": True}] * 2


def test_button_neither_does_nor_answers_a_command_after_its_time() -> None:
    bench = Bench()
    bench.command("test", in_s=-1)
    assert bench.outputs == []


def test_button_judges_the_time_of_a_command_by_the_beacon_when_its_own_clock_is_wrong() -> None:
    bench = Bench(clock=DeviceClock(quality=ClockQuality.FREE, offset_s=3600))
    beacon = json.dumps({"at": bench.clock.now().isoformat()}).encode()
    bench.button.beacon(read(bench.clock), beacon)
    bench.command("test")
    assert len(bench.said()) == 1


def test_button_says_why_not_when_it_cannot_do_a_command() -> None:
    bench = Bench(device_class=DeviceClass.B)
    bench.command("resend")
    bench.command("unlock", command_id="c2")
    assert [body["error"] for body in bench.said(Leaf.REPLY)] == ["unsupported"] * 2


@pytest.mark.parametrize("payload", [b"", b"\xff", b"[]", b'{"id": 7}', b'{"id": "c"'])
def test_button_lives_on_when_it_hears_what_nobody_can_read(payload: bytes) -> None:
    bench = Bench()
    bench.press()
    for leaf in Leaf:
        bench.outputs += bench.button.heard(read(bench.clock), 0, leaf, payload)
    bench.outputs += bench.button.beacon(read(bench.clock), payload)
    bench.pass_(3)
    assert len(bench.said()) == 2


@pytest.mark.parametrize(
    "until", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "x", ""]
)
def test_button_says_that_until_is_missing_when_it_cannot_read_it(until: str) -> None:
    bench = Bench()
    bench.beacon()
    bench.hear(Leaf.COMMAND, 0, {"id": "c1", "command": "test", "until": until})
    assert bench.said() == []
    assert bench.said(Leaf.REPLY)[0]["error"] == "until is missing"


def test_button_at_rest_plans_one_waking_however_often_it_was_pressed() -> None:
    clock = PushedClock()
    stage = Stage(clock, lambda _: None)
    character = Character(device="b1", model="test")
    ids = (f"id-{number}" for number in itertools.count())
    actor = Actor(
        "b1", Button(Settings(character=character), read(clock), lambda: next(ids)), stage
    )
    for number in range(100):
        actor.do(Act(deed=Deed.PRESS))
        actor.heard(0, Leaf.RECEIPT, json.dumps({"id": f"id-{number}"}).encode())
        clock.push(3)
        stage.wake_due()
    clock.push(60)
    stage.wake_due()
    assert stage.planned() == 1


def test_button_lies_about_the_time_as_its_clock_does() -> None:
    drifting = DeviceClock(quality=ClockQuality.FREE, offset_s=60, drift_ppm=1e6)
    bench = Bench(clock=drifting)
    bench.pass_(30)
    bench.press()
    assert bench.said()[0]["at"] == "2026-11-23T08:02:00.000+05:00"
    assert bench.said()[0]["clock"] == "free"


def test_button_tells_its_battery_once_when_it_falls_and_once_when_it_is_changed() -> None:
    bench = Bench()
    for percent in (50, 19, 10, 100):
        bench.act(Deed.BATTERY, percent)
    said = bench.said(Leaf.EVENT)
    assert [body["kind"] for body in said] == ["battery.low", "battery.restored"]


def test_button_checks_in_at_every_broker_every_thirty_seconds() -> None:
    bench = Bench(check_in_s=30.0)
    bench.pass_(60)
    states = [o for o in bench.outputs if isinstance(o, Publish) and o.leaf is Leaf.STATE]
    assert [state.broker for state in states] == [0, 1, 0, 1]
    assert all(state.retain for state in states)
    assert bench.said(Leaf.STATE)[0]["every_s"] == 30
