"""Aging: a database as it is after years, filled in bulk: the right rows, in the right places.

The hashes are random: nobody verifies this chain.
"""

import asyncio
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Template

import asyncpg

from gateway.store import archives, partitions, schema
from tests.bench import devices

DAYS = 30
HOT_DAYS = 2
DAY_US = 86_400_000_000
_BESIDE = Path(__file__).with_suffix(".sql")
_PASSAGES = Template(
    "INSERT INTO $table ($journal)"
    " SELECT 'g1', $number + n.i + 1, d.turnstile, $word, 0, $b16, 'passage.granted', 'site-0001',"
    " 1, 'b1', $begins + n.i * $step, NULL, 'synced', 5, 1, n.i, '', $b150, $b32, 0, 1"
    " FROM n JOIN d ON d.i = n.i % $devices WHERE n.i < $count"
)
_COMMON = {
    "journal": ", ".join(column.name for column in schema.journal_event.columns),
    "delivery": ", ".join(column.name for column in schema.deliveries.columns),
    "devices": str(devices.BUTTONS),
}
_SQLITE = {
    "word": "lower(hex(randomblob(10)))",
    **{f"b{count}": f"randomblob({count})" for count in (16, 32, 150, 1200)},
    "no": "0",
    "yes": "1",
}
_POSTGRES = {
    "word": "left(md5(random()::text), 20)",
    **{
        f"b{count}": f"decode(repeat(md5(random()::text), {count // 16}), 'hex')"
        for count in (16, 32, 150, 1200)
    },
    "no": "false",
    "yes": "true",
}


@dataclass(frozen=True, slots=True)
class Years:
    """How many rows of what, of so many in all."""

    rows: int

    @property
    def passages_a_day(self) -> int:
        """A month of them is nine tenths of everything."""
        return self.rows * 9 // 10 // DAYS

    @property
    def presses(self) -> int:
        """On the alarm lane; as many deliveries."""
        return self.rows // 20

    @property
    def to_put_away(self) -> int:
        """Rows of each sort that the gateway finds to be moved or dropped when it starts."""
        return self.rows // 500


async def fill(url: str, rows: int) -> None:
    """Fill a migrated database with so many rows."""
    years, begun = Years(rows), time.monotonic()
    if url.startswith("sqlite"):
        _fill_sqlite(Path(url.removeprefix("sqlite:///")), years)
    else:
        await _fill_postgres(url, years)
    # Else the disk is still busy with all of it while the presses are measured.
    await asyncio.to_thread(os.sync)
    print(f"  {rows:,} rows in {time.monotonic() - begun:.0f} s", flush=True)


def _fill_sqlite(file: Path, years: Years) -> None:
    folder = Path(f"{file}-passages")
    folder.mkdir()
    with closing(sqlite3.connect(file, isolation_level=None)) as store:
        for pragma in ("synchronous = OFF", "temp_store = MEMORY", "cache_size = -262144"):
            store.execute(f"PRAGMA {pragma}")
        store.execute("CREATE TEMP TABLE n (i INTEGER PRIMARY KEY)")
        store.executemany("INSERT INTO n VALUES (?)", ((n,) for n in range(_most(years))))
        store.execute("CREATE TEMP TABLE d (i INTEGER PRIMARY KEY, button TEXT, turnstile TEXT)")
        store.executemany("INSERT INTO d VALUES (?, ?, ?)", _names())
        number, count = 0, years.passages_a_day
        for ago in range(DAYS - 1, -1, -1):
            if ago < HOT_DAYS:
                store.execute(_passages("journal_event", number, count, ago, _SQLITE))
            else:
                _archived(store, folder, number, count, ago)
            number += count
        for sql in _beside(years, _SQLITE):
            store.execute(sql)
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _archived(store: sqlite3.Connection, folder: Path, number: int, count: int, ago: int) -> None:
    day = _today() - ago
    store.execute("ATTACH ? AS old", (str(archives.file_of(folder, day)),))
    store.execute("PRAGMA old.journal_mode = OFF")
    columns = f"{_COMMON['journal']}, PRIMARY KEY (gateway, number)"
    store.execute(f"CREATE TABLE old.journal_event ({columns}) WITHOUT ROWID")
    store.execute(_passages("old.journal_event", number, count, ago, _SQLITE))
    store.execute("DETACH old")
    lying = (day, number + 1, number + count)
    store.execute("INSERT INTO archives VALUES (?, 'g1', ?, ?, randomblob(32))", lying)


async def _fill_postgres(url: str, years: Years) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET synchronous_commit = off; SET maintenance_work_mem = '256MB'")
        await connection.execute("CREATE TEMP TABLE n (i bigint)")
        await connection.execute("CREATE TEMP TABLE d (i int, button text, turnstile text)")
        numbers = "INSERT INTO n SELECT i FROM generate_series(0, CAST($1 AS bigint)) AS g(i)"
        await connection.execute(numbers, _most(years))
        await connection.copy_records_to_table("d", records=_names())
        number, count = 0, years.passages_a_day
        # One day more than is kept: the gateway finds it too old.
        for ago in range(DAYS, -1, -1):
            begins = (_today() - ago) * DAY_US
            await _partition(connection, begins, _passages("{name}", number, count, ago, _POSTGRES))
            number += count
        for sql in _beside(years, _POSTGRES):
            await connection.execute(sql)
        await connection.execute("SELECT setval('deliveries_id_seq', max(id)) FROM deliveries")
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _partition(connection: asyncpg.Connection, begins: int, passages: str) -> None:
    """As gateway.store.partitions makes them, but filled before it has its indexes."""
    name = partitions.name_of(begins)
    key = "device, event_id, reuse, (received_at / 86400000000)"
    within = f"FOR VALUES FROM ({begins}) TO ({begins + DAY_US})"
    for sql in (
        f"CREATE TABLE {name} (LIKE journal_event)",
        passages.format(name=name),
        f"CREATE UNIQUE INDEX uq_{name}_number ON {name} (gateway, number)",
        f"CREATE UNIQUE INDEX uq_{name}_key ON {name} ({key})",
        f"ALTER TABLE journal_event ATTACH PARTITION {name} {within}",
    ):
        await connection.execute(sql)


def _passages(table: str, number: int, count: int, ago: int, words: dict[str, str]) -> str:
    """A day of passages, each turnstile in its turn; today only what is past."""
    begins = (_today() - ago) * DAY_US
    passed = schema.microseconds(datetime.now(UTC)) - begins
    step = max(1, min(DAY_US, passed) // count - 1)
    return _PASSAGES.substitute(
        _COMMON | words, table=table, number=number, count=count, begins=begins, step=step
    )


def _beside(years: Years, words: dict[str, str]) -> Iterator[str]:
    """Presses, alarms, their time lines and deliveries of a year; and what is to be put away."""
    now = datetime.now(UTC)
    begins = now - timedelta(days=360)
    text = "\n".join(line for line in _BESIDE.read_text().splitlines() if not line.startswith("--"))
    filled = Template(text).substitute(
        _COMMON | words,
        presses=years.presses,
        alarms=years.presses * 2 // 5,
        more=years.to_put_away,
        now=schema.microseconds(now),
        begins=schema.microseconds(begins),
        step=(now - begins) // timedelta(microseconds=1) // (years.presses + 1),
    )
    return (sql for sql in filled.split(";") if sql.strip())


def _most(years: Years) -> int:
    return max(years.passages_a_day, years.presses)


def _names() -> list[tuple[int, str, str]]:
    return [(n, devices.button(n), devices.turnstile(n)) for n in range(devices.BUTTONS)]


def _today() -> int:
    return archives.day_at(datetime.now(UTC))
