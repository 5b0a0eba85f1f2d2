"""People as rows: names that nobody else has, passwords as hashes, and what ends a session."""

import pytest

from gateway.domain.operator import Role
from gateway.store import operators, people, sessions
from gateway.store.database import Database
from gateway.store.operators import NameTaken, Token
from gateway.store.people import Person
from gateway.store.sessions import Session
from tests.domain.making import NOW, later
from tests.harness.changed import replace
from tests.store.making import do

AIGERIM = Person(
    name="aigerim",
    shown="Айгерім",
    hash="$argon2id$one",
    role=Role.DISPATCHER,
    districts=("medeu", "Әуезов"),
    created_at=NOW,
    password_at=NOW,
)
TOKEN = Token(name="duty", role=Role.DISPATCHER, created_at=NOW)


def session(secret: str, at: float = 0) -> Session:
    return Session(secret=secret, began_at=later(at), until=later(at + 3600), address="10.0.0.7")


async def came_in(store: Database, *secrets: str) -> None:
    await do(store, people.add, AIGERIM)
    for number, secret in enumerate(secrets):
        await do(store, sessions.begin, session(secret, number), AIGERIM)


async def test_a_person_is_kept_as_they_were_written(store: Database) -> None:
    await do(store, people.add, AIGERIM)
    assert await do(store, people.get, "aigerim") == AIGERIM
    assert await do(store, people.get, "Aigerim") is None
    assert await do(store, people.listed) == [AIGERIM]


async def test_a_name_is_one_persons_or_one_tokens(store: Database) -> None:
    await do(store, people.add, AIGERIM)
    await do(store, operators.add_token, TOKEN, "secret")
    for taken in ("aigerim", "duty"):
        with pytest.raises(NameTaken, match=taken):
            await do(store, people.add, replace(AIGERIM, name=taken))
        with pytest.raises(NameTaken, match=taken):
            await do(store, operators.add_token, replace(TOKEN, name=taken), "other")


async def test_one_who_is_known_elsewhere_is_one_person_here(store: Database) -> None:
    await do(store, people.add, replace(AIGERIM, issuer="https://id", subject="17"))
    await do(store, people.add, replace(AIGERIM, name="bolat"))
    found = await do(store, people.known_as, "https://id", "17")
    assert found is not None
    assert found.name == "aigerim"
    assert await do(store, people.known_as, "https://other", "17") is None
    with pytest.raises(NameTaken):
        await do(store, people.link, "bolat", "https://id", "17")
    assert await do(store, people.link, "bolat", "https://id", "18")
    assert not await do(store, people.link, "nobody", "https://id", "19")


async def test_sessions_end_when_the_password_is_new_or_the_person_disabled(
    store: Database,
) -> None:
    await came_in(store, "one", "two")
    assert await do(store, people.set_password, "aigerim", "$argon2id$two", later(5))
    assert await do(store, sessions.find, "one", later(6)) is None
    await do(store, sessions.begin, session("three"), AIGERIM)
    assert await do(store, people.disable, "aigerim", later(7))
    assert await do(store, sessions.find, "three", later(8)) is None
    await do(store, sessions.begin, session("four"), AIGERIM)  # a race that it lost
    assert await do(store, sessions.find, "four", later(8)) is None
    assert not await do(store, people.disable, "nobody", NOW)


async def test_what_a_person_is_counts_from_their_next_question_on(store: Database) -> None:
    await came_in(store, "one")
    await do(store, people.change, "aigerim", Role.SUPERVISOR, ("auezov",), "A. N.")
    found = await do(store, sessions.find, "one", later(1))
    assert found is not None
    operator = found.holder.operator()
    assert (operator.role, operator.shown) == (Role.SUPERVISOR, "A. N.")
    assert operator.districts == {"auezov"}


async def test_a_session_is_over_when_nobody_used_it_for_two_hours(store: Database) -> None:
    await do(store, people.add, AIGERIM)
    long = replace(session("one"), until=later(12 * 3600))
    await do(store, sessions.begin, long, AIGERIM)
    await do(store, sessions.use, "one", later(3600))
    assert await do(store, sessions.find, "one", later(3 * 3600 - 1)) is not None
    assert await do(store, sessions.find, "one", later(3 * 3600)) is None


async def test_the_oldest_session_ends_when_a_person_has_too_many(store: Database) -> None:
    await came_in(store, *(f"s{number}" for number in range(sessions.SESSIONS + 1)))
    assert await do(store, sessions.find, "s0", later(30)) is None
    assert await do(store, sessions.find, "s1", later(30)) is not None
    used = await do(store, sessions.of, "aigerim", later(30))
    assert len(used) == sessions.SESSIONS
    assert (used[0].began_at, used[0].address) == (later(sessions.SESSIONS), "10.0.0.7")


async def test_the_session_that_the_browser_had_ends_with_a_new_one(store: Database) -> None:
    await came_in(store, "old")
    await do(store, sessions.begin, replace(session("new"), instead_of="old"), AIGERIM)
    assert await do(store, sessions.find, "old", later(1)) is None
    assert await do(store, sessions.find, "new", later(1)) is not None


async def test_a_link_of_a_person_opens_once_and_is_no_session(store: Database) -> None:
    await do(store, people.add, AIGERIM)
    await do(store, sessions.offer, "link", "aigerim", later(60))
    assert await do(store, sessions.find, "link", NOW) is None
    assert await do(store, sessions.redeem, "link", NOW) == AIGERIM
    assert await do(store, sessions.redeem, "link", NOW) is None
