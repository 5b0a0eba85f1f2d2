"""Silence: found in time, alone or as one, and never where nobody could hear."""

from dataclasses import replace
from math import inf

import pytest

from gateway.domain.event import Affected
from gateway.domain.loss import Level
from gateway.domain.presence import Why
from gateway.domain.site import Sort
from tests.domain.watching import EPOCH, World, region


def alive(*sizes: int) -> World:
    """A region that was heard for two minutes."""
    world = World(region(*sizes))
    assert world.live(120) == []
    return world


def test_a_device_is_trouble_when_its_time_is_over_and_none_after_its_next_word() -> None:
    world = alive(1)
    world.hear("s0-d0")
    heard_s, world.dead = world.now_s, {"s0-d0"}
    assert world.live(74) == []
    assert world.state("s0-d0") == "well"
    assert world.live(2) == ["device.silent s0-d0"]
    assert world.age_s("s0-d0", heard_s) <= 76
    assert world.state("s0-d0") == "silent: nothing_heard"
    assert world.live(300) == []
    world.hear("s0-d0")
    assert world.live(1) == ["device.heard s0-d0"]
    assert world.state("s0-d0") == "well"


def test_a_last_will_leaves_ten_seconds() -> None:
    world = alive(1)
    world.hear("s0-d0")
    world.dead = {"s0-d0"}
    world.live(5)
    world.presence.fall("s0-d0", world.now_s, "a")
    assert world.live(9) == []
    assert world.live(2) == ["device.silent s0-d0"]
    assert world.told[-1][1].cause == "last_will"


def test_a_last_will_means_nothing_when_the_device_is_heard_after_it() -> None:
    world = alive(1)
    world.presence.fall("s0-d0", world.now_s, "a")
    world.live(3)
    world.hear("s0-d0")
    assert world.live(60) == []


def test_old_news_of_another_gateway_is_no_sign_of_life() -> None:
    world = alive(1)
    world.dead = {"s0-d0"}
    assert world.live(90) == ["device.silent s0-d0"]
    world.presence.hear("s0-d0", EPOCH, world.now_s - 130, "b", registered=True)
    assert world.live(60) == []
    world.presence.hear("s0-d0", EPOCH, world.now_s - 9, "b", registered=True)
    assert world.live(1) == ["device.heard s0-d0"]


def test_a_last_will_of_one_line_means_nothing_while_the_other_line_speaks() -> None:
    world = alive(1)
    world.hear("s0-d0", link="a")
    world.hear("s0-d0", link="b")
    world.dead = {"s0-d0"}
    world.live(5)
    world.presence.fall("s0-d0", world.now_s, "a")
    assert world.live(60) == []
    assert world.live(11) == ["device.silent s0-d0"]


def test_after_a_start_a_device_is_unknown_and_has_all_its_time() -> None:
    world = World(region(1))
    world.dead = {"s0-d0"}
    assert world.state("s0-d0") == "unknown: not_heard"
    assert world.live(74) == []
    assert world.live(2) == ["device.silent s0-d0"]


def test_a_device_that_is_enrolled_later_has_all_its_time() -> None:
    world = alive(1)
    more = region(2)
    world.registry, world.dead = more, {"s0-d1"}
    world.watch.expect(replace(more, version=2), world.now_s)
    assert world.live(74) == []
    assert world.live(2) == ["device.silent s0-d1"]


def test_what_stood_before_a_start_is_not_told_again_and_ends_when_it_is_heard() -> None:
    world = World(region(2))
    world.dead = {"s0-d0"}
    world.watch.remember({"s0-d0": Why.NOTHING_HEARD}, [], world.now_s)
    assert world.live(200) == []
    assert world.state("s0-d0") == "silent: nothing_heard"
    world.hear("s0-d0")
    assert world.live(1) == ["device.heard s0-d0"]


def test_a_device_that_is_registered_no_more_ends_its_trouble() -> None:
    world = alive(2)
    world.dead = {"s0-d0"}
    world.live(120)
    kept = {"s0-d1": world.registry.devices["s0-d1"]}
    (ended,) = world.watch.expect(replace(world.registry, devices=kept), world.now_s)
    assert (ended.kind, ended.about, ended.cause) == ("device.heard", "s0-d0", "not_registered")


def test_nobody_is_judged_while_the_broker_is_away_and_all_have_their_time_after() -> None:
    world = alive(5)
    world.dead = set(world.registry.devices)
    world.presence.links["a"] = inf
    assert world.live(200) == []
    assert world.state("s0-d0") == "unknown: link_down"
    world.presence.links["a"] = world.now_s
    assert world.state("s0-d0") == "unknown: not_heard"
    assert world.live(74) == []
    assert world.live(15) == ["site.silent site-s0"]


def test_a_device_at_two_brokers_is_judged_by_the_one_that_stands() -> None:
    world = alive(1)
    world.hear("s0-d0", link="b")
    world.presence.links["a"] = inf
    world.link, world.dead = "b", {"s0-d0"}
    assert world.live(76) == ["device.silent s0-d0"]


def test_nobody_is_judged_while_the_store_takes_nothing() -> None:
    world = alive(1)
    world.dead = {"s0-d0"}
    world.presence.attend(inf)
    assert world.live(200) == []
    assert world.state("s0-d0") == "unknown: store_down"
    world.presence.attend(world.now_s)
    assert world.live(76) == ["device.silent s0-d0"]


def test_a_camera_is_not_expected_to_check_in() -> None:
    world = World(region(3, sort=Sort.CAMERA))
    world.dead = set(world.registry.devices)
    assert world.live(200) == []
    assert world.state("s0-d0") == "unknown: not_supervised"


@pytest.mark.parametrize("size", [3, 14])
def test_a_site_without_power_is_one_trouble_with_a_count(size: int) -> None:
    world = alive(size, 5)
    world.dead = {one for one in world.registry.devices if one.startswith("s0")}
    cut_s = world.now_s
    assert world.live(200) == ["site.silent site-s0"]
    assert world.age_s("site-s0", cut_s) <= 86
    assert world.told[0][1].affected == Affected(devices=size, of_devices=size)
    assert world.state("s0-d1") == "silent: with_its_site"


def test_a_site_whose_lines_break_one_by_one_is_one_trouble() -> None:
    world = alive(6, 5)
    world.dead = {one for one in world.registry.devices if one.startswith("s0")}
    found = []
    for device in sorted(world.dead):  # when the first is due, the half of them still speaks
        found += world.live(4)
        world.presence.fall(device, world.now_s, "a")
    found += world.live(100)
    assert set(found) == {"site.silent site-s0"}  # the last of them is counted later
    assert world.told[-1][1].affected == Affected(devices=6, of_devices=6)


def test_two_of_a_site_are_two_troubles() -> None:
    world = alive(6)
    world.dead = {"s0-d0", "s0-d3"}
    assert sorted(world.live(200)) == ["device.silent s0-d0", "device.silent s0-d3"]
    assert max(s for s, _ in world.told) - 1120 <= 90


def test_who_is_still_away_when_the_site_is_back_has_his_own_trouble() -> None:
    world = alive(6, 5)
    site = {one for one in world.registry.devices if one.startswith("s0")}
    world.dead = set(site)
    world.live(120)
    world.dead = {"s0-d4"}
    assert world.live(45) == ["site.heard site-s0"]
    assert world.live(75) == ["device.silent s0-d4"]


def test_one_that_comes_back_does_not_bring_its_site_back() -> None:
    world = alive(6, 5)
    world.dead = {one for one in world.registry.devices if one.startswith("s0")}
    world.live(120)
    world.dead.discard("s0-d0")
    assert world.live(100) == ["site.silent site-s0"]  # the same again, with another count
    assert world.told[-1][1].affected == Affected(devices=5, of_devices=6)
    assert world.state("s0-d0") == "well"


def test_a_district_is_one_trouble_with_its_sites_counted() -> None:
    world = alive(5, 4, 3, 6)
    world.dead = {one for one in world.registry.devices if not one.startswith("s3")}
    cut_s = world.now_s
    assert world.live(200) == ["district.silent district-medeu"]
    assert world.age_s("district-medeu", cut_s) <= 86
    counted = Affected(devices=12, of_devices=18, sites=3, of_sites=4)
    assert world.told[0][1].affected == counted
    assert world.state("s0-d0") == "silent: with_its_district"
    world.dead = set()
    assert world.live(40) == ["district.heard district-medeu"]


def test_two_sites_of_a_district_are_two_troubles() -> None:
    world = alive(5, 4, 3, 6, 3)
    world.dead = {one for one in world.registry.devices if one[:2] in {"s0", "s1"}}
    assert sorted(world.live(200)) == ["site.silent site-s0", "site.silent site-s1"]


def test_what_was_lost_as_one_before_a_start_is_not_told_again() -> None:
    world = World(region(5))
    world.dead = set(world.registry.devices)
    world.watch.remember({}, [(Level.SITE, "s0")], world.now_s)
    assert world.live(200) == []
    world.dead = set()
    assert world.live(31)[-1] == "site.heard site-s0"


def test_sixteen_thousand_who_fall_silent_at_once_are_their_districts_troubles() -> None:
    world = World(region(*[16] * 1000))
    world.dead = set(world.registry.devices)
    assert world.live(90) == ["district.silent district-medeu"]
