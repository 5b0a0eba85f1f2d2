"""Finding cameras: what answers claim, and answers that want to do harm."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.devices.onvif import discovery, soap
from adapters.devices.onvif.discovery import Found
from tests.adapters.onvif.samples import sample

_MATCHES = sample("probe_matches.xml")
_ASKED = b"0a6dc791-2be6-4991-9af1-454778a1917a"

Answering = Callable[[bytes], list[bytes]]


def _matches(body: bytes = _MATCHES, host: str = "10.0.4.12") -> list[Found]:
    return discovery.matches(body, host, [_ASKED.decode()])


def test_an_answer_tells_name_hardware_and_place_and_its_own_address_first() -> None:
    (found,) = _matches()
    assert (found.name, found.hardware) == ("Gate двор", "GK-100")
    assert found.location == "country/kz, city/almaty"
    assert found.addresses[0] == "http://10.0.4.12:8080/onvif/device_service"
    assert (found.host, found.port) == ("10.0.4.12", 8080)
    assert found.types == ("NetworkVideoTransmitter", "Device")


def test_the_port_is_80_where_it_speaks_of_another_host_only() -> None:
    (found,) = _matches(host="10.0.4.13")
    assert found.port == 80


def test_the_answer_to_somebody_elses_question_is_none() -> None:
    assert _matches(_MATCHES.replace(_ASKED, b"00000000-0000-0000-0000-000000000000")) == []


def test_an_answer_that_names_no_question_is_taken() -> None:
    bare = re.sub(rb"<a:RelatesTo>.*</a:RelatesTo>", b"", _MATCHES)
    assert len(_matches(bare)) == 1


@pytest.mark.parametrize(
    "body", [b"", b"<x/>", b"<!DOCTYPE a>" + _MATCHES, _MATCHES + b" " * 20_000]
)
def test_what_is_no_answer_is_refused(body: bytes) -> None:
    with pytest.raises(soap.NotSoap):
        _matches(body)


def test_a_scope_cannot_bring_unprintable_signs() -> None:
    said = discovery.decoded(["onvif://www.onvif.org/name/%1b%5b31m%0aA%ff"])
    assert said["name"].isprintable()


@given(st.data())
def test_no_answer_however_bitten_breaks_the_reading(data: st.DataObject) -> None:
    body = bytearray(_MATCHES)
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 60))] = data.draw(st.binary(max_size=20))
    try:
        found = _matches(bytes(body))
    except (soap.NotSoap, soap.Fault):
        return
    assert all(one.name.isprintable() and one.port for one in found)


class _Camera(asyncio.DatagramProtocol):
    """Answers each probe as it is told to."""

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self.heard: list[bytes] = []
        self.transport: asyncio.DatagramTransport

    @staticmethod
    async def on(own: socket.socket, answering: Answering) -> "_Camera":
        loop = asyncio.get_running_loop()
        make = partial(_Camera, answering)
        transport, camera = await loop.create_datagram_endpoint(make, sock=own)
        camera.transport = transport
        return camera

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard.append(data)
        for answer in self.answering(data):
            self.transport.sendto(answer, addr)


@asynccontextmanager
async def _answering(*answering: Answering) -> AsyncIterator[tuple[int, list[_Camera]]]:
    """Cameras on 127.0.0.1, .2, … and the one port that all have."""
    standing: list[_Camera] = []
    port = 0
    for number, how in enumerate(answering, 1):
        own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        own.setblocking(False)
        own.bind((f"127.0.0.{number}", port))
        port = own.getsockname()[1]
        standing.append(await _Camera.on(own, how))
    try:
        yield port, standing
    finally:
        for one in standing:
            one.transport.abort()
        await asyncio.sleep(0)  # an aborted socket is closed in the next turn of the loop


def _reply(question: bytes, number: int = 42) -> bytes:
    (asked,) = re.findall(rb"MessageID>urn:uuid:([^<]+)<", question)
    return _MATCHES.replace(_ASKED, asked).replace(b"2a</a:Address>", b"%02d</a:Address>" % number)


async def test_each_camera_of_a_subnet_is_found_once() -> None:
    one = lambda question: [_reply(question, 1)] * 2  # noqa: E731 - as short as it is
    two = lambda question: [b"rubbish", _reply(question, 2), b"\xff" * 2000]  # noqa: E731
    async with _answering(one, two) as (port, cameras):
        found = await discovery.one_by_one("127.0.0.0/29", port=port, within_s=0.7)
    assert [(one.host, one.endpoint[-2:]) for one in found] == [
        ("127.0.0.1", "01"),
        ("127.0.0.2", "02"),
    ]
    questions = cameras[0].heard
    assert any(b"NetworkVideoTransmitter" in one for one in questions)
    assert any(b"tds:Device" in one for one in questions)
    assert not any(b"Security" in one for one in questions)


async def test_one_that_answers_too_often_is_looked_at_so_many_times_and_no_more() -> None:
    flood = lambda question: [_reply(question, at % 90) for at in range(40)]  # noqa: E731
    calm = lambda question: [_reply(question, 99)]  # noqa: E731
    async with _answering(flood, calm) as (port, _):
        found = await discovery.one_by_one("127.0.0.0/30", port=port, within_s=0.7)
    assert len([one for one in found if one.host == "127.0.0.1"]) <= discovery.PER_HOST_LIMIT
    assert "127.0.0.2" in {one.host for one in found}


async def test_a_subnet_that_is_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 1024"):
        await discovery.one_by_one("10.0.0.0/16")


async def test_an_address_that_is_not_ours_is_an_error() -> None:
    with pytest.raises(OSError, match=r".+"):
        await discovery.by_multicast(["192.0.2.1"], within_s=0.1)


async def test_cameras_hear_the_group_on_the_interface_that_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    own.setblocking(False)
    own.bind((discovery.GROUP, 0))
    group = socket.inet_aton(discovery.GROUP) + socket.inet_aton("127.0.0.1")
    own.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
    monkeypatch.setattr(discovery, "PORT", own.getsockname()[1])
    camera = await _Camera.on(own, lambda question: [_reply(question)])
    found = await discovery.by_multicast(["127.0.0.1"], within_s=0.7)
    camera.transport.abort()
    await asyncio.sleep(0)
    assert [one.name for one in found] == ["Gate двор"]
