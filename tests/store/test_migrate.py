"""Migrations: an empty database is made whole, a strange one is refused with one clear line."""

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from gateway.store import migrate, revision, schema
from gateway.store.database import Urgency, WrongDatabase, open_database


async def run(url: str, sql: str) -> None:
    opened = open_database(url)
    await opened.write(lambda c: c.execute(text(sql)), Urgency.STEP)
    await opened.close()


def test_an_empty_database_is_made_whole_and_then_left_alone(url: str) -> None:
    assert migrate.revision(url) is None
    migrate.prepare(url)
    assert migrate.revision(url) == migrate.head()
    migrate.prepare(url)
    assert migrate.migrate(url) == (migrate.head(), migrate.head())


def test_whether_it_is_whole_is_told_without_the_tools_that_make_it_so(url: str) -> None:
    assert revision.newest() == migrate.head()
    assert not revision.is_current(url)
    migrate.prepare(url)
    assert revision.is_current(url)


async def test_an_older_newer_or_strange_database_is_left_to_those_tools(url: str) -> None:
    await run(url, "CREATE TABLE alembic_version (version_num text)")
    for version in ("0001", "9999"):
        await run(url, f"INSERT INTO alembic_version VALUES ('{version}')")  # noqa: S608
        assert not await asyncio.to_thread(revision.is_current, url)
    assert not await asyncio.to_thread(revision.is_current, "sqlite:////nowhere/at.db")
    assert not await asyncio.to_thread(revision.is_current, "postgresql://nobody@127.0.0.1:9/x")
    assert not await asyncio.to_thread(revision.is_current, "what is this")


async def test_the_revisions_make_exactly_the_schema(url: str) -> None:
    migrate.prepare(url)

    def is_compared(_: object, name: str | None, *__: object) -> bool:
        # PostgreSQL's partitions have keys of their own, the table of all passages has none.
        is_part = "journal_event" in (name or "") and name != "journal_event"
        return not (is_part and url.startswith("postgresql"))

    def differences(connection: Connection) -> object:
        context = MigrationContext.configure(connection, opts={"include_object": is_compared})
        return compare_metadata(context, schema.metadata)

    opened = open_database(url)
    found = await opened.write(differences, Urgency.STEP)
    await opened.close()
    assert found == []


async def test_a_database_of_somebody_else_is_refused(url: str) -> None:
    await run(url, "CREATE TABLE invoices (id integer)")
    for look in (migrate.prepare, migrate.migrate, migrate.revision):
        with pytest.raises(WrongDatabase, match="invoices"):
            look(url)


async def test_a_database_of_a_newer_dabyl_is_refused(url: str) -> None:
    migrate.prepare(url)
    await run(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(WrongDatabase, match="newer"):
        migrate.prepare(url)


def test_a_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(WrongDatabase, match="nowhere"):
        migrate.prepare("sqlite:////nowhere/at/all/dabyl.db")


def test_a_server_that_is_not_there_is_one_clear_line() -> None:
    with pytest.raises(WrongDatabase, match="cannot be used") as caught:
        migrate.prepare("postgresql://postgres@127.0.0.1:1/x")
    assert "\n" not in str(caught.value)
