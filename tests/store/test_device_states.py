"""How devices are, and what they left out, on both databases."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.signal import Lane
from gateway.domain.condition import Facts
from gateway.domain.event import Affected
from gateway.domain.gaps import Gap
from gateway.domain.kind import Priority
from gateway.store import alarms, device_states, gaps, journal, troubles
from gateway.store.database import Database
from gateway.store.device_states import DeviceState
from gateway.store.journal import Head
from tests.domain.making import NOW, event, later
from tests.store.making import an_alarm, change, do

SAID = {"battery": 71, "net": {"ip": "x"}}
STATE = DeviceState(device="b", heard_at=NOW, link="l", said=SAID, facts=Facts(low=False))


async def states(store: Database) -> dict[str, DeviceState]:
    return await do(store, device_states.everyone)


async def save(store: Database, *saved: DeviceState, by: str = "g1", at: datetime = NOW) -> None:
    await do(store, device_states.save, list(saved), by, at)


async def test_what_a_device_last_said_of_itself_is_kept(store: Database) -> None:
    await save(store, STATE)
    after = replace(STATE, heard_at=later(30), said={"battery": 70}, facts=Facts(low=True))
    await save(store, after)
    assert await states(store) == {"b": after}


async def test_a_last_will_is_no_sign_of_life_and_takes_nothing_back(store: Database) -> None:
    await save(store, STATE)
    facts = Facts(online=False, low=False)
    await save(store, DeviceState(device="b", heard_at=None, link="m", online=False, facts=facts))
    assert await states(store) == {"b": replace(STATE, online=False, link="m", facts=facts)}


async def test_being_heard_again_writes_no_facts_and_keeps_what_was_said(store: Database) -> None:
    await save(store, STATE)
    heard = DeviceState(device="b", heard_at=later(9), link="l")
    await do(store, device_states.touch, [heard, replace(heard, device="new")], "g1", NOW)
    found = await states(store)
    assert found["b"] == replace(STATE, heard_at=later(9))
    assert found["new"].heard_at == later(9)
    said = replace(heard, heard_at=later(39), said={"battery": 69})
    await do(store, device_states.touch, [said], "g1", NOW)
    assert (await states(store))["b"] == replace(STATE, heard_at=later(39), said={"battery": 69})


async def test_who_is_silent_is_kept_also_of_one_that_was_never_heard(store: Database) -> None:
    await save(store, STATE)
    await do(store, device_states.mark_silent, {"b": later(75), "never": later(76)})
    assert await do(store, device_states.silent) == {"b", "never"}
    found = await states(store)
    assert (found["b"].silent_at, found["b"].heard_at) == (later(75), NOW)
    assert found["never"].heard_at is None
    await do(store, device_states.mark_silent, {"b": None, "never": None})
    assert await do(store, device_states.silent) == set()
    assert (await states(store))["b"] == STATE


async def test_a_start_reads_all_of_them_in_slices(store: Database) -> None:
    await save(store, *(replace(STATE, device=f"b{n}") for n in range(5)))
    await do(store, device_states.mark_silent, {"b3": NOW})
    first = await do(store, device_states.before, "", 3)
    rest = await do(store, device_states.before, first[-1][0], 3)
    assert [row[0] for row in first + rest] == [f"b{n}" for n in range(5)]
    assert rest[0] == ("b3", NOW, "l", True)


async def test_another_gateway_follows_what_this_one_wrote_page_by_page(store: Database) -> None:
    await save(store, *(replace(STATE, device=f"b{n}") for n in range(3)))
    await save(store, replace(STATE, device="later"), at=later(5))
    await save(store, replace(STATE, device="own"), by="g2", at=later(5))
    first = await do(store, device_states.elsewhere, "g2", (NOW, ""), 2)
    assert [one.device for one in first] == ["b0", "b1"]
    rest = await do(store, device_states.elsewhere, "g2", (NOW, "b1"), 9)
    assert [one.device for one in rest] == ["b2", "later"]
    assert (rest[1].written_at, rest[1].facts) == (later(5), STATE.facts)
    assert await do(store, device_states.elsewhere, "g2", (later(5), "later"), 9) == []


async def test_facts_are_read_of_those_who_have_any(store: Database) -> None:
    facts = Facts(low=True, networks=("gateway_mac=m", "bssid=w"), moved="gateway_mac=n", site="s")
    await save(store, replace(STATE, facts=facts))
    assert await do(store, device_states.facts_of, ["a", "b"]) == {"b": facts}


def counted(*seqs: int, boot: int = 1, device: str = "button-1") -> list[Any]:
    return [
        event("panic.pressed", device, id=f"{boot}-{seq}", boot=boot, seq=seq, at=later(seq))
        for seq in seqs
    ]


async def test_what_is_missing_is_looked_for_in_the_journal(store: Database) -> None:
    await do(store, journal.append, "g1", Lane.ALARM, counted(1, 2, 5, 9), Head())
    await do(store, journal.append, "g2", Lane.ALARM, counted(3) + counted(4, boot=2), Head())
    gap = Gap(device="button-1", boot=1, ranges=((3, 4), (6, 8)))
    assert await do(store, gaps.heard, gap) == [3]
    assert await do(store, gaps.highest, "button-1", 1, 9) == 5
    assert await do(store, gaps.highest, "button-1", 7, 9) is None
    recent = await do(store, gaps.recent, later(4), 99)
    assert recent == [("button-1", 2, 4), ("button-1", 1, 5), ("button-1", 1, 9)]


async def test_what_was_asked_for_is_kept_until_it_is_settled(store: Database) -> None:
    gap = Gap(device="b", boot=2**40, ranges=((3, 4), (6, 2**62)))
    await do(store, gaps.keep, [gap], NOW)
    await do(store, gaps.keep, [gap], later(1))
    assert await do(store, gaps.kept) == [gap]
    await do(store, gaps.drop, [gap])
    assert await do(store, gaps.kept) == []


async def test_what_stands_open_is_told_by_kind_and_by_whom(store: Database) -> None:
    site = an_alarm(
        1, kind="site.silent", device="site-s", site="s", affected=Affected(devices=3, of_devices=4)
    )
    closed = an_alarm(2, kind="site.silent", closed_at=NOW)
    panic = an_alarm(3, priority=Priority.P0)
    await do(store, alarms.save, [change(one, new=True) for one in (site, closed, panic)])
    assert await do(store, troubles.standing, ["site.silent"]) == {
        ("site.silent", "site-s", "s", "medeu")
    }
    assert await do(store, troubles.counts) == {"site.silent": 1, "panic.pressed": 1}
    assert await do(store, troubles.of_device, "site-s") == ["site.silent"]
    found = await do(store, alarms.get, site.id)
    assert found == site
