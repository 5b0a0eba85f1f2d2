"""The quarantine: sealed, counted, bounded, never silent."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Connection, select

from gateway.store import forgetting, quarantine, schema
from gateway.store.database import Database
from gateway.store.quarantine import NEW_ROWS_PER_DEVICE_HOUR, Quarantined, Refused
from gateway.store.sealed import Seal
from tests.domain.making import NOW
from tests.store.making import do

SEAL = Seal(Fernet.generate_key())


def refused(body: bytes, device: str = "b", after_s: int = 0, reason: str = "not_json") -> Refused:
    at = NOW + timedelta(seconds=after_s)
    return Refused(device=device, reason=reason, link="l", at=at, body=body)


async def kept(store: Database, *ones: Refused) -> list[Quarantined]:
    await do(store, quarantine.keep, SEAL, ones)
    return await do(store, quarantine.listed, SEAL, 999, None)


async def test_the_same_words_are_one_row_with_a_count(store: Database) -> None:
    rows = await kept(store, refused(b"\xff\x00"), refused(b"\xff\x00", after_s=5), refused(b"x"))
    assert [(row.body, row.count) for row in rows] == [(b"x", 1), (b"\xff\x00", 2)]
    assert rows[1].last_at - rows[1].first_at == timedelta(seconds=5)


async def test_devices_and_reasons_are_told_apart(store: Database) -> None:
    rows = await kept(store, refused(b"x"), refused(b"x", "c"), refused(b"x", reason="nul"))
    assert len(rows) == 3


async def test_what_is_kept_is_sealed(store: Database) -> None:
    await kept(store, refused(b"card 0012345678"))

    def body(connection: Connection) -> bytes:
        return bytes(connection.execute(select(schema.quarantine.c.body)).scalar_one())

    sealed = await do(store, body)
    assert b"0012345678" not in sealed
    assert SEAL.open(sealed) == b"card 0012345678"
    assert b"another key" in Seal(Fernet.generate_key()).open(sealed)


async def test_a_device_has_room_for_a_hundred_new_rows_an_hour_and_all_are_counted(
    store: Database,
) -> None:
    rows = await kept(store, *(refused(b"%d" % n) for n in range(150)))
    assert len(rows) == NEW_ROWS_PER_DEVICE_HOUR + 1
    assert sum(row.count for row in rows) == 150
    assert max(row.count for row in rows) == 50


async def test_a_known_row_goes_on_counting_when_there_is_no_more_room(store: Database) -> None:
    await kept(store, *(refused(b"%d" % n) for n in range(150)))
    rows = await kept(store, refused(b"7"))
    assert {row.body: row.count for row in rows}[b"7"] == 2


async def test_a_full_device_takes_no_room_from_another_nor_from_the_next_hour(
    store: Database,
) -> None:
    await kept(store, *(refused(b"%d" % n) for n in range(150)))
    rows = await kept(store, refused(b"other", "c"), refused(b"later", after_s=3601))
    assert {b"other", b"later"} <= {row.body for row in rows}


async def test_what_was_last_seen_long_ago_is_forgotten(store: Database) -> None:
    await kept(store, refused(b"old"), refused(b"new", after_s=10))
    await do(store, forgetting.quarantined, NOW + timedelta(seconds=5), 9)
    assert [row.body for row in await kept(store)] == [b"new"]


async def test_pages_go_back_in_time(store: Database) -> None:
    rows = await kept(store, refused(b"1"), refused(b"2"), refused(b"3"))
    page = await do(store, quarantine.listed, SEAL, 2, rows[0].id)
    assert [row.body for row in page] == [b"2", b"1"]


@pytest.mark.parametrize("device", ["ә" * 80, "x" * 200])
async def test_any_device_is_kept(store: Database, device: str) -> None:
    (row,) = await kept(store, refused(b"x", device))
    assert row.device == device[:80]
