"""What people do on two gateways at once stands in one chain, and nobody waits in a circle."""

import asyncio
from functools import partial

import pytest
from cryptography.fernet import Fernet
from msgspec.structs import replace
from sqlalchemy import Connection

from gateway import commission, operate, relieve, vouch
from gateway.desk import Desk
from gateway.domain.alarm import Disposition
from gateway.domain.deed import Deed
from gateway.domain.errors import Refusal
from gateway.domain.kind import Priority
from gateway.domain.operator import Operator, Role
from gateway.domain.presence import Presence
from gateway.domain.routing import Receiver
from gateway.domain.telling import Teller
from gateway.store import audit, audit_views, commit, migrate, outbox
from gateway.store.audit_views import Entry, Sought
from gateway.store.database import Database, Urgency, open_database
from gateway.store.outbox import Settled, Settlement
from gateway.store.signing import Signer
from tests.domain.making import REGISTRY
from tests.harness.clock import PushedClock
from tests.operate.bench import AIGERIM, AUEZOV, BOLAT, TECHNICIAN, Bench
from tests.store.making import an_alarm, change

SUPERVISOR = Operator(name="saule", role=Role.SUPERVISOR)
ROUNDS = 12


async def rows(database: Database) -> list[Entry]:
    return (await database.read(lambda c: audit_views.listed(c, Sought(), 999)))[::-1]


async def test_each_step_is_one_row_and_the_same_again_is_none(at: Bench) -> None:
    key = await at.raised(district="medeu")
    await operate.claim(at.desk, AIGERIM, key)
    await operate.claim(at.desk, AIGERIM, key)
    await operate.tick(at.desk, AIGERIM, key, "call")
    await operate.take_over(at.desk, SUPERVISOR, key, 2)
    await operate.close(at.desk, SUPERVISOR, key, 3, Disposition.TEST)
    found = await rows(at.database)
    assert [(one.what, one.who) for one in found] == [
        *(("claim", "aigerim"), ("procedure", "aigerim")),
        *(("take_over", "saule"), ("close", "saule")),
    ]
    assert {(one.key, one.district, one.gateway) for one in found} == {(key, "medeu", "g1")}
    assert found[1].data["step"] == "call"
    assert (found[2].data["from"], found[2].data["version"]) == ("aigerim", 3)


async def test_what_is_refused_leaves_no_row_of_a_deed(at: Bench) -> None:
    key = await at.raised(district="medeu")
    for who, version in ((AUEZOV, 1), (BOLAT, 7)):
        with pytest.raises(Refusal):
            await operate.acknowledge(at.desk, who, key, version)
    assert await rows(at.database) == []


async def test_a_test_that_is_opened_and_closed_is_two_rows_with_its_devices(at: Bench) -> None:
    window = await commission.open_window(at.desk, TECHNICIAN, ["button-1"], 10, reason="yearly")
    await commission.close_window(at.desk, TECHNICIAN, window.id)
    await commission.close_window(at.desk, TECHNICIAN, window.id)
    opened, closed = await rows(at.database)
    assert (opened.what, opened.key, opened.data["devices"]) == (
        *("test_opened", window.id, ["button-1"]),
    )
    assert (closed.what, closed.key) == ("test_closed", window.id)


def desk(database: Database, gateway: str) -> Desk:
    """A desk of that gateway, on its own connections."""
    teller = Teller(
        installation="test", gateway=gateway, receivers=(Receiver(name="centre", authority=True),)
    )
    return Desk(
        database=database,
        teller=teller,
        presence=Presence(),
        registry=lambda: REGISTRY,
        clock=PushedClock(),
    )


async def test_two_gateways_write_one_chain_and_never_wait_in_a_circle(database_url: str) -> None:
    migrate.prepare(database_url)
    stores = [open_database(database_url) for _ in range(2)]
    desks = [desk(one, f"g{number}") for number, one in enumerate(stores, 1)]
    async with asyncio.timeout(60):
        await asyncio.gather(*(_work(one) for one in desks))
    found = await rows(stores[0])
    walk = [one async for one in vouch.walked(stores[0], {Signer(Fernet.generate_key()).public})]
    for one in stores:
        await one.close()
    assert walk[-1].faults == []
    assert {one.gateway for one in found} == {"g1", "g2"}
    counts = {what: sum(one.what == what for one in found) for what in ("claim", "close", "resend")}
    assert counts == {"claim": 2 * ROUNDS, "close": 2 * ROUNDS, "resend": 2 * ROUNDS}


async def test_a_shift_is_handed_over_beside_steps_and_nobody_waits_in_a_circle(
    database_url: str,
) -> None:
    migrate.prepare(database_url)
    stores = [open_database(database_url) for _ in range(2)]
    first, second = (desk(one, f"g{number}") for number, one in enumerate(stores, 1))
    giver = Operator(name="dana", role=Role.DISPATCHER)
    async with asyncio.timeout(60):
        for number in range(ROUNDS):
            key = await _raised(first, number)
            await operate.claim(first, giver, key)
            await relieve.begin(first, giver)
            offered = await relieve.offer(first, giver, None, "")
            notes = [operate.add_note(one, BOLAT, key, "n") for one in (first, second) * 3]
            await asyncio.gather(*notes, relieve.take(second, AIGERIM, offered.id))
    walk = [one async for one in vouch.walked(stores[0], ())]
    for one in stores:
        await one.close()
    assert walk[-1].faults == []


async def _raised(at: Desk, number: int) -> str:
    now, alarm = at.clock.now(), an_alarm(number)

    def transact(connection: Connection) -> None:
        commit.write(connection, [change(alarm, new=True)], at.teller, at.context(connection, now))

    await at.database.write(transact, Urgency.ALARM)
    return alarm.id


async def _work(at: Desk) -> None:
    """Steps, tests, sign-ins and dead letters of one gateway, beside each other."""
    place = 1000 if at.teller.gateway == "g1" else 2000

    async def one_alarm(number: int) -> None:
        # No P0: where one is open no test may begin, and tests are to be among it.
        now, alarm = at.clock.now(), replace(an_alarm(place + number), priority=Priority.P1)
        raised = partial(
            commit.write,
            changed=[change(alarm, new=True)],
            teller=at.teller,
            context=await at.database.read(lambda c: at.context(c, now)),
        )
        (owed,) = await at.database.write(raised, Urgency.ALARM)
        dead = Settlement(id=owed.id, state=Settled.DEAD, attempts=1)
        await at.database.write(lambda c: outbox.settle(c, [dead], now), Urgency.STEP)
        await operate.claim(at, AIGERIM, alarm.id)
        await operate.resend(at, SUPERVISOR, owed.id)
        await operate.close(at, AIGERIM, alarm.id, 2, Disposition.TEST)

    async def one_test() -> None:
        window = await commission.open_window(at, TECHNICIAN, ["button-1"], 10)
        await commission.close_window(at, TECHNICIAN, window.id)

    def signs_in(connection: Connection) -> None:
        audit.note(
            connection, audit.by(BOLAT, Deed.SIGN_IN, gateway=at.teller.gateway), at.clock.now()
        )

    await asyncio.gather(
        *(one_alarm(number) for number in range(ROUNDS)),
        *(one_test() for _ in range(ROUNDS)),
        *(at.database.write(signs_in, Urgency.EVENT) for _ in range(ROUNDS)),
    )
