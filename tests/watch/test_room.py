"""How much of the bus a camera may fill, and all of them together."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from adapters.devices.contract import Overloaded
from adapters.signal import Lane, Receipt
from gateway.bus import Bus, LaneFull
from gateway.watch.room import AT_ONCE, OTHERS_AT_ONCE, Room, Rooms
from tests.domain.making import NOW, spoken
from tests.watch import bench

ONE = "s0-c0"

_ids = count()


async def test_a_cameras_link_is_told_that_no_more_is_taken_and_its_press_is(
    tmp_path: Path,
) -> None:
    async with bench.opened(tmp_path) as running:
        await running.approve(ONE)
        await running.up(ONE)
        emit = running.scripts[ONE].emit
        assert emit is not None
        for number in range(OTHERS_AT_ONCE):
            emit(spoken("camera.tampered", ONE, id=f"t{number}", adapter=True), _nobody)
        with pytest.raises(Overloaded):
            emit(spoken("camera.tampered", ONE, id="one more", adapter=True), _nobody)
        emit(spoken("input.activated", ONE, id="press", adapter=True), _nobody)
        assert len(running.lookout.held[ONE].room.waiting) == OTHERS_AT_ONCE + 1
        await running.settle()
        assert running.lookout.held[ONE].room.waiting == {}


def _nobody(_: Receipt) -> None:
    """Nobody waits for it."""


def _put(rooms: Rooms, room: Room, kind: str) -> None:
    signal = spoken(kind, "c1", id=f"e{next(_ids)}")
    rooms.put(room, signal, _nobody, 0.0)


def _until_refused(put: Callable[[], None]) -> int:
    for taken in range(1000):
        try:
            put()
        except LaneFull:
            return taken
    return 1000


def test_a_camera_gone_mad_has_few_signals_on_the_bus_whatever_they_are() -> None:
    rooms, mad, other = Rooms(Bus()), Room(), Room()
    tampers = _until_refused(lambda: _put(rooms, mad, "camera.tampered"))
    presses = _until_refused(lambda: _put(rooms, mad, "input.activated"))
    assert (tampers, tampers + presses) == (OTHERS_AT_ONCE, AT_ONCE)
    _put(rooms, other, "input.activated")
    assert rooms.bus.waiting(Lane.ALARM) == AT_ONCE + 1


def test_all_cameras_together_leave_half_of_the_alarm_lane_but_for_wired_contacts() -> None:
    rooms = Rooms(Bus(lane_limit=40))
    assert _until_refused(lambda: _put(rooms, Room(), "camera.tampered")) == 20
    _put(rooms, Room(), "camera.motion")
    assert _until_refused(lambda: _put(rooms, Room(), "input.activated")) == 20


async def test_what_is_answered_makes_room_and_what_only_waits_does_not() -> None:
    rooms, room = Rooms(Bus(lane_limit=4)), Room()
    _put(rooms, room, "camera.tampered")
    _put(rooms, room, "camera.tampered")
    (first, _) = await rooms.bus.take(Lane.ALARM, 2)
    first.answer(Receipt(device="c1", is_waiting=True))
    with pytest.raises(LaneFull):
        _put(rooms, room, "camera.tampered")
    first.answer(Receipt(device="c1", stored_at=NOW))
    _put(rooms, room, "camera.tampered")
    assert (rooms.common, len(room.waiting)) == (2, 2)


def test_what_a_full_lane_refused_takes_no_room() -> None:
    rooms, room = Rooms(Bus(lane_limit=1)), Room()
    _put(rooms, Room(), "input.activated")
    with pytest.raises(LaneFull):
        _put(rooms, room, "input.activated")
    assert (rooms.common, room.waiting) == (0, {})


async def test_what_the_next_life_says_again_waits_once_and_answers_that_life() -> None:
    rooms, room, answered = Rooms(Bus()), Room(), list[str]()
    signal = spoken("input.activated", "c1", id="press")
    assert rooms.put(room, signal, lambda _: answered.append("former"), 0.0)
    assert not rooms.put(room, signal, lambda _: answered.append("next"), 1.0)
    (only,) = await rooms.bus.take(Lane.ALARM, 9)
    only.answer(Receipt(device="c1", stored_at=NOW))
    assert answered == ["next"]
