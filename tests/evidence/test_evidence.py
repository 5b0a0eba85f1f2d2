"""Stills with an alarm: the alarm goes first, and whatever cameras do is written down."""

import hashlib
from datetime import timedelta

import pytest

from gateway.domain.kind import Priority
from gateway.domain.site import DeviceId
from gateway.domain.stills import FRESH, Fate, Why
from gateway.evidence import asking, shelf
from gateway.evidence.picture import Fetch, NotYet
from gateway.settings import Evidence as Settings
from gateway.store import alarms
from tests.evidence.bench import Bench, button, camera, registry
from tests.evidence.cameras import Taken, Way
from tests.harness import waiting


async def test_a_press_is_told_first_and_the_stills_of_who_looks_there_after_it(at: Bench) -> None:
    async with at.asking() as asking:
        alarm = await at.press()
        ended = await at.ended(alarm, 4)
        assert [(one.camera, one.offset_s, one.fate) for one in ended] == [
            *(("cam-1", 0, "kept"), ("cam-1", 5, "kept")),
            *(("cam-2", 0, "kept"), ("cam-2", 5, "kept")),
        ]
        raised, *added = await at.told(alarm)
        assert raised["type"] == "dabyl.alarm.raised"
        assert {one["type"] for one in added} == {"dabyl.evidence.added"}
        assert [one["id"] for one in (raised, *added)] == [
            f"{alarm.id}:{n}" for n in range(1, len(added) + 2)
        ]
        for still in (one for notice in added for one in notice["data"]["evidence"]):
            body = await asking.shelf.read(still["sha256"])
            assert body is not None
            assert hashlib.sha256(body).hexdigest() == still["sha256"]
            assert still["link"] == f"http://house/api/v1/evidence/{still['sha256']}"
            assert still["size_bytes"] == len(body)
    assert at.cameras.asked == {"cam-1": 2, "cam-2": 2}
    after = await at.database.read(lambda c: alarms.get(c, alarm.id))
    assert after is not None
    assert after.version == alarm.version


async def test_the_zones_cameras_are_asked_where_none_looks_at_the_device(at: Bench) -> None:
    at.known = registry(button("b1"), camera("cam-3", zone="hall"), camera("cam-4"), version=2)
    async with at.asking():
        ended = await at.ended(await at.press(), 2)
    assert {one.camera for one in ended} == {"cam-3"}


async def test_a_cameras_own_alarm_asks_it_first(at: Bench) -> None:
    async with at.asking():
        alarm = await at.press("cam-1", kind="camera.intrusion", priority=Priority.P1)
        ended = await at.ended(alarm, 4)
    assert {one.camera for one in ended} == {"cam-1", "cam-2"}


@pytest.mark.parametrize(
    ("way", "said"),
    [
        (Way.HANGS, "cam-1: does not answer"),
        (Way.RESETS, "cam-1: hung up"),
        (Way.REDIRECTS, "cam-1: sends us to a foreign host"),
        (Way.HTML, "cam-1: answers, but not with a picture"),
        (Way.HUGE, "cam-1: its still is too large"),
    ],
)
async def test_what_a_camera_did_instead_is_a_line_in_words(at: Bench, way: Way, said: str) -> None:
    at.cameras.ways["cam-1"] = way
    async with at.asking():
        alarm = await at.press()
        ended = await at.ended(alarm, 4, within_s=20)
    assert [one.fate for one in ended if one.camera == "cam-2"] == ["kept", "kept"]
    assert [one.fate for one in ended if one.camera == "cam-1"] == ["failed", "failed"]
    lines = await at.line(alarm)
    assert lines.count(("no_still", said)) == 2
    assert at.cameras.followed == 0


async def test_a_slip_of_whoever_fetches_costs_the_still_and_nothing_else(at: Bench) -> None:
    async with at.asking(fetch=_slip):
        assert {one.why for one in await at.ended(await at.press(), 4)} == {Why.FAILED}
        assert {one.why for one in await at.ended(await at.press(), 4)} == {Why.FAILED}


async def test_a_camera_whose_link_is_being_made_is_asked_as_soon_as_it_stands(at: Bench) -> None:
    is_standing, asked = False, 0

    async def fetch(camera: DeviceId) -> Taken:
        nonlocal asked
        asked += 1
        if not is_standing:
            raise NotYet
        return await at.cameras.fetch(camera)

    async with at.asking(fetch=fetch):
        alarm = await at.press()
        await waiting.until(lambda: asked > 4, what="two cameras are asked again and again")
        assert {one.fate for one in await at.stills(alarm)} == {Fate.WAITING}
        is_standing = True
        assert {one.fate for one in await at.ended(alarm, 4)} == {Fate.KEPT}


async def test_each_camera_is_asked_once_when_every_button_of_a_hall_is_pressed(at: Bench) -> None:
    at.known = registry(
        *(button(f"b{n}") for n in range(1, 9)), camera("cam-3", zone="hall"), version=2
    )
    at.cameras.ways["cam-3"] = Way.SLOW
    async with at.asking():
        pressed = [await at.press(f"b{n}") for n in range(1, 9)]
        for alarm in pressed:
            assert [one.fate for one in await at.ended(alarm, 2)] == ["kept", "kept"]
    assert at.cameras.most_at_once["cam-3"] == 1
    assert at.cameras.asked["cam-3"] < 8


async def test_more_cameras_than_were_set_are_skipped_and_said(at: Bench) -> None:
    at.settings = Settings(cameras=1)
    async with at.asking():
        alarm = await at.press()
        ended = await at.ended(alarm, 3)
    assert [(one.camera, one.fate) for one in ended] == [
        *(("cam-1", "kept"), ("cam-1", "kept")),
        ("cam-2", "skipped"),
    ]
    assert ("no_still", "cam-2: was not asked: too many at once") in await at.line(alarm)


async def test_nobody_turns_on_the_spot_while_every_hand_is_full(
    at: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.settings, slept, sleep = Settings(at_once=1), [], at.clock.sleep

    async def counted(seconds: float) -> None:
        slept.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(at.clock, "sleep", counted)
    at.cameras.ways |= {"cam-1": Way.HANGS, "cam-2": Way.HANGS}
    async with at.asking():
        await at.ended(await at.press(), 4)
    assert slept.count(0.0) == 0


async def test_a_trouble_asks_no_camera(at: Bench) -> None:
    async with at.asking():
        trouble = await at.press(kind="battery.low", priority=Priority.P2)
        await at.ended(await at.press(), 4)
        assert await at.stills(trouble) == []


async def test_what_was_asked_before_a_kill_goes_on_while_it_is_fresh(at: Bench) -> None:
    at.cameras.ways |= {"cam-1": Way.HANGS, "cam-2": Way.HANGS}
    async with at.asking():
        alarm = await at.press()
        await waiting.until(lambda: at.cameras.asked["cam-1"], what="a camera is asked")
    assert {one.fate for one in await at.stills(alarm)} == {"waiting"}
    at.cameras.ways.clear()
    async with at.asking():
        assert {one.fate for one in await at.ended(alarm, 4)} == {Fate.KEPT}


async def test_what_was_raised_while_nobody_asked_is_said_missed_when_it_is_old(at: Bench) -> None:
    old = await at.press(raised_at=at.ago(FRESH.total_seconds() + 30))
    new = await at.press(raised_at=at.ago(5))
    async with at.asking():
        assert {one.fate for one in await at.ended(old, 4)} == {Fate.MISSED}
        assert {one.fate for one in await at.ended(new, 4)} == {Fate.KEPT}
    assert ("no_still", "cam-1: was not asked in time") in await at.line(old)


async def test_all_that_was_raised_while_nobody_asked_is_asked_for_the_newest_first(
    at: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "LOOK_AT_ONCE", 2)
    raised = [await at.press(raised_at=at.ago(30 - n)) for n in range(7)]
    async with at.asking():
        assert {one.fate for one in await at.ended(raised[-1], 4)} == {Fate.KEPT}
        for alarm in raised:
            await at.ended(alarm, 4)


async def test_two_gateways_ask_each_camera_once(at: Bench) -> None:
    if at.database.dialect == "sqlite":
        pytest.skip("SQLite has one gateway")
    asked: list[tuple[str, DeviceId]] = []

    def asks(gateway: str) -> Fetch:
        async def fetch(one: DeviceId) -> Taken:
            asked.append((gateway, one))
            return await at.cameras.fetch(one)

        return fetch

    async with (
        at.asking("g1", holds=lambda one: one == "cam-1", fetch=asks("g1")),
        at.asking("g2", holds=lambda one: one == "cam-2", fetch=asks("g2")),
    ):
        alarm = await at.press()
        assert {one.fate for one in await at.ended(alarm, 4)} == {Fate.KEPT}
    assert {*asked} == {("g1", "cam-1"), ("g2", "cam-2")}
    # At the alarm and 5 s later; or one picture for both, where the machine came late to the first.
    assert max(at.cameras.asked.values()) <= 2


async def test_what_a_dead_gateway_had_claimed_is_fetched_by_another(at: Bench) -> None:
    if at.database.dialect == "sqlite":
        pytest.skip("SQLite has one gateway")
    at.cameras.ways |= {"cam-1": Way.HANGS, "cam-2": Way.HANGS}
    async with at.asking("g1"):
        alarm = await at.press()
        await waiting.until(lambda: at.cameras.asked["cam-1"], what="a camera is asked")
    await at.execute("UPDATE evidence SET claimed_until = 0")
    at.cameras.ways.clear()
    async with at.asking("g2"):
        assert {one.fate for one in await at.ended(alarm, 4)} == {Fate.KEPT}


async def test_what_was_before_is_kept_where_stills_roll(at: Bench) -> None:
    at.settings = Settings(rolling=True)
    async with at.asking() as asking:

        def is_old(camera: str) -> bool:
            found = asking.ring.before(DeviceId(camera), at.ago(10))
            return found is not None and found.taken_at < at.ago(5)

        await waiting.until(lambda: is_old("cam-1") and is_old("cam-2"), what="the ring turns")
        alarm = await at.press()
        ended = await at.ended(alarm, 6)
    before = [one for one in ended if one.offset_s == -5]
    assert [(one.camera, one.fate) for one in before] == [("cam-1", "kept"), ("cam-2", "kept")]
    assert all(one.taken_at and one.taken_at < alarm.raised_at for one in before)


async def test_a_full_shelf_costs_the_still_and_is_said(at: Bench) -> None:
    async with at.asking() as asking:
        asking._room.most_bytes = 10  # noqa: SLF001 - smaller than any setting
        alarm = await at.press()
        ended = await at.ended(alarm, 4)
    assert {(one.fate, one.why) for one in ended} == {("failed", "no_room")}
    assert ("no_still", "cam-1: there is no room for its still") in await at.line(alarm)


async def test_the_oldest_of_closed_alarms_make_room_and_never_those_of_an_open_one(
    at: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "YOUNG", timedelta(0))
    async with at.asking() as asking:
        closed = await at.press()
        gone = await at.ended(closed, 4)
        opened = await at.press()
        await at.ended(opened, 4)
        await at.execute(f"UPDATE alarms SET closed_at = raised_at WHERE id = '{closed.id}'")  # noqa: S608 - our own id
        asking._room.most_bytes = 10  # noqa: SLF001 - smaller than any setting
        await waiting.until(lambda: at.all_are(closed, Fate.DROPPED), what="they make room")
        assert await at.all_are(opened, Fate.KEPT)
        shared = {one.sha256 for one in await at.stills(opened)}
        own = {one.sha256 for one in gone} - shared
        assert {await asking.shelf.read(one or "") for one in own} == {None}


async def test_what_was_kept_goes_though_nobody_is_asked_any_more(
    at: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "YOUNG", timedelta(0))
    async with at.asking():
        alarm = await at.press()
        (still, *_) = await at.ended(alarm, 4)
    at.settings = Settings(enabled=False)
    await at.execute("UPDATE evidence SET state = 'dropping'")
    async with at.asking() as asking:
        asked = await at.press()
        await waiting.until(lambda: at.all_are(alarm, Fate.DROPPED), what="they go")
        assert await asking.shelf.read(still.sha256 or "") is None
        assert await at.stills(asked) == []


async def test_a_picture_that_another_alarm_shows_too_stays_when_one_goes(
    at: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "YOUNG", timedelta(0))
    at.cameras.same = True
    async with at.asking() as asking:
        closed, opened = await at.press(), await at.press()
        await at.ended(closed, 4)
        (still, *_) = await at.ended(opened, 4)
        await at.execute(f"UPDATE alarms SET closed_at = raised_at WHERE id = '{closed.id}'")  # noqa: S608 - our own id
        asking._room.most_bytes = 10  # noqa: SLF001 - smaller than any setting
        await waiting.until(lambda: at.all_are(closed, Fate.DROPPED), what="they make room")
        assert await asking.shelf.read(still.sha256 or "") is not None


async def _slip(camera: DeviceId) -> Taken:
    raise KeyError(camera)
