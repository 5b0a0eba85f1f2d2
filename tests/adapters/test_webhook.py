"""The webhook forwarder against the simulated centre: every row of the contract's table."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from adapters.receivers.contract import Accepted, Reason, Refused, TryAgain
from tests.adapters import webhooks
from tests.adapters.webhooks import Open, notice, reason
from tests.harness import talking
from tests.harness.changed import replace
from tests.simulators.centre import SECRET, Started, started

BRIEF = timedelta(seconds=0.3)


@pytest.fixture
async def centre(tmp_path: Path) -> AsyncIterator[Started]:
    async with started(tmp_path) as running:
        yield running


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    async with webhooks.opening() as opener:
        yield opener


async def test_webhook_is_accepted_when_the_centre_says_the_id_back(
    centre: Started, opened: Open
) -> None:
    outcome = await opened(centre.alarms_url).send(notice())
    assert outcome == Accepted(reference="KUI-000001", known=False)
    (record,) = await centre.recorded()
    assert record["body"].encode() == notice().body
    assert record["headers"]["idempotency-key"] == record["headers"]["webhook-id"] == "a1:1"
    assert record["headers"]["content-type"] == "application/cloudevents+json"


async def test_webhook_sends_the_same_bytes_when_it_tries_again(
    centre: Started, opened: Open
) -> None:
    forwarder = opened(centre.alarms_url)
    await centre.mode("status", status=500, next=1)
    await forwarder.send(notice())
    assert await forwarder.send(notice()) == Accepted(reference="KUI-000001", known=False)
    assert await forwarder.send(notice()) == Accepted(reference="KUI-000001", known=True)
    assert len({record["body"] for record in await centre.recorded()}) == 1


async def test_webhook_is_accepted_when_only_its_second_secret_is_known(
    centre: Started, opened: Open
) -> None:
    outcome = await opened(centre.alarms_url, secrets=(b"the next one", SECRET)).send(notice())
    assert isinstance(outcome, Accepted)


async def test_webhook_is_misconfigured_when_its_secret_is_unknown(
    centre: Started, opened: Open
) -> None:
    outcome = await opened(centre.alarms_url, secrets=(b"the next one",)).send(notice())
    assert reason(outcome) is Reason.MISCONFIGURED


TRY_AGAIN = [
    *((status, Reason.SERVER_ERROR) for status in (500, 501, 502, 504, 599)),
    *((status, Reason.OVERLOADED) for status in (429, 503)),
    *((status, Reason.BUSY) for status in (408, 409, 425)),
    *((status, Reason.MISCONFIGURED) for status in (300, 301, 302, 303, 304, 307, 308)),
    *((status, Reason.MISCONFIGURED) for status in (401, 403, 404, 405, 410)),
    *((status, Reason.MISCONFIGURED) for status in (402, 406, 407, 411, 418, 431, 451)),
    *((status, Reason.UNPROVEN) for status in (200, 201, 202, 204)),
]


@pytest.mark.parametrize(("status", "wanted"), TRY_AGAIN)
async def test_webhook_goes_again_when_the_answer_says_so(
    centre: Started, opened: Open, status: int, wanted: Reason
) -> None:
    await centre.mode("status", status=status)
    assert reason(await opened(centre.alarms_url).send(notice())) is wanted


@pytest.mark.parametrize("status", [400, 413, 415, 422])
async def test_webhook_is_refused_when_the_notice_will_never_be_taken(
    centre: Started, opened: Open, status: int
) -> None:
    await centre.mode("status", status=status)
    outcome = await opened(centre.alarms_url).send(notice())
    detail = f"HTTP {status}: the centre answers {status} by its switch"
    assert outcome == Refused(status=status, detail=detail)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (7, timedelta(seconds=7)),
        ("86400", timedelta(days=1)),
        ("soon", None),
        ("-1", None),
        ("9" * 400, None),
        ("Fri, 31 Dec 1999 23:59:59 GMT", timedelta(0)),
    ],
)
async def test_webhook_tells_the_wish_when_the_centre_is_overloaded(
    centre: Started, opened: Open, said: str | int, wanted: timedelta | None
) -> None:
    await centre.mode("status", status=429, retry_after=said)
    outcome = await opened(centre.alarms_url).send(notice())
    assert isinstance(outcome, TryAgain)
    assert outcome.after == wanted


async def test_webhook_tells_the_wish_when_it_is_a_date(centre: Started, opened: Open) -> None:
    at = datetime.now(UTC) + timedelta(minutes=3)
    await centre.mode("status", status=503, retry_after=f"{at:%a, %d %b %Y %H:%M:%S} GMT")
    outcome = await opened(centre.alarms_url).send(notice())
    assert isinstance(outcome, TryAgain)
    assert outcome.after is not None
    assert timedelta(minutes=2, seconds=50) < outcome.after <= timedelta(minutes=3)


@pytest.mark.parametrize(
    ("mode", "wanted"),
    [
        ({"mode": "busy"}, Reason.BUSY),
        ({"mode": "proxy_page"}, Reason.UNPROVEN),
        ({"mode": "garbage", "garbage": "no_json"}, Reason.UNPROVEN),
        ({"mode": "garbage", "garbage": "wrong_id"}, Reason.UNPROVEN),
        ({"mode": "garbage", "garbage": "endless"}, Reason.UNPROVEN),
        ({"mode": "garbage", "garbage": "half"}, Reason.UNREACHABLE),
        ({"mode": "reset"}, Reason.UNREACHABLE),
        ({"mode": "refuse"}, Reason.UNREACHABLE),
        ({"mode": "hang"}, Reason.TIMEOUT),
        ({"mode": "slow", "seconds": 3}, Reason.TIMEOUT),
    ],
)
async def test_webhook_goes_again_when_the_centre_misbehaves(
    centre: Started, opened: Open, mode: dict[str, Any], wanted: Reason
) -> None:
    await centre.mode(**mode)
    forwarder = opened(centre.alarms_url, patience=BRIEF)
    assert reason(await forwarder.send(notice())) is wanted
    await centre.mode("ok")
    assert isinstance(await forwarder.send(notice()), Accepted)


async def test_webhook_never_follows_when_it_is_sent_elsewhere(
    centre: Started, opened: Open
) -> None:
    await centre.mode("redirect")
    assert reason(await opened(centre.alarms_url).send(notice())) is Reason.MISCONFIGURED
    assert (await centre.get("/summary"))["followed"] == 0


@pytest.mark.parametrize("mode", ["proxy_page", "forget"])
async def test_webhook_takes_any_2xx_when_told_to_want_no_echo(
    centre: Started, opened: Open, mode: str
) -> None:
    await centre.mode(mode)
    assert isinstance(await opened(centre.alarms_url, echo=False).send(notice()), Accepted)


async def test_webhook_judges_an_endless_answer_by_its_status(
    centre: Started, opened: Open
) -> None:
    await centre.mode("garbage", garbage="endless")
    assert isinstance(await opened(centre.alarms_url, echo=False).send(notice()), Accepted)


async def test_webhook_costs_no_try_when_the_centre_hangs_up_on_what_it_kept(
    opened: Open,
) -> None:
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(len(notice().body))
        writer.write(b'HTTP/1.1 202 Yes\r\nContent-Length: 13\r\n\r\n{"id":"a1:1"}')
        await reader.read(1)  # it said that it goes on, and hangs up as the next comes

    async with talking.listening(serve) as port:
        forwarder = opened(f"http://127.0.0.1:{port}/alarms")
        assert [await forwarder.send(notice()) for _ in range(3)] == [Accepted()] * 3
    assert connections == 3


async def test_webhook_still_goes_again_when_it_wants_no_echo_and_gets_409(
    centre: Started, opened: Open
) -> None:
    await centre.mode("busy")
    assert reason(await opened(centre.alarms_url, echo=False).send(notice())) is Reason.BUSY


async def test_webhook_answers_within_5_s_when_headers_come_in_drips(
    centre: Started, opened: Open
) -> None:
    await centre.mode("drip")
    begun = asyncio.get_running_loop().time()
    assert reason(await opened(centre.alarms_url).send(notice())) is Reason.TIMEOUT
    assert 4.9 < asyncio.get_running_loop().time() - begun < 5.5


async def test_webhook_uses_its_backup_when_told_to(centre: Started, opened: Open) -> None:
    forwarder = opened("http://127.0.0.1:1/", backup_url=centre.alarms_url)
    assert reason(await forwarder.send(notice())) is Reason.UNREACHABLE
    assert isinstance(await forwarder.send(notice(), backup=True), Accepted)


async def test_webhook_is_unreachable_when_the_name_is_unknown(opened: Open) -> None:
    outcome = await opened("http://nowhere.invalid/", patience=BRIEF).send(notice())
    assert reason(outcome) in {Reason.UNREACHABLE, Reason.TIMEOUT}


async def test_webhook_raises_nothing_when_it_is_closed_or_its_notice_is_odd(
    centre: Started, opened: Open
) -> None:
    forwarder = opened(centre.alarms_url)
    odd = replace(notice(), id="a1:1\r\nX-Mine: yes")
    assert reason(await forwarder.send(odd)) is Reason.UNREACHABLE
    await forwarder.close()
    assert reason(await forwarder.send(notice())) is Reason.UNREACHABLE


async def test_webhook_passes_its_cancellation_on_when_cancelled(
    centre: Started, opened: Open
) -> None:
    await centre.mode("hang")
    sending = asyncio.ensure_future(opened(centre.alarms_url).send(notice()))
    await asyncio.sleep(0.05)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending


async def test_webhook_delivers_to_others_when_one_notice_hangs(
    centre: Started, opened: Open
) -> None:
    await centre.mode("hang", id="a1:1")
    forwarder = opened(centre.alarms_url, patience=timedelta(seconds=1))
    outcomes = await asyncio.gather(*(forwarder.send(notice(number)) for number in range(1, 40)))
    assert [isinstance(outcome, Accepted) for outcome in outcomes] == [False] + [True] * 38


async def answering(handler: Callable[[web.BaseRequest], Awaitable[web.Response]]) -> Any:  # noqa: ANN401
    """A server with one answer of its own."""
    runner = web.ServerRunner(web.Server(handler))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b'\xef\xbb\xbf{"id": "a1:1", "reference": 42}', Accepted(reference="42")),
        (b'{"id": "a1:1", "reference": {"no": 1}}', Accepted(reference=None)),
        (b'{"id": "a1:1", "reference": "a\\u001b[2J\\u202eb\\n"}', Accepted(reference="a [2J b")),
        (b'{"id": "a1:1", "reference": "%s"}' % (b"x" * 5000), Accepted(reference="x" * 100)),
    ],
)
async def test_webhook_makes_the_reference_harmless_when_it_is_odd(
    opened: Open, body: bytes, outcome: Accepted
) -> None:
    async def answer(_request: web.BaseRequest) -> web.Response:
        return web.Response(body=body)

    runner = await answering(answer)
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    assert await opened(url).send(notice()) == outcome
    await runner.cleanup()
