"""The registry, its version, windows, counts, states and commands, there and back."""

from datetime import date, timedelta

from adapters.signal import Lane, Reply
from gateway.domain.occupancy import Occupancy
from gateway.domain.site import SiteId
from gateway.domain.window import Window
from gateway.store import (
    chain,
    commands,
    occupancies,
    sites,
    versions,
    windows,
)
from gateway.store.database import Database
from tests.domain.making import BUTTON, NOW, QUIET, REGISTRY, SCHOOL, WIRED, later
from tests.harness.changed import replace
from tests.store.making import do

WINDOW = Window(
    id="w" * 32,
    expected={"button-1": 3},
    heard={},
    opened_at=NOW,
    until=later(60),
    by="техник",
    reason="жыл сайынғы",
)


async def put(store: Database) -> None:
    everything = (REGISTRY.sites, REGISTRY.zones, REGISTRY.devices)
    await do(store, sites.put, *(list(part.values()) for part in everything))


async def test_the_registry_is_read_as_it_was_written(store: Database) -> None:
    await put(store)
    assert await do(store, sites.registry) == REGISTRY


async def test_what_is_put_again_is_changed_and_moves_the_version(store: Database) -> None:
    await put(store)
    moved = replace(BUTTON, site=SiteId("school-9"), proven_at=None, host="10.0.0.7", port=80)
    await do(store, sites.put, [replace(SCHOOL, address="elsewhere")], [], [moved])
    found = await do(store, sites.registry)
    assert (found.version, found.devices[BUTTON.id]) == (2, moved)
    assert (found.sites[SCHOOL.id].address, found.devices[QUIET.id]) == ("elsewhere", QUIET)


async def test_a_removed_device_is_gone_and_the_others_stay(store: Database) -> None:
    await put(store)
    await do(store, sites.remove_devices, [BUTTON.id])
    found = await do(store, sites.registry)
    assert (BUTTON.id in found.devices, WIRED.id in found.devices, found.version) == (
        False,
        True,
        2,
    )


async def test_a_proven_device_knows_when(store: Database) -> None:
    await put(store)
    for at in (later(5), None):
        await do(store, sites.prove, BUTTON.id, at)
        assert (await do(store, sites.registry)).devices[BUTTON.id].proven_at == at


async def test_versions_move_by_one_each_by_itself(store: Database) -> None:
    assert await do(store, versions.read) == {}
    for name in (versions.REGISTRY, versions.REGISTRY, versions.WINDOWS):
        await do(store, versions.move, name)
    assert await do(store, versions.read) == {"registry": 2, "windows": 1}


async def test_a_window_is_active_until_its_time_or_its_closing(store: Database) -> None:
    await do(store, windows.open_window, WINDOW)
    assert await do(store, windows.active, later(59)) == [WINDOW]
    assert await do(store, windows.active, later(60)) == []
    heard = replace(WINDOW, heard={"button-1": 2})
    await do(store, windows.save, heard)
    assert await do(store, windows.get, WINDOW.id) == heard
    await do(store, windows.save, replace(heard, closed_at=later(5)))
    assert await do(store, windows.active, later(6)) == []


async def test_a_window_whose_time_is_over_is_found_once(store: Database) -> None:
    await do(store, windows.open_window, WINDOW)
    assert not await do(store, windows.anything_ended, later(59))
    assert await do(store, windows.anything_ended, later(60))
    assert await do(store, windows.ended, later(60)) == [WINDOW]
    await do(store, windows.save, replace(WINDOW, closed_at=later(60)))
    assert await do(store, windows.ended, later(61)) == []
    assert len(await do(store, windows.listed, NOW, 9)) == 1


async def test_counts_of_people_are_written_over(store: Database) -> None:
    count = Occupancy(site="s", day=date(2026, 11, 22), inside=412, as_of=NOW)
    await do(store, occupancies.save, [count])
    fewer = replace(count, inside=411, opened=True, as_of=later(1))
    await do(store, occupancies.save, [fewer])
    assert await do(store, occupancies.of_sites, ["s", "t"]) == {"s": fewer}


async def test_a_command_waits_for_its_reply_or_its_end(store: Database) -> None:
    short, long = (
        commands.new("b", "confirm", {"level": "seen"}, NOW, timedelta(seconds=s)) for s in (5, 60)
    )
    await do(store, commands.order, [short, long])
    assert await do(store, commands.waiting, later(4), 9) == [short, long]
    assert await do(store, commands.waiting, later(5), 9) == [long]
    said = Reply(link="l", device="b", received_at=NOW, id=long.id, ok=False, error="x" * 999)
    await do(store, commands.reply, [replace(said, device="other")], NOW)
    assert await do(store, commands.waiting, later(4), 9) == [short, long]
    await do(store, commands.reply, [said], NOW)
    await do(store, commands.reply, [replace(said, ok=True)], NOW)
    assert await do(store, commands.waiting, NOW, 9) == [short]
    row = await do(store, commands.outcome, long.id)
    assert (row.ok, len(row.error)) == (False, 300)


async def test_an_empty_store_has_no_chains(store: Database) -> None:
    assert await do(store, chain.gateways, Lane.ALARM) == []
