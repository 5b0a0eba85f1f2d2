"""What is concluded of a camera, or of a door's controller, on its way through intake."""

from adapters.devices.onvif import conclusion
from adapters.devices.onvif.notification import Notification, Unknown
from adapters.signal import Lane, Spoken
from gateway.domain.alarm import State
from gateway.domain.kind import Priority
from tests.adapters.onvif.telling import Camera, contact, motion, sample
from tests.domain.making import CAMERA, WIRED
from tests.intake.bench import Bench


def handed_in(*heard: Notification | Unknown, by: str = CAMERA.id) -> list[Spoken]:
    return [conclusion.spoken(one, by) for one in Camera().says(*heard)]


def pressed(at_s: float, *, replayed: bool = False) -> list[Spoken]:
    """By a camera whose clock stands, to a new life of the gateway."""
    found = Camera().says(contact("2", "true"), at_s=at_s, replayed=replayed)
    return [conclusion.spoken(one, WIRED.id) for one in found]


async def test_a_wired_press_is_a_panic_and_heard_on_two_ways_one_press(running: Bench) -> None:
    pulled, pushed = (handed_in(contact("2", "true"), by=WIRED.id) for _ in range(2))
    await running.answered(*pulled, *pushed)
    (alarm,) = await running.alarms()
    assert (alarm.kind, alarm.priority, alarm.part, alarm.count) == (
        *("panic.pressed", Priority.P0),
        *(2, 1),
    )
    assert [row[2] for row in await running.rows()] == [1]


async def test_a_press_hours_later_under_the_same_id_is_raised_and_blames_no_camera(
    running: Bench,
) -> None:
    for at_s in (0, 5 * 3600):
        await running.answered(*pressed(at_s))
    assert [row[1] for row in await running.rows()] == [0, 1]
    assert sum(alarm.count for alarm in await running.alarms()) == 2
    assert not running.intake.memory.reused


async def test_a_press_that_two_gateways_hear_or_that_is_told_again_is_one_press(
    running: Bench,
) -> None:
    await running.answered(*pressed(0), *pressed(8))
    await running.answered(*pressed(3500, replayed=True))
    assert [(row[1], row[2]) for row in await running.rows()] == [(0, 2)]
    assert [alarm.count for alarm in await running.alarms()] == [1]


async def test_what_a_controller_says_is_taken_from_an_adapter_with_no_person_in_it(
    running: Bench,
) -> None:
    answers = await running.answered(*handed_in(*sample("controller_passages")))
    assert [one.refused for one in answers] == [None] * 11
    bodies = await running.database.read(
        lambda c: [
            bytes(row[0]).decode()
            for lane in Lane
            for row in c.exec_driver_sql(f"SELECT body FROM journal_{lane}")  # noqa: S608
        ]
    )
    assert sum("hashed" in body for body in bodies) == 5
    secrets = ("Aigerim", "Daniyar", "guard", "cred-100", "0012345678")
    assert not [body for body in bodies if any(secret in body for secret in secrets)]


async def test_duress_at_a_door_is_a_silent_p0_and_a_forced_door_ends_when_it_closes(
    running: Bench,
) -> None:
    await running.answered(*handed_in(*sample("controller_passages")))
    found = {alarm.kind: alarm for alarm in await running.alarms()}
    duress = found["passage.duress"]
    assert (duress.priority, duress.silent, duress.unexpected) == (Priority.P0, True, False)
    assert found["passage.forced"].state is State.RETURNED
    assert found["passage.unlocked"].state is State.UNACKNOWLEDGED


async def test_motion_is_a_row_of_the_event_lane_and_no_alarm(running: Bench) -> None:
    await running.answered(*handed_in(motion("true")))
    assert len(await running.rows(Lane.EVENT)) == 1
    assert await running.alarms() == []
