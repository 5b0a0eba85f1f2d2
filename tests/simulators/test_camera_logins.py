"""How cameras are difficult about logins and about the time."""

from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from simulators.camera import Quirk
from tests.simulators.cameras import CREATE, PASSWORD, USER, Client, client_of, running, token

SCOPES = "<tds:GetScopes/>"
DATE = "<tds:GetSystemDateAndTime/>"


async def asked_with(client: Client, header: str) -> int:
    """The status of an answer to a request with this security header."""
    client.reference = header
    return (await client.ask(SCOPES, at=client.camera.url, login="none")).status


@pytest.mark.parametrize(
    ("quirk", "takes", "refuses", "with_status"),
    [(Quirk.DIGEST_ONLY, "digest", "wsse", 401), (Quirk.WSSE_ONLY, "wsse", "digest", 400)],
)
async def test_camera_takes_one_sort_of_login_alone(
    quirk: Quirk, takes: str, refuses: str, with_status: int
) -> None:
    async with running(quirk) as camera, client_of(camera) as client:
        assert (await client.ask(SCOPES, login=takes)).status == 200
        assert (await client.ask(SCOPES, login=refuses)).status == with_status


@pytest.mark.parametrize(
    ("quirk", "algorithms"),
    [
        (Quirk.DIGEST_SHA256, ["SHA-256"]),
        (Quirk.DIGEST_SESS, ["MD5-sess"]),
        (Quirk.DIGEST_BOTH, ["SHA-256", "MD5"]),
    ],
)
async def test_camera_chooses_how_digests_are_made(quirk: Quirk, algorithms: list[str]) -> None:
    async with running(quirk) as camera, client_of(camera, login="none") as client:
        said = (await client.ask(SCOPES)).headers.get_list("WWW-Authenticate")
        assert [one.partition("algorithm=")[2].partition(",")[0] for one in said] == algorithms
        if quirk is not Quirk.DIGEST_BOTH:  # httpx reads the two headers as one
            assert (await client.ask(SCOPES, login="digest")).status == 200


async def test_nonce_is_stale_after_one_use() -> None:
    async with running(Quirk.NONCE_ONCE) as camera, client_of(camera) as client:
        auth = httpx2.DigestAuth(USER, PASSWORD)
        for _ in range(2):
            uri = f"{camera.url.rpartition('/onvif')[0]}/onvif/snapshot"
            assert (await client.http.get(uri, auth=auth)).status_code == 200
        # A login, its use again (refused as stale), and another.
        assert camera.record.requests["still"] == 4


async def test_camera_refuses_two_times_in_one_header() -> None:
    now = datetime.now(UTC)
    stamps = [(now - timedelta(seconds=late)).strftime("%Y-%m-%dT%H:%M:%SZ") for late in (0, 1)]
    async with running(Quirk.ONE_CREATED) as camera, client_of(camera) as client:
        one, two = [token(USER, PASSWORD, created=stamps[0], stamp=stamp) for stamp in stamps]
        assert await asked_with(client, one) == 200
        assert await asked_with(client, two) == 400


async def test_camera_wants_z() -> None:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    async with running(Quirk.WANTS_Z) as camera, client_of(camera) as client:
        assert await asked_with(client, token(USER, PASSWORD, created=at)) == 400
        assert (await client.subscribe("2040-01-01T00:00:00+00:00")).status == 400
        assert (await client.subscribe("2040-01-01T00:00:00Z")).status == 200


async def test_token_is_good_once() -> None:
    async with running() as camera, client_of(camera) as client:
        header = token(USER, PASSWORD)
        assert [await asked_with(client, header) for _ in range(2)] == [200, 400]
        assert camera.record.logins[-1].why_not == "replayed"


async def test_camera_tells_its_time_only_to_those_it_knows() -> None:
    async with running(Quirk.DATE_NEEDS_LOGIN) as camera, client_of(camera) as client:
        assert (await client.ask(DATE, login="none")).status == 401
        assert (await client.ask(DATE)).status == 200


async def test_only_an_administrator_may_subscribe() -> None:
    async with (
        running(Quirk.ADMINISTRATOR_SUBSCRIBES) as camera,
        client_of(camera) as client,
    ):
        assert (await client.ask(CREATE.format(lasts="PT60S"))).status == 200
        client.user = "guest"
        assert (await client.ask(SCOPES)).status == 200
        assert (await client.ask(CREATE.format(lasts="PT60S"))).subcode == "ter:NotAuthorized"


async def test_account_is_locked_after_five_guesses() -> None:
    async with running(Quirk.LOCKS_OUT) as camera, client_of(camera) as client:
        client.password = "guessed"
        for _ in range(5):
            await client.ask(SCOPES)
        client.password = PASSWORD
        assert (await client.ask(SCOPES)).status == 400
        assert camera.record.logins[-1].why_not == "locked"


async def test_nobody_is_let_in() -> None:
    async with running(Quirk.UNAUTHORISED) as camera, client_of(camera) as client:
        assert (await client.ask(SCOPES)).status == 400
        assert (await client.ask(SCOPES, login="digest")).status == 401


async def test_both_logins_at_once_are_noted() -> None:
    async with running(Quirk.DIGEST_ONLY) as camera, client_of(camera) as client:
        client.reference = token(USER, PASSWORD)
        await client.ask(SCOPES, at=camera.url, login="digest")
        assert camera.record.both_schemes == 1


@pytest.mark.parametrize("years_off", [-8.1, 20.0])
async def test_clock_that_is_off_refuses_who_says_the_true_time(years_off: float) -> None:
    offset_s = years_off * 365.25 * 86_400
    async with running() as camera, client_of(camera) as client:
        await camera.break_(Quirk.CLOCK_OFF, offset_s)
        assert (await client.ask(SCOPES)).status == 400
        assert camera.record.logins[-1].why_not == "clock"
        client.offset_s = offset_s
        assert (await client.ask(SCOPES)).status == 200
        told = int((await client.ask(DATE)).text("Year"))
        assert abs(told - datetime.now(UTC).year - years_off) < 1.1


async def test_clock_steps_with_each_request() -> None:
    async with running(Quirk.CLOCK_STEPS) as camera, client_of(camera) as client:
        hours = [int((await client.ask(DATE)).text("Hour")) for _ in range(3)]
        assert (hours[1] - hours[0]) % 24 == (hours[2] - hours[1]) % 24 == 1


async def test_replies_say_another_time_than_the_camera_has() -> None:
    async with running(Quirk.CURRENT_TIME_OFF) as camera, client_of(camera) as client:
        said = await client.subscribe("PT60S")
        current, ends = (
            datetime.fromisoformat(said.text(name)) for name in ("CurrentTime", "TerminationTime")
        )
        assert abs((current - ends).total_seconds() - 3540) < 5
