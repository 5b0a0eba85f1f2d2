"""Conditions: a check-in opens and ends the same troubles as the device's own words."""

from typing import Any

import pytest

from gateway.domain import condition
from gateway.domain.condition import Facts

HOME = {"gateway_mac": "AA:01", "bssid": "w1"}


def said(*check_ins: dict[str, Any], site: str = "s1") -> tuple[Facts, list[list[str]]]:
    """What is known after those check-ins, and which kinds each of them meant."""
    facts: Facts | None = None
    kinds = []
    for content in check_ins:
        now = condition.after(facts or Facts(), content, site)
        kinds.append([turn.kind for turn in condition.turns(facts, now, content)])
        facts = now
    assert facts is not None
    return facts, kinds


@pytest.mark.parametrize(
    ("percents", "kinds"),
    [
        ([80, 19], [["battery.restored"], ["battery.low"]]),
        ([19, 18, 21, 24], [["battery.low"], [], [], []]),
        ([19, 25], [["battery.low"], ["battery.restored"]]),
        ([19, None, 30], [["battery.low"], [], ["battery.restored"]]),
        ([20, 20], [["battery.restored"], []]),
        ([0], [["battery.low"]]),
    ],
)
def test_a_battery_is_low_below_twenty_and_restored_well_above(
    percents: list[int | None], kinds: list[list[str]]
) -> None:
    assert said(*({"battery": one} for one in percents))[1] == kinds


@pytest.mark.parametrize(
    ("field", "bad", "good", "kinds"),
    [
        ("tamper", True, False, [["tamper.opened"], [], ["tamper.closed"]]),
        ("mains", False, True, [["mains.lost"], [], ["mains.restored"]]),
    ],
)
def test_case_and_mains_turn_once_each_way(
    field: str, bad: object, good: object, kinds: list[list[str]]
) -> None:
    assert said({field: bad}, {field: bad}, {field: good})[1] == kinds


@pytest.mark.parametrize("wrong", [101, -1, "low", True, None, [], 1e300])
def test_what_is_no_percentage_says_nothing(wrong: object) -> None:
    assert said({"battery": 50}, {"battery": wrong, "tamper": "yes", "mains": 0})[1][1] == []


def test_an_ending_names_what_it_ends_and_a_beginning_nothing() -> None:
    began, ended = (
        next(
            condition.turns(
                Facts(low=was), condition.after(Facts(low=was), {"battery": n}, "s"), {}
            )
        )
        for was, n in ((False, 5), (True, 90))
    )
    assert (began.restores, ended.restores) == (None, "battery.low")


@pytest.mark.parametrize(
    ("nets", "moved"),
    [
        ([HOME, HOME], None),
        ([HOME, {"gateway_mac": "aa:01", "bssid": "w2"}], None),
        ([HOME, {"bssid": "w9"}], None),
        ([HOME, {"gateway_mac": "BB:02", "bssid": "w1"}], "gateway_mac=bb:02"),
        ([{"bssid": "w1"}, {"bssid": "w2"}], "bssid=w2"),
        ([{"bssid": "w1"}, HOME, {"bssid": "w2"}], None),
        ([HOME, {"gateway_mac": "BB:02"}, HOME], None),
        ([HOME, {"gateway_mac": 7}], None),
        ([HOME, "nonsense"], None),
    ],
)
def test_another_gateway_betrays_a_moved_device_and_another_access_point_does_not(
    nets: list[object], moved: str | None
) -> None:
    assert said(*({"net": net} for net in nets))[0].moved == moved


def test_the_new_network_is_its_own_once_a_person_has_looked() -> None:
    facts, _ = said({"net": HOME}, {"net": {"gateway_mac": "BB:02"}})
    assert condition.settled(None, facts, set()) is facts
    assert condition.settled(facts, facts, {condition.MOVED}) is facts
    known = condition.settled(facts, facts, set())
    assert (known.moved, known.networks) == (None, ("gateway_mac=bb:02",))


def test_a_move_in_the_registry_learns_the_new_network() -> None:
    facts, _ = said({"net": HOME})
    after = condition.after(facts, {"net": {"gateway_mac": "BB:02"}}, "s2")
    assert (after.moved, after.networks, after.site) == (None, ("gateway_mac=bb:02",), "s2")


def test_access_points_are_remembered_within_a_limit() -> None:
    facts, _ = said(*({"net": {"gateway_mac": "m", "bssid": f"w{n}"}} for n in range(99)))
    assert len(facts.networks) == condition.NETWORKS
