"""Somebody who signs in by name, and ways to do it."""

import httpx2

from gateway import metrics, passwords
from gateway.domain.operator import Role
from gateway.store import people
from gateway.store.database import Urgency
from gateway.store.people import Person
from tests.harness.changed import replace
from tests.web.building import Built

PASSWORD = "мысық терезеде ұйықтап жатыр"
HASH = passwords.hashed(PASSWORD)
OURS = {"Sec-Fetch-Site": "same-origin"}


async def let_in(house: Built, name: str = "dana", **more: object) -> Person:
    now = house.house.clock.now()
    person = Person(name=name, shown="Дана Ә.", role=Role.DISPATCHER, hash=HASH, created_at=now)
    person = replace(person, **more)
    await house.database.write(lambda c: people.add(c, person), Urgency.STEP)
    return person


def reached(house: Built, address: str = "10.0.0.7", scheme: str = "http") -> httpx2.AsyncClient:
    """A client at that address."""
    transport = httpx2.ASGITransport(app=house.app, client=(address, 40_000))
    return httpx2.AsyncClient(transport=transport, base_url=f"{scheme}://house")


def counted(result: str, way: str = "password") -> float:
    return float(metrics.sign_ins.labels(way, result)._value.get())  # noqa: SLF001 - prometheus has no other


async def by_name(
    client: httpx2.AsyncClient, password: str = PASSWORD, name: str = "dana"
) -> httpx2.Response:
    return await client.post("/api/v1/session", json={"name": name, "password": password})
