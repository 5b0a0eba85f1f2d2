"""People who sign in at their own organisation, against a small provider on this machine."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc.jwk import OctKey, RSAKey

from gateway import metrics, oidc
from gateway.domain.operator import Role
from gateway.store import people
from gateway.store.database import Urgency
from gateway.store.people import Person
from tests.harness import provider as providers
from tests.harness.changed import replace
from tests.harness.provider import Provider
from tests.web import looped
from tests.web.building import Built

START, BACK = "/signin/elsewhere", "/signin/elsewhere/back"


@looped.fixture
async def provider() -> AsyncIterator[Provider]:
    async with providers.running() as started:
        yield started


@looped.fixture
async def linked(house: Built, provider: Provider) -> Built:
    """A house that knows the provider, and a dispatcher who is number 17 there."""
    clock = house.house.clock
    elsewhere = oidc.Provider(
        issuer=provider.url,
        client_id=providers.CLIENT,
        secret=lambda: providers.SECRET,
        name="the Ministry",
        tls=None,
        now=clock.now,
    )
    house.house = replace(house.house, elsewhere=elsewhere, base_url=house.url)
    house.app.state.house = house.house
    person = Person(
        name="dana",
        role=Role.DISPATCHER,
        created_at=clock.now(),
        issuer=provider.url,
        subject="17",
    )
    await house.database.write(lambda c: people.add(c, person), Urgency.STEP)
    return house


async def there(client: httpx2.AsyncClient, onward: str = "/") -> str:
    """Leaves for the provider, is signed in there; the address that leads back."""
    left = await client.get(START, params={"next": onward})
    assert left.status_code == 303, left.text
    async with httpx2.AsyncClient() as outside:
        signed = await outside.get(left.headers["location"])
    return str(signed.headers["location"])


async def back(client: httpx2.AsyncClient, address: str) -> httpx2.Response:
    """As a browser comes back: from a foreign page."""
    return await client.get(address, headers={"Sec-Fetch-Site": "cross-site"})


async def test_a_person_comes_in_by_the_organisations_sign_in_and_is_led_on(linked: Built) -> None:
    async with linked.client() as client:
        assert "the Ministry" in (await client.get("/signin?lang=en")).text
        answer = await back(client, await there(client, "/wall"))
        assert answer.status_code == 200
        assert 'content="0; url=/wall"' in answer.text
        assert "SameSite=strict" in str(answer.headers.get_list("set-cookie"))
        me = (await client.get("/api/v1/session")).json()
    assert (me["name"], me["role"]) == ("dana", "dispatcher")


async def test_the_note_is_for_one_way_back_and_out_of_reach_of_scripts(linked: Built) -> None:
    async with linked.client() as client:
        left = await client.get(START)
        assert "HttpOnly" in left.headers["set-cookie"]
        assert "SameSite=lax" in left.headers["set-cookie"]
        address = await there(client)
        assert (await back(client, address)).status_code == 200
        assert (await back(client, address)).status_code == 502


async def test_nobody_finishes_what_another_browser_began(linked: Built) -> None:
    async with linked.client() as victim, linked.client() as attacker:
        address = await there(attacker)
        await there(victim)
        assert (await back(victim, address)).status_code == 502
        assert "set-cookie" not in str((await victim.get("/api/v1/session")).headers)
        assert (await victim.get("/api/v1/session")).status_code == 401


async def test_a_note_runs_out_after_ten_minutes(linked: Built) -> None:
    async with linked.client() as client:
        address = await there(client)
        clock = linked.house.clock
        later = replace(linked.house, clock=_Later(clock, 601))
        linked.app.state.house = later
        assert (await back(client, address)).status_code == 502


class _Later:
    """The same clock, so much later."""

    def __init__(self, clock: Any, seconds: float) -> None:  # noqa: ANN401 - a clock
        self._clock, self._seconds = clock, seconds

    def now(self) -> Any:  # noqa: ANN401 - a datetime
        found = self._clock.now()
        return found.fromtimestamp(found.timestamp() + self._seconds, found.tzinfo)

    def monotonic(self) -> float:
        return float(self._clock.monotonic()) + self._seconds


async def test_whoever_is_known_there_and_not_here_is_turned_away_and_counted(
    linked: Built, provider: Provider
) -> None:
    provider.subject = "18"
    before = metrics.sign_ins.labels("elsewhere", "stranger")._value.get()  # noqa: SLF001 - no other
    async with linked.client() as client:
        answer = await back(client, await there(client))
        assert answer.status_code == 403
        assert (await client.get("/api/v1/session")).status_code == 401
    assert metrics.sign_ins.labels("elsewhere", "stranger")._value.get() == before + 1  # noqa: SLF001


async def test_a_disabled_person_is_turned_away_whoever_vouches(linked: Built) -> None:
    now = linked.house.clock.now()
    await linked.database.write(lambda c: people.disable(c, "dana", now), Urgency.STEP)
    async with linked.client() as client:
        assert (await back(client, await there(client))).status_code == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "http://another.example"},
        {"aud": "another client"},
        {"aud": ["dabyl", "another"], "azp": "another"},
        {"exp": 1_700_000_000},
        {"nonce": "another's"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 17},
        {"exp": None},
    ],
)
async def test_a_token_that_is_not_for_us_now_vouches_for_nobody(
    linked: Built, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    async with linked.client() as client:
        answer = await back(client, await there(client))
        assert answer.status_code == 502, claims
        assert (await client.get("/api/v1/session")).status_code == 401


async def test_a_token_signed_by_another_vouches_for_nobody(
    linked: Built, provider: Provider
) -> None:
    async with linked.client() as client:
        provider.signs_with = RSAKey.import_key(
            providers.key("forged").as_dict(private=True) | {"kid": "k1"}
        )
        assert (await back(client, await there(client))).status_code == 502
        provider.algorithm = "HS256"  # by a secret that others may know as well
        provider.signs_with = OctKey.import_key(providers.SECRET * 2)
        assert (await back(client, await there(client))).status_code == 502


async def test_new_keys_of_the_provider_are_asked_for_when_a_signature_needs_them(
    linked: Built, provider: Provider
) -> None:
    async with linked.client() as client:
        assert (await back(client, await there(client))).status_code == 200
        provider.renew_key()
        elsewhere = linked.house.elsewhere
        assert isinstance(elsewhere, oidc.Provider)
        assert elsewhere._keys is not None  # noqa: SLF001 - a minute ago
        elsewhere._keys = (elsewhere._keys[0] - oidc.ANEW_S, elsewhere._keys[1])  # noqa: SLF001
        assert (await back(client, await there(client))).status_code == 200
    assert provider.asked == ["configuration", "keys", "keys"]


async def test_a_provider_that_calls_itself_another_is_not_believed(
    linked: Built, provider: Provider
) -> None:
    provider.issuer = "http://another.example"
    async with linked.client() as client:
        answer = await client.get(START + "?lang=en")
    assert answer.status_code == 502
    assert "did not answer" in answer.text


async def test_people_sign_in_by_password_when_the_provider_is_away(linked: Built) -> None:
    linked.house = replace(
        linked.house,
        elsewhere=oidc.Provider(
            issuer="http://127.0.0.1:9",
            client_id="dabyl",
            secret=lambda: None,
            name="away",
            tls=None,
            now=linked.house.clock.now,
        ),
    )
    linked.app.state.house = linked.house
    async with linked.client() as client:
        assert (await client.get(START)).status_code == 502
        answer = await client.post("/api/v1/session", json={"token": "aigerim-secret"})
        assert answer.status_code == 200


async def test_the_way_there_asks_for_a_code_with_a_proof(linked: Built) -> None:
    async with linked.client() as client:
        left = await client.get(START)
    query = parse_qs(urlsplit(left.headers["location"]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["scope"] == ["openid"]
    assert query["redirect_uri"] == [linked.url + BACK]
    assert len(query["state"][0]) >= 43


async def test_there_is_no_way_elsewhere_when_none_is_set(house: Built) -> None:
    async with house.client() as client:
        assert (await client.get(START)).status_code == 404
        assert "signin/elsewhere" not in (await client.get("/signin")).text
