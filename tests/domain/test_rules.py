"""Rules, windows, routes and floods: who is told of what, and how often."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from adapters.signal import Lane
from gateway.domain import decision, flood, kind, rules
from gateway.domain.flood import Meter, tallied
from gateway.domain.kind import KINDS, Kind, Priority
from gateway.domain.routing import Receiver, Route, receivers_for
from gateway.domain.rules import DEFAULTS, Rule
from gateway.domain.window import Window
from tests.domain.making import NOW, alarm, event, later

ALL = (Rule(kinds=("*",), priority=None),)
CENTRE, DUTY = Receiver(name="centre", authority=True), Receiver(name="duty")


def known(name: str) -> Kind:
    found = kind.find(name)
    assert found is not None
    return found


def fitting(name: str, by: str, *some_rules: Rule) -> Rule | None:
    one = event(name, by, adapter=name.startswith("input."))
    means = decision.meaning(one)
    return None if means is None else rules.Rulebook(some_rules).fitting(one, means)


@pytest.mark.parametrize("name", ["panic.pressed", "panic.b52", "passage.duress"])
def test_no_rule_touches_a_cry(name: str) -> None:
    assert fitting(name, "button-1", *ALL) is None


def test_no_rule_touches_a_wired_panic_button() -> None:
    assert (
        fitting("input.activated", "wired-1", *ALL, Rule(kinds=("input.*",), priority=None)) is None
    )


def test_a_rule_for_a_kind_fits_the_input_that_means_it() -> None:
    rule = Rule(kinds=("passage.forced",), priority=Priority.P2)
    assert fitting("input.activated", "door-1", rule) == rule


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (Rule(kinds=("passage.*",), priority=None), True),
        (Rule(kinds=("camera.*",), priority=None), False),
        (Rule(kinds=("*",), priority=None, sites=("school-12",)), True),
        (Rule(kinds=("*",), priority=None, sites=("school-9",)), False),
        (Rule(kinds=("*",), priority=None, districts=("medeu",)), True),
        (Rule(kinds=("*",), priority=None, districts=("auezov",)), False),
    ],
)
def test_a_rule_fits_by_kind_site_and_district(rule: Rule, *, fits: bool) -> None:
    assert (fitting("passage.forced", "gate-1", rule) == rule) is fits


def test_denied_passages_raise_a_p3_by_default_and_the_first_fitting_rule_counts() -> None:
    own = Rule(kinds=("passage.denied",), priority=Priority.P1)
    assert fitting("passage.denied", "gate-1", *DEFAULTS) == DEFAULTS[0]
    assert DEFAULTS[0].priority is Priority.P3
    assert fitting("passage.denied", "gate-1", own, *DEFAULTS) == own


def test_a_tally_is_full_by_so_many_in_so_long_and_starts_anew() -> None:
    counted: list[datetime] = []
    hits = []
    for second in [0, 1, 2, 3, 4, 5, 70, 71, 72, 73, 140]:
        counted, is_full = tallied(counted, later(second), 5, timedelta(seconds=60))
        hits.append(is_full)
    assert hits == [False] * 4 + [True] + [False] * 6


def window(**more: Any) -> Window:  # noqa: ANN401 - fields of every type
    plain: dict[str, Any] = {
        "id": "w",
        "expected": {"button-1": 3},
        "heard": {},
        "opened_at": NOW,
        "until": later(60),
        "by": "t",
    }
    return Window(**{**plain, **more})


@pytest.mark.parametrize(
    ("name", "device", "seconds", "heard", "takes"),
    [
        ("panic.pressed", "button-1", 0, 2, True),
        ("panic.pressed", "button-1", 0, 3, False),
        ("panic.pressed", "button-2", 0, 0, False),
        ("panic.pressed", "button-1", 60, 0, False),
        ("panic.pressed", "button-1", -1, 0, False),
        ("panic.duress", "button-1", 0, 0, False),
        ("panic.holdup", "button-1", 0, 0, False),
        ("passage.duress", "button-1", 0, 0, True),
    ],
)
def test_a_window_takes_only_the_expected_presses_of_its_devices(
    name: str, device: str, seconds: float, heard: int, *, takes: bool
) -> None:
    opened = window(heard={"button-1": heard})
    assert opened.takes(device, known(name), later(seconds)) is takes


def test_a_closed_window_takes_nothing() -> None:
    assert not window(closed_at=NOW).takes("button-1", known("panic.pressed"), NOW)


@pytest.mark.parametrize(("priority", "told"), [(0, 2), (1, 2), (2, 0), (3, 0)])
def test_without_routes_every_receiver_gets_life_and_security(priority: int, told: int) -> None:
    assert len(receivers_for(alarm(Priority(priority)), (CENTRE, DUTY), ())) == told


_names = some.sampled_from(["centre", "duty"])
_routes = some.builds(
    Route,
    receiver=_names,
    priorities=some.lists(some.sampled_from(list(Priority)), max_size=3).map(tuple),
    kinds=some.lists(some.sampled_from(["passage.*", "panic.fire"]), max_size=2).map(tuple),
    sites=some.lists(some.just("school-9"), max_size=1).map(tuple),
    districts=some.lists(some.just("auezov"), max_size=1).map(tuple),
)


@given(some.lists(_routes, max_size=4), some.booleans())
def test_no_configuration_leaves_a_cry_without_a_receiver(
    routes: list[Route],
    registered: bool,  # noqa: FBT001 - hypothesis hands it by position
) -> None:
    told = receivers_for(alarm(registered=registered), (CENTRE, DUTY), routes)
    assert told
    assert registered or told == ["centre", "duty"]


def test_an_unregistered_devices_alarm_goes_to_everybody_whatever_the_routes() -> None:
    routes = (Route(receiver="centre", priorities=(Priority.P0,)),)
    unplaced = alarm(Priority.P1, registered=False, site=None, district=None)
    assert receivers_for(unplaced, (CENTRE, DUTY), routes) == ["centre", "duty"]


@pytest.mark.parametrize(
    "name", ["centre.unreachable", "centre.refusing", "centre.unproven", "delivery.refused"]
)
def test_a_receiver_is_not_told_its_own_trouble(name: str) -> None:
    trouble = alarm(Priority.P1, kind=name, device="receiver-centre", registered=False)
    assert receivers_for(trouble, (CENTRE, DUTY), ()) == ["duty"]


def test_a_person_faster_than_a_bounce_is_no_flood() -> None:
    meter = Meter()
    assert not any(meter.is_flooding("b", Lane.ALARM, later(n / 5), f"e{n}") for n in range(200))


def test_a_chattering_device_floods_alone_and_calms_down() -> None:
    meter = Meter()
    hits = [meter.is_flooding("b", Lane.ALARM, later(n / 100), f"e{n}") for n in range(200)]
    assert not any(hits[:32])
    assert sum(not hit for hit in hits) == pytest.approx(32 + 2 * flood.RATE_PER_S, abs=1)
    assert not meter.is_flooding("other", Lane.ALARM, later(2), "e")
    assert not meter.is_flooding("b", Lane.ALARM, later(5), "later")


def test_what_a_device_says_again_leaves_its_room_to_what_it_says_first() -> None:
    meter = Meter()
    for again in range(30):
        for n in range(32):
            assert not meter.is_flooding("b", Lane.ALARM, later(again / 1000), f"e{n}")
    assert meter.is_flooding("b", Lane.ALARM, later(0.03), "one more than it can keep")
    assert not meter.is_flooding("b", Lane.ALARM, later(1), "another")


def test_one_thing_said_without_end_is_a_flood() -> None:
    meter = Meter()
    hits = [meter.is_flooding("b", Lane.ALARM, NOW, "e") for _ in range(2000)]
    assert sum(hits) == pytest.approx(2000 - flood.REPEATS, abs=2)


def test_the_meter_remembers_no_more_of_a_device_than_the_device_can_keep() -> None:
    meter = Meter()
    for n in range(5000):
        meter.is_flooding("b", Lane.ALARM, later(n / 6), f"e{n}")
    (bucket,) = meter._buckets.values()  # noqa: SLF001 - the memory itself is the promise
    assert len(bucket.ids) <= flood.IDS_LIMIT


def test_a_wall_clock_set_back_makes_no_flood() -> None:
    meter = Meter()
    meter.is_flooding("b", Lane.ALARM, NOW, "e1")
    assert not meter.is_flooding("b", Lane.ALARM, NOW - timedelta(hours=1), "e2")


def test_the_meter_forgets_beyond_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood, "DEVICES_LIMIT", 10)
    meter = Meter()
    for number in range(50):
        meter.is_flooding(f"b{number}", Lane.EVENT, NOW, "e")
    assert len(meter._buckets) == 10  # noqa: SLF001 - the memory itself is the promise


def test_every_rule_of_the_house_names_kinds_that_exist() -> None:
    assert all(name in KINDS for rule in DEFAULTS for name in rule.kinds)
