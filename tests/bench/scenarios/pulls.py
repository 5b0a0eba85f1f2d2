"""Pulls from cameras: what one costs with our client, and with the one that others use."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.bench import pulling
from tests.bench.figures import Figure, Outcome
from tests.bench.floor import Floor
from tests.bench.rig import Rig
from tests.harness import talking

SHARE = 1 / 3
TIMES, ROUNDS = 1000, 5
AT_ONCE = 20
"""A gateway has thousands of cameras: it never sleeps between two answers for long. A client that
waits for one camera alone runs cold each time, which the figures of one camera show."""

_CLIENTS = ("lean", "zeep")
_OPEN = (
    '<?xml version="1.0" encoding="utf-8"?><s:Envelope'
    ' xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:sc="http://www.w3.org/2003/05/soap-encoding"'
    ' xmlns:tt="http://www.onvif.org/ver10/schema"'
    ' xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"'
    ' xmlns:tev="http://www.onvif.org/ver10/events/wsdl"'
    ' xmlns:wsa5="http://www.w3.org/2005/08/addressing"'
    ' xmlns:ter="http://www.onvif.org/ver10/error"'
    ' xmlns:tns1="http://www.onvif.org/ver10/topics"><s:Body>'
)
_MESSAGE = (
    '<wsnt:NotificationMessage><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/'
    'topicExpression/ConcreteSet">tns1:RuleEngine/CellMotionDetector/Motion</wsnt:Topic>'
    '<wsnt:Message><tt:Message UtcTime="2026-11-22T03:15:42Z" PropertyOperation="Changed">'
    '<tt:Source><tt:SimpleItem Name="VideoSourceConfigurationToken" Value="00000"/>'
    '<tt:SimpleItem Name="Rule" Value="00000"/></tt:Source><tt:Data>'
    '<tt:SimpleItem Name="IsMotion" Value="true"/></tt:Data></tt:Message></wsnt:Message>'
    "</wsnt:NotificationMessage>"
)
_PULLED = (
    "<tev:PullMessagesResponse><tev:CurrentTime>2026-11-22T03:15:42Z</tev:CurrentTime>"
    "<tev:TerminationTime>2026-11-22T03:25:42Z</tev:TerminationTime>{}</tev:PullMessagesResponse>"
)
_NOT_IN = (
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value>"
    "</s:Subcode></s:Code><s:Reason><s:Text>no</s:Text></s:Reason></s:Fault>"
)


async def costs(_: Rig, __: Floor, *, quick: bool) -> Outcome:
    """CPU of the client per pull, ours beside zeep's, the least of several turns each."""
    times = TIMES // (5 if quick else 1)
    found = Outcome()
    async with _camera() as port:
        for cameras in (AT_ONCE, 1):
            rounds = [
                {client: await _pulling(client, port, times, cameras) for client in _CLIENTS}
                for _ in range(ROUNDS)
            ]
            found.figures += _figures(rounds, cameras)
    return found


def _figures(rounds: list[dict[str, dict[str, float]]], cameras: int) -> list[Figure]:
    of = f"of {cameras} cameras at once" if cameras > 1 else "of one camera alone"
    found = []
    for messages in map(str, pulling.MESSAGES):
        ours, theirs = (min(one[client][messages] for one in rounds) for client in _CLIENTS)
        what = f"{of}, {messages} notifications"
        found += [
            Figure(name=f"CPU per pull {what}", value=ours, unit="ms"),
            Figure(
                name=f"CPU per pull against zeep {what}",
                value=ours / theirs,
                unit="",
                target=SHARE,
                target_says="<= 1/3",
            ),
        ]
    return found


async def _pulling(client: str, port: int, times: int, cameras: int) -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.pulling", client),
        *("--port", str(port), "--times", str(times // cameras), "--cameras", str(cameras)),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 300)
    found: dict[str, float] = json.loads(said)
    return found


@asynccontextmanager
async def _camera() -> AsyncIterator[int]:
    """Answers a pull at once, with as many notifications as its path says; wants a token."""
    answers = {
        f"/{messages}": _http(200, _OPEN + _PULLED.format(_MESSAGE * messages))
        for messages in pulling.MESSAGES
    }
    refused = _http(400, _OPEN + _NOT_IN)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            _, _, rest = head.lower().partition("content-length:")
            body = await reader.readexactly(int(rest.partition("\r\n")[0]))
            answer = answers[head.split(" ", 2)[1]] if b"UsernameToken" in body else refused
            writer.write(answer)

    async with talking.listening(serve) as port:
        yield port


def _http(status: int, text: str) -> bytes:
    body = f"{text}</s:Body></s:Envelope>".encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/soap+xml; charset=utf-8\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
