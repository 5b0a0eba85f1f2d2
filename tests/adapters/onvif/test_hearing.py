"""Hearing: what one camera said goes to the bus, on two roads of which one may be full."""

from dataclasses import dataclass, field
from itertools import count
from unittest.mock import Mock

import pytest
from lxml import etree

from adapters.devices.contract import Overloaded
from adapters.devices.onvif.element import Element
from adapters.devices.onvif.health import Health, LetGo
from adapters.devices.onvif.hearing import Hearing
from adapters.devices.onvif.push import Listener
from adapters.devices.onvif.pushing import Pushing
from adapters.devices.onvif.standing import Standing
from adapters.devices.onvif.subscription import Happened
from adapters.devices.onvif.transport import Caller
from adapters.signal import Answer, Lane, Receipt, Signal, Spoken
from tests.adapters.onvif.telling import NOW, SAMPLES, WIRED

MOTION = "VideoSource/MotionAlarm"
INPUT = "Device/Trigger/DigitalInput"
LOST = "VideoSource/SignalLoss"
TAMPER = "VideoSource/GlobalSceneChange/ImagingService"
LINE = "RuleEngine/LineDetector/Crossed"
_seconds = count()


def says(topic: str, source: str, *, so: bool = True) -> Element:
    """One notification, said at a second of its own."""
    number = next(_seconds)
    return etree.fromstring(
        f"<NotificationMessage><Topic>tns1:{topic}</Topic><Message><Message"
        f' UtcTime="2026-11-22T{3 + number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"'
        ' PropertyOperation="Changed">'
        f'<Source><SimpleItem Name="InputToken" Value="{source}"/></Source>'
        f'<Data><SimpleItem Name="State" Value="{str(so).lower()}"/></Data>'
        "</Message></Message></NotificationMessage>"
    )


@dataclass
class Bus:
    """Takes what comes, but on the lanes that are full; answers when it is told to."""

    full: set[Lane] = field(default_factory=set)
    taken: list[tuple[Spoken, Answer]] = field(default_factory=list)
    refusals: int = 0

    def emit(self, signal: Signal, answer: Answer) -> None:
        assert isinstance(signal, Spoken)
        if signal.heard_on in self.full:
            self.refusals += 1
            raise Overloaded
        self.taken.append((signal, answer))

    @property
    def kinds(self) -> list[str]:
        return [signal.said.kind for signal, _ in self.taken]

    def store(self) -> None:
        """All that waits is stored."""
        waiting, self.taken = self.taken, []
        for signal, answer in waiting:
            answer(Receipt(device=signal.device, id=signal.said.id, stored_at=NOW))


@dataclass
class Ear:
    """A camera, and the bus."""

    bus: Bus = field(default_factory=Bus)
    health: Health = field(default_factory=Health)
    standing: Standing = field(default_factory=lambda: Standing({}, WIRED))

    def __post_init__(self) -> None:
        self.hearing = Hearing("c1", self.standing, self.health, lambda: NOW, self.bus.emit)

    def hears(self, *holders: Element) -> None:
        self.hearing.take(holders, initial=False)

    def waits(self) -> bool:
        """Whether no pull is made."""
        return self.hearing.must_wait


def test_a_press_is_handed_in_though_motion_was_refused_before_it() -> None:
    ear = Ear(Bus(full={Lane.EVENT}))
    ear.hears(says(MOTION, "lens"), says(INPUT, "1"))
    assert ear.bus.kinds == ["input.activated"]
    ear.hears(says(INPUT, "2"))
    assert ear.bus.kinds == ["input.activated"] * 2
    assert not ear.hearing.must_wait


def test_motion_that_the_event_lane_refuses_is_let_go_of_and_counted() -> None:
    ear = Ear(Bus(full={Lane.EVENT}))
    ear.hears(*(says(MOTION, f"lens {number}") for number in range(3)))
    assert ear.health.let_go[LetGo.LANE_FULL] == 3
    assert (ear.standing.owed(), ear.hearing.is_behind) == ([], False)
    assert ear.bus.refusals == 1


def test_a_lost_picture_that_the_event_lane_refuses_stays_owed_and_is_handed_in_later() -> None:
    ear = Ear(Bus(full={Lane.EVENT}))
    ear.hears(says(LOST, "lens"))
    assert (ear.hearing.is_behind, ear.hearing.must_wait) == (True, False)
    ear.bus.full.clear()
    ear.hearing.catch_up()
    assert (ear.bus.kinds, ear.hearing.is_behind) == (["camera.signal_lost"], False)


def test_only_a_refused_cry_stops_the_pulls_while_there_is_room_to_owe() -> None:
    ear = Ear(Bus(full={Lane.ALARM}))
    ear.hears(says(TAMPER, "lens"))
    assert not ear.waits()
    ear.hears(says(INPUT, "1"))
    assert ear.waits()
    ear.bus.full.clear()
    ear.hearing.catch_up()
    assert ear.bus.kinds == ["camera.tampered", "input.activated"]
    assert not ear.waits()


def test_the_pulls_stop_before_what_must_not_go_has_no_room() -> None:
    ear = Ear(Bus(full={Lane.ALARM}))
    for number in range(200):
        ear.hears(says(TAMPER, "lens", so=number % 2 == 0))
    assert ear.hearing.must_wait
    assert ear.health.let_go[LetGo.NO_ROOM] == 0


def test_what_is_under_way_is_not_handed_in_beside_itself() -> None:
    ear = Ear()
    ear.hears(says(INPUT, "1"))
    ear.hearing.take([], initial=True)
    assert ear.bus.kinds == ["input.activated"]


def test_each_answer_makes_room_for_the_next() -> None:
    ear = Ear()
    ear.hears(says(INPUT, "1"))
    ear.bus.full = {Lane.ALARM}
    ear.hears(says(INPUT, "2"))
    ear.bus.full.clear()
    ear.bus.store()
    assert [one.said.part for one, _ in ear.bus.taken] == [2]


def test_where_not_all_can_be_owed_what_is_worth_least_goes_first_and_is_counted() -> None:
    ear = Ear(Bus(full=set(Lane)))
    ear.hears(says(LOST, "lens"), says(INPUT, "1"))
    for number in range(300):
        ear.hears(says(LINE, f"line {number}"))
    kinds = [one.kind for one in ear.standing.owed()]
    assert (len(kinds), kinds.count("input.activated")) == (256, 1)
    assert "camera.signal_lost" not in kinds
    assert ear.health.let_go[LetGo.NO_ROOM] == 302 - 256


def test_what_is_cut_off_a_pushed_body_is_counted_and_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.devices.onvif.calls.subscription.REPLY_LIMIT", 1)
    ear, body = Ear(), (SAMPLES.parent / "pull_two_inputs.xml").read_bytes()
    pushing = Pushing(Mock(Listener), Mock(Caller), ear.hearing, ear.health, lambda: 0.0)
    pushing._hear(body.replace(b"PullMessagesResponse", b"Notify"))  # noqa: SLF001 - the listener's
    assert ear.health.let_go[LetGo.CUT] == 1
    assert pushing.is_missed
    assert pushing.judged(is_on_trial=False) is Happened.HEARD
