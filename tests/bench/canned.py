"""A camera that costs next to nothing: it answers each call at once with the same bytes.

`python -m tests.bench.canned --messages N` says its port and answers until it is ended. What a
client's pulls cost can be measured against it, another client's as well as ours.
"""

import argparse
import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

_OPEN: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope'
    ' xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:wsa="http://www.w3.org/2005/08/addressing"'
    ' xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"'
    ' xmlns:tt="http://www.onvif.org/ver10/schema"'
    ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl"'
    ' xmlns:tev="http://www.onvif.org/ver10/events/wsdl"'
    ' xmlns:tns1="http://www.onvif.org/ver10/topics"><s:Body>'
)
_CLOSE: Final = "</s:Body></s:Envelope>"
_MESSAGE: Final = (
    "<wsnt:NotificationMessage><wsnt:Topic"
    ' Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">'
    "tns1:VideoSource/MotionAlarm</wsnt:Topic><wsnt:Message>"
    '<tt:Message UtcTime="{at}" PropertyOperation="Changed"><tt:Source>'
    '<tt:SimpleItem Name="Source" Value="VideoSource_{number}"/></tt:Source><tt:Data>'
    '<tt:SimpleItem Name="State" Value="false"/></tt:Data></tt:Message>'
    "</wsnt:Message></wsnt:NotificationMessage>"
)
_CLOCK: Final = (
    "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>"
    "<tt:DateTimeType>NTP</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>"
    "<tt:UTCDateTime><tt:Time><tt:Hour>{at.hour}</tt:Hour><tt:Minute>{at.minute}</tt:Minute>"
    "<tt:Second>{at.second}</tt:Second></tt:Time><tt:Date><tt:Year>{at.year}</tt:Year>"
    "<tt:Month>{at.month}</tt:Month><tt:Day>{at.day}</tt:Day></tt:Date></tt:UTCDateTime>"
    "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
)
_SERVICES: Final = (
    "<tds:GetServicesResponse><tds:Service>"
    "<tds:Namespace>http://www.onvif.org/ver10/events/wsdl</tds:Namespace>"
    "<tds:XAddr>{base}/onvif/event_service</tds:XAddr>"
    "<tds:Version><tt:Major>2</tt:Major><tt:Minor>6</tt:Minor></tds:Version>"
    "</tds:Service></tds:GetServicesResponse>"
)
_CREATED: Final = (
    "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference>"
    "<wsa:Address>{base}/onvif/subscription?1</wsa:Address></tev:SubscriptionReference>"
    "<wsnt:CurrentTime>{now}</wsnt:CurrentTime>"
    "<wsnt:TerminationTime>{then}</wsnt:TerminationTime>"
    "</tev:CreatePullPointSubscriptionResponse>"
)
_PULLED: Final = (
    "<tev:PullMessagesResponse><tev:CurrentTime>{now}</tev:CurrentTime>"
    "<tev:TerminationTime>{then}</tev:TerminationTime>{messages}</tev:PullMessagesResponse>"
)


class Canned(asyncio.Protocol):
    """One connection."""

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self._answers = answers
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep it."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer a whole request."""
        self._waiting += data
        head, mark, body = self._waiting.partition(b"\r\n\r\n")
        if not mark or len(body) < _length(head):
            return
        self._waiting = b""
        found = next((one for call, one in self._answers.items() if call in body), b"")
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nContent-Length: %d\r\n"
        self._transport.write(answer % len(found) + b"\r\n" + found)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def _answers(base: str, messages: int) -> dict[bytes, bytes]:
    at = datetime.now(UTC)
    now, then = (
        one.isoformat(timespec="seconds").replace("+00:00", "Z")
        for one in (at, at + timedelta(minutes=10))
    )
    told = "".join(_MESSAGE.format(at=now, number=number) for number in range(messages))
    found = {
        b"GetSystemDateAndTime": _CLOCK.format(at=at),
        b"GetServices": _SERVICES.format(base=base),
        b"CreatePullPointSubscription": _CREATED.format(base=base, now=now, then=then),
        b"PullMessages": _PULLED.format(now=now, then=then, messages=told),
        b"Unsubscribe": "<wsnt:UnsubscribeResponse/>",
    }
    return {call: (_OPEN + body + _CLOSE).encode() for call, body in found.items()}


async def _serve(messages: int) -> None:
    answers: dict[bytes, bytes] = {}
    server = await asyncio.get_running_loop().create_server(lambda: Canned(answers), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    answers.update(_answers(f"http://127.0.0.1:{port}", messages))
    print(port, flush=True)
    await server.serve_forever()


def main() -> None:
    """Read the arguments, and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.canned", description=__doc__)
    parser.add_argument("--messages", type=int, default=0)
    asyncio.run(_serve(parser.parse_args().messages))


if __name__ == "__main__":
    main()
