"""Tokens, sessions and what receivers said: of a secret only a digest."""

import pytest
from sqlalchemy import Connection, select

from gateway.domain.operator import Role
from gateway.store import entry, operators, schema, sessions
from gateway.store.database import Database
from gateway.store.operators import NameTaken, Token
from gateway.store.sessions import Session
from tests.domain.making import NOW, later
from tests.harness.changed import replace
from tests.store.making import do

TOKEN = Token(name="aigerim", role=Role.DISPATCHER, districts=("medeu", "Әуезов"), created_at=NOW)
SESSION = Session(secret="session", began_at=NOW, until=later(60))


async def added(store: Database) -> None:
    await do(store, operators.add_token, TOKEN, "secret")


async def test_a_token_is_found_by_its_secret_alone(store: Database) -> None:
    await added(store)
    assert await do(store, operators.token_of, "secret") == TOKEN
    assert await do(store, operators.token_of, "Secret") is None
    assert await do(store, operators.tokens) == [TOKEN]


async def test_no_secret_is_in_the_database(store: Database) -> None:
    await added(store)

    def kept(connection: Connection) -> str:
        return str(connection.execute(select(schema.tokens)).all())

    assert "secret" not in await do(store, kept)


async def test_a_name_is_taken_once_and_the_transaction_lives_on(store: Database) -> None:
    await added(store)

    def twice(connection: Connection) -> int:
        with pytest.raises(NameTaken):
            operators.add_token(connection, TOKEN, "other")
        operators.add_token(connection, replace(TOKEN, name="bolat"), "third")
        return len(operators.tokens(connection))

    assert await do(store, twice) == 2


async def test_a_revoked_token_opens_nothing(store: Database) -> None:
    await added(store)
    await do(store, operators.open_sign_in, "session", "aigerim", later(60), once=False)
    assert await do(store, operators.revoke, "aigerim", NOW)
    assert not await do(store, operators.revoke, "aigerim", NOW)
    assert await do(store, operators.token_of, "secret") is None
    assert await do(store, sessions.find, "session", NOW) is None


async def test_a_session_stands_until_its_time(store: Database) -> None:
    await added(store)
    await do(store, operators.open_sign_in, "session", "aigerim", later(60), once=False)
    found = await do(store, sessions.find, "session", later(59))
    assert found is not None
    assert found.holder == TOKEN
    assert await do(store, sessions.find, "session", later(60)) is None
    assert await do(store, sessions.redeem, "session", NOW) is None


async def test_a_one_time_link_opens_once(store: Database) -> None:
    await added(store)
    await do(store, operators.open_sign_in, "link", "aigerim", later(60), once=True)
    found = [await do(store, sessions.redeem, "link", NOW) for _ in range(2)]
    assert found == [TOKEN, None]


async def test_what_has_run_out_is_forgotten(store: Database) -> None:
    await added(store)
    await do(store, operators.open_sign_in, "old", "aigerim", NOW, once=False)
    await do(store, sessions.forget, NOW)
    assert await do(store, lambda c: c.execute(select(schema.sign_ins)).all()) == []


async def test_a_person_comes_in_and_goes_out(store: Database) -> None:
    await added(store)
    assert await do(store, entry.enter, "secret", SESSION, once=False) == TOKEN
    found = await do(store, entry.look, "session", NOW, is_session=True)
    assert found is not None
    assert found.holder == TOKEN
    await do(store, entry.leave, "session", TOKEN.operator(), NOW, "g1")
    assert await do(store, entry.look, "session", NOW, is_session=True) is None


async def test_a_machine_does_not_come_in_by_the_door_of_people(store: Database) -> None:
    machine = Token(name="centre", role=Role.MACHINE, receiver="centre", created_at=NOW)
    await do(store, operators.add_token, machine, "secret")
    assert await do(store, entry.enter, "secret", SESSION, once=False) is None


async def test_a_receivers_word_is_known_by_its_id(store: Database) -> None:
    await do(store, operators.keep_response, "centre", "r1", "a" * 32, NOW, "closed")
    assert await do(store, operators.response_known, "centre", "r1")
    assert not await do(store, operators.response_known, "duty", "r1")
    assert await do(store, operators.closings_since, "centre", later(-1)) == 1
    assert await do(store, operators.closings_since, "centre", NOW) == 0
    assert await do(store, operators.closings_since, "duty", later(-1)) == 0
