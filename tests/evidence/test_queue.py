"""The queue of stills: when due, life first, fair by site, each camera once at a time."""

from datetime import timedelta

from gateway.domain.kind import Priority
from gateway.domain.site import DeviceId
from gateway.domain.stills import Still
from gateway.evidence.queue import OF_SITE, Job, Queue, Wanted
from tests.domain.making import NOW


def wanted(
    camera: str,
    alarm: str = "a",
    *,
    site: str = "s1",
    priority: Priority = Priority.P0,
    due: float = 0.0,
) -> Wanted:
    offset = round(due)
    still = Still(
        alarm=alarm,
        camera=DeviceId(camera),
        offset_s=offset,
        due_at=NOW + timedelta(seconds=offset),
    )
    return Wanted(still=still, site=site, priority=priority, due=due)


def queue(*some: Wanted, room: int = 100) -> Queue:
    found = Queue(room)
    for one in some:
        assert found.put(one)
    return found


def going(waiting: Queue, now: float = 0.0) -> list[Job]:
    """All that may be asked at once."""
    jobs = []
    while (job := waiting.next(now)) is not None:
        jobs.append(job)
    return jobs


def test_a_still_is_asked_for_when_it_is_due() -> None:
    waiting = queue(wanted("c1"), wanted("c1", due=5))
    (job,) = going(waiting)
    waiting.done(job)
    assert going(waiting, 4.9) == []
    assert waiting.next_due() == 5
    assert [one.camera for one in going(waiting, 5)] == ["c1"]


def test_life_goes_before_everything_else_and_sites_take_turns() -> None:
    waiting = queue(
        wanted("x1", "x", site="s3", priority=Priority.P1),
        *(wanted(f"c{n}", site="s1") for n in range(3)),
        wanted("d1", "b", site="s2"),
    )
    assert [one.camera for one in going(waiting)] == ["c0", "d1", "c1", "c2", "x1"]


def test_a_site_that_hangs_leaves_room_for_others() -> None:
    cameras = [f"c{n}" for n in range(OF_SITE + 2)]
    waiting = queue(*(wanted(one) for one in cameras), wanted("d1", "b", site="s2"))
    jobs = going(waiting)
    assert {one.camera for one in jobs} == {*cameras[:OF_SITE], "d1"}
    waiting.done(jobs[0])
    assert [one.camera for one in going(waiting)] == [cameras[OF_SITE]]


def test_a_camera_is_asked_once_for_all_that_is_due_of_it() -> None:
    waiting = queue(wanted("c1", "a"), wanted("c1", "b"), wanted("c1", "c", priority=Priority.P1))
    (job,) = going(waiting)
    assert {one.still.alarm for one in job.wanted} == {"a", "b", "c"}
    waiting.put(wanted("c1", "d"))
    assert going(waiting) == []
    waiting.done(job)
    assert [one.wanted[0].still.alarm for one in going(waiting)] == ["d"]
    assert len(waiting) == 1


def test_a_still_is_taken_in_hand_once() -> None:
    waiting = queue(wanted("c1"), wanted("c1"))
    (job,) = going(waiting)
    assert len(job.wanted) == 1


def test_a_full_queue_takes_life_where_it_takes_nothing_else() -> None:
    p1 = [wanted(f"c{n}", priority=Priority.P1) for n in range(6)]
    waiting = Queue(10)
    assert [waiting.put(one) for one in p1] == [True] * 5 + [False]
    p0 = [wanted(f"d{n}") for n in range(6)]
    assert [waiting.put(one) for one in p0] == [True] * 5 + [False]


def test_a_camera_counts_as_busy_from_the_moment_it_is_due() -> None:
    waiting = queue(wanted("c1"))
    assert not waiting.is_busy(DeviceId("c1"))
    (job,) = going(waiting)
    assert waiting.is_busy(job.camera)
    waiting.done(job)
    assert not waiting.is_busy(job.camera)
