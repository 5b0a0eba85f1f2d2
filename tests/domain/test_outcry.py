"""The outcry: what is told before it is stored has the key that it will have when it is."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from adapters.signal import Lane, Spoken, Unread, Unreadable
from gateway.domain import belief, decision
from gateway.domain.alarm import Alarm
from gateway.domain.event import Event, alarm_id
from gateway.domain.kind import Priority
from gateway.domain.outcry import Circumstances, Judged, Outcry
from gateway.domain.rules import DEFAULTS, Rule, Rulebook
from gateway.domain.window import Window
from tests.domain.making import BELIEVING, BUTTON, NOW, event, later, spoken
from tests.harness.changed import replace

OLD = NOW - timedelta(days=1)


def circumstances(
    *windows: Window,
    rules: tuple[Rule, ...] = DEFAULTS,
    unread_at: Mapping[str, datetime] | None = None,
) -> Circumstances:
    return Circumstances(
        believing=BELIEVING, windows=list(windows), rules=Rulebook(rules), unread_at=unread_at or {}
    )


class Outage:
    """An outcry, and signals that wait a second."""

    def __init__(self) -> None:
        self.outcry = Outcry("test", OLD)
        self.now_s = 100.0

    def tell(
        self, said: Spoken | Unreadable, at: Circumstances | None = None, waited_s: float = 1.0
    ) -> Judged:
        return self.outcry.consider(said, at or circumstances(), self.now_s, waited_s)

    def told(self, said: Spoken | Unreadable, at: Circumstances | None = None) -> str | None:
        """The alarm that is told anew of it."""
        change = self.tell(said, at).change
        return change.alarm.id if change is not None and change.is_new else None


def stored_as(one: Event, *opened: Alarm, outcry: Outcry) -> str:
    """The alarm that the store raises or counts it on."""
    apart = outcry.is_apart(one, Priority.P0)
    found = decision.decide(one, opened, Priority.P0, "test", test=False, apart=apart)
    return found[0].alarm.id


def garbage(body: bytes = b"HELP", at: datetime = NOW, device: str = BUTTON.id) -> Unreadable:
    return Unreadable(
        link="b1",
        device=device,
        heard_on=Lane.ALARM,
        received_at=at,
        reason=Unread.NOT_JSON,
        body=body,
    )


@pytest.mark.parametrize("kind", ["panic.pressed", "panic.holdup", "passage.duress", "panic.x"])
@pytest.mark.parametrize("by", [BUTTON.id, "gate-1", "stranger", "КНОПКА"])
def test_a_cry_is_told_under_the_id_that_it_is_stored_under(kind: str, by: str) -> None:
    outage = Outage()
    said = spoken(kind, by)
    told = outage.told(said)
    assert told == alarm_id("test", event(kind, by))
    assert told == stored_as(event(kind, by), outcry=outage.outcry)


@pytest.mark.parametrize(
    "said",
    [
        spoken("passage.forced", "gate-1"),
        spoken("passage.closed", "gate-1"),
        spoken("input.activated"),
        spoken("input.cleared", "wired-1"),
        spoken("panic.pressed", retained=True),
        spoken("path.proof", "canary-b1"),
        garbage().__class__(
            link="b1",
            device="x",
            heard_on=Lane.EVENT,
            received_at=NOW,
            reason=Unread.NOT_JSON,
            body=b"",
        ),
    ],
    ids=lambda said: getattr(getattr(said, "said", said), "kind", "garbage"),
)
def test_what_is_no_cry_waits_for_the_store(said: Spoken | Unreadable) -> None:
    assert Outage().tell(said) == Judged()


def test_a_wired_contact_that_means_a_panic_is_a_cry() -> None:
    assert Outage().told(spoken("input.activated", "wired-1")) is not None


def test_what_nobody_can_read_is_told_once_a_minute_for_each_device() -> None:
    outage = Outage()
    assert outage.told(garbage())
    assert outage.told(garbage(b"HELP!", later(59))) is None
    assert outage.told(garbage(device="other"))
    assert outage.told(garbage(b"HELP!", later(60)))
    assert outage.told(spoken("smoke.detected", "third")) is not None


def test_what_was_raised_of_unreadable_bytes_before_is_not_told_again() -> None:
    at = circumstances(unread_at={"button-1": later(-30)})
    assert Outage().told(garbage(), at) is None
    assert Outage().told(garbage(at=later(30)), at)


def test_a_rule_that_wants_no_alarm_of_the_unreadable_is_heard() -> None:
    rules = (Rule(kinds=("alarm.*",), priority=None),)
    assert Outage().tell(garbage(), circumstances(rules=rules)) == Judged()


def test_a_press_that_is_stored_is_not_told_again() -> None:
    outage = Outage()
    outage.outcry.stored([event("panic.pressed")], [])
    assert outage.tell(spoken("panic.pressed", age_ms=4000)) == Judged()


def test_a_press_that_a_failed_transaction_found_stored_is_not_told_again() -> None:
    outage = Outage()
    outage.outcry.found(Lane.ALARM, event("panic.pressed"), 0)
    assert outage.tell(spoken("panic.pressed")) == Judged()


def test_a_reused_id_is_told_under_the_id_of_its_own_use() -> None:
    outage = Outage()
    outage.outcry.stored([event("panic.pressed")], [])
    other = event("panic.pressed", part=2, content={"part": 2})
    told = outage.told(spoken("panic.pressed", part=2, content={"part": 2}))
    assert told == alarm_id("test", replace(other, reuse=1))
    tomorrow = spoken("panic.pressed", at=NOW + timedelta(hours=24))
    fresh = Outage()
    fresh.outcry.stored([event("panic.pressed")], [])
    assert fresh.told(tomorrow) == alarm_id("test", replace(event("panic.pressed"), reuse=1))


def test_of_an_id_that_is_used_without_end_the_last_uses_are_known() -> None:
    outage = Outage()
    used = [replace(event("panic.pressed", content={"n": n}), reuse=n) for n in range(200)]
    outage.outcry.stored(used, [])
    assert outage.told(spoken("panic.pressed", content={"n": 199})) is None
    assert outage.told(spoken("panic.pressed", content={"n": 0})) == alarm_id(
        "test", replace(used[0], reuse=200)
    )


def test_a_told_press_is_counted_on_no_open_alarm() -> None:
    outage = Outage()
    before = decision.decide(
        event("panic.pressed", id="e0", at=later(-20)), [], Priority.P0, "test", test=False
    )[0].alarm
    told = outage.told(spoken("panic.pressed"))
    assert told is not None
    assert stored_as(event("panic.pressed"), before, outcry=outage.outcry) == told
    outage.outcry.stored([], [replace(before, id=told)])
    assert stored_as(event("panic.pressed", id="e2"), before, outcry=outage.outcry) == before.id


def test_who_cries_on_is_told_once_a_minute_and_counted() -> None:
    outage = Outage()
    first = outage.told(spoken("panic.pressed", id="e0"))
    for n in range(1, 20):
        judged = outage.tell(spoken("panic.pressed", id=f"e{n}", at=later(n * 3)))
        assert judged.change is not None
        assert (judged.change.alarm.id, judged.change.is_new) == (first, False)
        assert judged.change.alarm.count == n + 1
    second = outage.told(spoken("panic.pressed", id="e20", at=later(60)))
    assert second not in {None, first}
    assert set(outage.outcry.told) == {first, second}


def test_another_kind_or_part_of_the_same_device_is_told_too() -> None:
    outage = Outage()
    told = {
        outage.told(spoken("panic.pressed", id="a")),
        outage.told(spoken("panic.fire", id="b")),
        outage.told(spoken("panic.pressed", id="c", part=2)),
    }
    assert len(told - {None}) == 3


def test_what_a_transaction_under_way_raises_is_told_as_just_that() -> None:
    outage = Outage()
    (raised,) = decision.decide(
        replace(event("panic.pressed"), reuse=7), [], Priority.P0, "test", test=True
    )
    outage.outcry.deciding(Lane.ALARM, [raised])
    judged = outage.tell(spoken("panic.pressed"))
    assert judged.change == raised


def test_what_a_transaction_under_way_counts_on_an_open_alarm_is_held_back_a_while() -> None:
    outage = Outage()
    (raised,) = decision.decide(event("panic.pressed"), [], Priority.P0, "test", test=False)
    again = event("panic.pressed", id="e2", at=later(5))
    (counted,) = decision.decide(again, [raised.alarm], Priority.P0, "test", test=False)
    said = spoken("panic.pressed", id="e2", at=later(5))
    outage.outcry.deciding(Lane.ALARM, [counted])
    assert outage.tell(said) == Judged(is_open=True)
    outage.outcry.doubt(outage.now_s + 1)
    assert outage.tell(said) == Judged(is_open=True)
    outage.now_s += 1.1
    assert outage.told(said) == alarm_id("test", again)
    other = Outage()
    other.outcry.deciding(Lane.ALARM, [counted])
    late = other.tell(said, waited_s=8.0).change
    assert late is not None
    assert late.alarm.id == alarm_id("test", again)


def window(expected: int) -> Window:
    return Window(
        id="w",
        expected={BUTTON.id: expected},
        heard={},
        opened_at=later(-60),
        until=later(600),
        by="t",
    )


def test_in_a_test_window_a_press_is_a_test_and_what_goes_beyond_is_real() -> None:
    outage = Outage()
    at = circumstances(window(2))
    tests = []
    for n in range(3):
        judged = outage.tell(spoken("panic.pressed", id=f"e{n}", at=later(n * 61)), at)
        assert judged.change is not None
        tests.append(judged.change.alarm.test)
    assert tests == [True, True, False]
    duress = outage.tell(spoken("panic.duress", id="d"), circumstances(window(9))).change
    assert duress is not None
    assert not duress.alarm.test


@pytest.mark.parametrize(
    ("said", "is_apart"),
    [
        (spoken("panic.pressed"), False),
        (spoken("panic.pressed", age_ms=999), False),
        (spoken("panic.pressed", age_ms=2000), True),
        (replace(spoken("panic.pressed"), redelivered=True), True),
        (replace(spoken("panic.pressed", at=later(61)), redelivered=True), False),
    ],
)
def test_what_a_former_life_may_have_told_is_an_alarm_of_its_own(
    said: Spoken, *, is_apart: bool
) -> None:
    believed = belief.believe(said, BELIEVING)
    assert isinstance(believed, Event)
    young = Outcry("test", NOW - timedelta(seconds=1))
    assert young.is_apart(believed, Priority.P0) is is_apart
    assert not young.is_apart(believed, Priority.P1)


def test_what_is_remembered_has_a_limit() -> None:
    outcry = Outcry("test", OLD)
    one = event("panic.pressed")
    outcry.stored((replace(one, id=f"e{n}") for n in range(5_099)), [])
    outcry.stored([event("panic.pressed", id="e5099")], [])
    at = circumstances()
    assert outcry.consider(spoken("panic.pressed", id="e99"), at, 0, 1).change is not None
    assert outcry.consider(spoken("panic.pressed", id="e5099"), at, 0, 1) == Judged()
