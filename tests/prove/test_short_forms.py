"""The proofs in their short forms; `make prove` runs the long ones."""

from pathlib import Path

import pytest

from tests.harness.postgres import Postgres
from tests.prove import (
    away,
    cameras,
    catalog,
    clients,
    day,
    flood,
    garbage,
    garbage_line,
    reboot,
    runner,
    shift,
    store,
)
from tests.prove.found import Size
from tests.prove.proven import judged, proven

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]


@pytest.mark.load
async def test_a_device_that_presses_without_end_is_not_felt_by_the_others(tmp_path: Path) -> None:
    await proven(flood.prove, tmp_path)


@pytest.mark.load
async def test_five_hundred_who_connect_and_press_at_once_are_all_receipted(tmp_path: Path) -> None:
    await proven(clients.plain, tmp_path)


@pytest.mark.load
async def test_a_hundred_who_do_so_with_tls_are_all_receipted(tmp_path: Path) -> None:
    await proven(clients.sealed, tmp_path)


async def test_hostile_payloads_harm_no_good_press_beside_them(tmp_path: Path) -> None:
    await proven(garbage.prove, tmp_path)


async def test_hostile_payloads_harm_none_on_postgresql(tmp_path: Path, database_url: str) -> None:
    await proven(garbage.prove, tmp_path, database_url)


async def test_hostile_messages_over_the_line_harm_nobody_who_presses(tmp_path: Path) -> None:
    await proven(garbage_line.prove, tmp_path)


async def test_a_day_in_a_minute_loses_nothing(tmp_path: Path) -> None:
    await proven(day.prove, tmp_path)


async def test_a_console_shows_every_alarm_of_a_short_shift(tmp_path: Path) -> None:
    await proven(shift.prove, tmp_path)


async def test_consoles_that_were_away_hold_every_open_alarm_again(tmp_path: Path) -> None:
    await proven(away.prove, tmp_path)


@pytest.mark.parametrize("key", ["disk-full", "disk-read-only"])
def test_a_disk_that_fails_makes_no_false_receipt_and_loses_nothing(key: str) -> None:
    if not runner.namespaces():
        pytest.skip("mounting asks for root and a namespace")
    (proof,) = catalog.chosen([key])
    judged(runner.run(proof, Size.SHORT, within_s=200))


async def test_a_locked_store_makes_no_false_receipt_and_loses_nothing(tmp_path: Path) -> None:
    await proven(store.locked, tmp_path)


async def test_a_locked_postgresql_makes_no_false_receipt_and_loses_nothing(
    tmp_path: Path, database_url: str
) -> None:
    await proven(store.locked, tmp_path, database_url)


async def test_an_import_holds_up_no_press(tmp_path: Path) -> None:
    await proven(store.imported, tmp_path)


async def test_a_killed_postgresql_makes_no_false_receipt_and_loses_nothing(
    tmp_path: Path, own_cluster: Postgres
) -> None:
    await proven(store.killed, tmp_path, own_cluster.new_database(), own_cluster)


async def test_every_failure_of_a_camera_is_named_and_not_felt_by_the_others(
    tmp_path: Path,
) -> None:
    await proven(cameras.failing, tmp_path)


async def test_cameras_that_come_back_together_are_all_heard_without_a_storm(
    tmp_path: Path,
) -> None:
    await proven(reboot.at_once, tmp_path)
