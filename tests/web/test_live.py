"""The live stream: at once, without a gap, only what is yours, held up by no slow reader."""

import asyncio
import socket
import time
from urllib.parse import urlsplit

import pytest

from gateway.domain.event import AlarmId
from gateway.domain.kind import Priority
from gateway.store import changes, forgetting, operators
from gateway.store.changes import What
from gateway.store.database import Urgency
from gateway.web import hub, live
from tests.harness import waiting
from tests.harness.changed import replace
from tests.web import reading
from tests.web.building import Built, unstored


async def test_an_alarm_is_on_the_stream_within_milliseconds_when_it_is_committed(
    served: Built,
) -> None:
    took_ms = []
    async with reading.stream(served) as stream:
        for key in "abcdefghij":
            await served.press(key)
            committed = time.perf_counter()
            told = await stream.next("alarm")
            took_ms.append((time.perf_counter() - committed) * 1000)
            assert told.data["id"][0] == key
    assert sorted(took_ms)[5] < 50, took_ms


async def test_a_heartbeat_tells_what_is_open_when_nothing_happens(served: Built) -> None:
    await served.press("a")
    await served.press("b", priority=Priority.P1, kind="tamper.opened")
    async with reading.stream(served) as stream:
        beat = await stream.next("heartbeat")
        while beat.data["position"] < 2:
            beat = await stream.next("heartbeat")
        again = await stream.next("heartbeat")
    assert again.data["open"] == {"P0": 1, "P1": 1}
    assert again.data["canary_age_s"] is None
    assert beat.id == again.id == 2
    assert beat.data["at"] < again.data["at"]


async def test_a_stream_goes_on_without_a_gap_when_it_comes_back(served: Built) -> None:
    async with reading.stream(served) as stream:
        await served.press("a")
        position = (await stream.next("alarm")).id or 0
    for key in "bcd":
        await served.press(key)
    await served.settle()
    async with reading.stream(served, after=position) as stream:
        missed = [await stream.next("alarm", "delivery") for _ in range(4)]
        await served.press("e")
        fresh = await stream.next("alarm")
    assert [one.id for one in missed] == [position + n for n in (1, 2, 3, 4)]
    assert [one.event for one in missed] == ["alarm", "alarm", "alarm", "delivery"]
    assert (fresh.id, fresh.data["id"][0]) == (position + 5, "e")


async def test_no_change_is_missed_when_streams_join_in_a_storm(served: Built) -> None:
    keys = [f"{n:032x}" for n in range(60)]

    async def storm() -> None:
        for key in keys:
            await served.press(key)

    async def join(wait_for: int) -> list[int]:
        at = changes.bounds
        await waiting.until(lambda: _beyond(served, wait_for), what="the storm has gone so far")
        _, last = await served.database.read(at)
        async with reading.stream(served, after=last // 2) as stream:
            return [(await stream.next("alarm")).id or 0 for _ in range(last // 2, len(keys))]

    async with asyncio.TaskGroup() as group:
        group.create_task(storm())
        joined = [group.create_task(join(n)) for n in (5, 20, 40)]
    for task in joined:
        found = task.result()
        assert found == list(range(found[0], 61))


async def _beyond(house: Built, position: int) -> bool:
    _, last = await house.database.read(changes.bounds)
    return last >= position


@pytest.mark.parametrize("after", [0, 10_000])
async def test_a_page_is_told_to_begin_anew_when_its_position_is_gone(
    served: Built, after: int
) -> None:
    for key in "abc":
        await served.press(key)
    now = served.house.clock.now()
    await served.database.write(lambda c: forgetting.changes(c, now, 99), Urgency.BULK)
    async with reading.stream(served, after=after) as stream:
        told = await stream.next()
    assert told.event == "reset"
    assert told.id in {1, 2, 3}  # wherever the hub is by now


async def test_a_dispatcher_hears_only_of_his_districts_when_both_have_alarms(
    served: Built,
) -> None:
    async with reading.stream(served, "bolat") as stream:
        await served.press("a", device="button-12-1")
        await served.press("b", device="nobody-knows")
        await served.press("c", device="button-90-1")
        told = [(await stream.next("alarm")).data["id"][0] for _ in range(2)]
        beat = await stream.next("heartbeat")
        while beat.data["position"] < 3:
            beat = await stream.next("heartbeat")
    assert told == ["b", "c"]
    assert beat.data["open"]["P0"] == 2


async def test_a_stream_ends_when_its_token_is_revoked(served: Built) -> None:
    now = served.house.clock.now()
    async with reading.stream(served) as stream:
        await stream.next("heartbeat")
        await served.database.write(lambda c: operators.revoke(c, "aigerim", now), Urgency.STEP)
        await waiting.until(lambda: served.app.state.hub.watching == set(), what="it ends")
        with pytest.raises(asyncio.IncompleteReadError):
            await stream.next("alarm")


async def test_a_slow_reader_is_cut_off_and_holds_up_nobody_when_it_stops_reading(
    served: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "DRAIN_WITHIN_S", 0.5)
    monkeypatch.setattr(hub, "BEAT_S", 0.05)
    at = urlsplit(served.url)
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await asyncio.to_thread(slow.connect, (at.hostname, at.port))
        slow.sendall(
            b"GET /api/v1/alarms/stream HTTP/1.1\r\nHost: x\r\n"
            b"Authorization: Bearer dispatcher-secret\r\n\r\n"
        )
        watching = served.app.state.hub
        await waiting.until(lambda: "dispatcher" in watching.watching, what="it listens")
        await served.press("a", note="x" * 2_000_000)
        async with reading.stream(served) as quick:
            for key in "bcd":
                await served.press(key, note="x" * 1_000_000)
            await waiting.until(lambda: "dispatcher" not in watching.watching, what="it is cut")
            await served.press("e")
            await _until_heard(quick, "e")


async def _until_heard(stream: reading.Reader, key: str) -> None:
    while (await stream.next("alarm")).data["id"][0] != key:
        pass


async def test_a_press_is_shown_and_marked_when_the_store_could_not_take_it(
    served: Built,
) -> None:
    alarm = await served.press()
    async with reading.stream(served) as stream, reading.stream(served, "bolat") as other:
        assert served.app.state.hub.watching == {"aigerim", "bolat"}
        served.app.state.hub.shout(replace(alarm, id=AlarmId("b" * 32)))
        told = await stream.next("alarm")
        await served.press("c", device="button-90-1")
        assert (await other.next("alarm")).data["id"][0] == "c"
    assert (told.id, told.data["id"][0], told.data["stored"]) == (None, "b", False)


async def test_nothing_is_told_twice_when_a_page_is_ahead_of_this_gateway(served: Built) -> None:
    async with reading.stream(served) as other:
        await other.next("heartbeat")
        for key in "abc":
            await served.press(key, wake=False)  # another gateway's: this one looks in a second
        async with reading.stream(served, after=2) as stream:
            told = [(await stream.next("alarm")).id for _ in range(1)]
            await served.press("d")
            told.append((await stream.next("alarm")).id)
    assert told == [3, 4]


async def test_a_device_is_shown_as_it_is_when_it_moved(served: Built) -> None:
    now = served.house.clock.now()
    s = served.house.clock.monotonic()
    served.house.presence.hear("gate-12-1", now, s, "b1", registered=True)
    async with reading.stream(served) as stream:
        await served.database.write(
            lambda c: changes.note(c, [(What.DEVICE, "gate-12-1")], now), Urgency.EVENT
        )
        served.house.wakeups.wake()
        told = await stream.next("device")
    assert (told.data["id"], told.data["state"]) == ("gate-12-1", "well")


async def test_what_is_not_stored_yet_is_on_every_stream_at_once_and_marked(
    served: Built,
) -> None:
    async with reading.stream(served) as stream, reading.stream(served, "bolat") as other:
        await stream.next("heartbeat")
        served.shout(unstored("a"))
        told = await stream.next("alarm")
        assert (told.data["id"], told.data["stored"], told.id) == ("a" * 32, False, None)
        served.shout(unstored("b", district="auezov"))
        assert (await other.next("alarm")).data["id"] == "b" * 32


async def test_a_page_that_comes_later_sees_what_is_not_stored_until_it_is(
    served: Built,
) -> None:
    async with reading.stream(served) as first:
        await first.next("heartbeat")
        served.shout(unstored("a"))
        async with reading.stream(served) as late:
            told = await late.next("alarm")
            assert (told.data["id"], told.data["stored"]) == ("a" * 32, False)
            await served.press("a")
            assert (await late.next("alarm")).data["stored"] is True
        async with reading.stream(served) as later:
            await served.press("c")
            assert (await later.next("alarm")).data["id"] == "c" * 32


async def test_what_was_stored_while_nobody_looked_is_shown_as_stored_to_whoever_comes(
    served: Built,
) -> None:
    served.shout(unstored("a"))
    await served.press("a")
    async with reading.stream(served, after=0) as late:
        assert (await late.next("alarm")).data["stored"] is True
        await served.press("c")
        assert (await late.next("alarm")).data["id"] == "c" * 32


async def test_the_heartbeat_tells_how_old_the_proof_of_the_path_is(served: Built) -> None:
    house = replace(served.house, canary_age_s=lambda: 12.5)
    served.app.state.hub._house = house  # noqa: SLF001 - it was made with the other
    async with reading.stream(served) as stream:
        assert (await stream.next("heartbeat")).data["canary_age_s"] == 12.5
