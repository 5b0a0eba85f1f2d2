"""What the lamp of a simulated panic button says, and when it says nothing."""

import pytest

from simulators.acts import Deed
from simulators.character import DeviceClass
from simulators.outputs import Sound
from simulators.panic_button.machine import Lamp
from simulators.wire import Leaf
from tests.simulators.button_bench import Bench


def test_button_speaks_once_when_it_is_of_class_c() -> None:
    bench = Bench(device_class=DeviceClass.C)
    bench.press()
    bench.pass_(20)
    assert len(bench.said()) == 1
    assert bench.lamps() == [Lamp.SENDING, Lamp.IDLE]


def test_button_shows_how_far_its_alarm_has_come_at_each_step() -> None:
    bench = Bench()
    bench.press()
    bench.receipt()
    for number, level in enumerate(("delivered", "seen", "dispatched", "on_scene", "closed")):
        bench.command("confirm", command_id=f"c{number}", level=level)
    bench.beacon()
    assert bench.lamps() == [
        "sending", "stored", "delivered", "seen", "dispatched", "on_scene", "closed",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["panic.holdup", "panic.duress"])
def test_button_shows_no_light_and_no_sound_when_the_cry_is_silent(kind: str) -> None:
    bench = Bench(kind=kind)
    bench.press()
    bench.receipt()
    bench.command("confirm", level="dispatched", silent=False)
    bench.command("siren", command_id="c2")
    assert bench.lamps() == []
    assert not any(isinstance(output, Sound) for output in bench.outputs)


def test_button_shows_nothing_ever_when_it_is_set_silent() -> None:
    bench = Bench(silent=True)
    bench.press()
    bench.receipt()
    bench.command("confirm", level="seen")
    bench.command("identify", command_id="c2")
    bench.pass_(60)
    assert bench.lamps() == []


def test_button_shows_not_protected_when_it_heard_no_beacon_for_thirty_seconds() -> None:
    bench = Bench()
    bench.pass_(29)
    assert bench.lamps() == []
    bench.pass_(1)
    assert bench.lamps() == [Lamp.NOT_PROTECTED]
    bench.beacon()
    assert bench.lamps() == [Lamp.NOT_PROTECTED, Lamp.IDLE]


def test_button_says_sending_rather_than_not_protected_when_it_cries_unheard() -> None:
    bench = Bench()
    bench.press()
    bench.pass_(40)
    assert bench.button.lamp is Lamp.SENDING


def test_button_stops_repeating_and_shows_it_when_it_is_refused() -> None:
    bench = Bench()
    bench.press()
    bench.receipt(refused="too large")
    bench.pass_(10)
    assert len(bench.said()) == 1
    assert bench.button.lamp is Lamp.REFUSED


def test_button_shows_stored_when_a_receipt_follows_a_refusal_without_id() -> None:
    bench = Bench()
    bench.press()
    bench.hear(Leaf.RECEIPT, 0, {"refused": "unreadable"})
    bench.receipt()
    assert bench.lamps() == ["sending", "refused", "stored"]


def test_button_still_says_sending_when_it_rebooted_before_its_receipt() -> None:
    bench = Bench()
    bench.press()
    bench.act(Deed.REBOOT)
    bench.pass_(1)
    bench.receipt()
    assert bench.lamps() == ["sending", "stored"]


def test_button_tells_of_an_opened_case_on_its_alarm_topic() -> None:
    bench = Bench()
    bench.act(Deed.TAMPER_OPEN)
    bench.act(Deed.TAMPER_CLOSE)
    assert [body["kind"] for body in bench.said()] == ["tamper.opened", "tamper.closed"]
    assert bench.lamps() == []
