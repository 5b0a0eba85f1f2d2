"""Who is there: WS-Discovery by multicast on given interfaces, or address by address.

Answers come from anybody in the network: they are capped, taken only for what they claim, and no
login is ever sent because of them. Source: WS-Discovery 1.0 (2005/04), ONVIF Core "Discovery".
"""

import asyncio
import ipaddress
import re
import socket
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final
from urllib.parse import unquote, urlsplit

from adapters.devices.onvif import element, soap
from adapters.devices.onvif.element import Element

GROUP: Final = "239.255.255.250"
PORT: Final = 3702
WITHIN_S: Final = 3.0
REPEAT_AFTER_S: Final = 0.5
"""A datagram may be lost: each probe goes twice."""
HOSTS_LIMIT: Final = 1024
"""So many addresses are asked one by one: a /22."""
RATE_PER_S: Final = 500
DATAGRAM_LIMIT_BYTES: Final = 16 * 1024
PER_HOST_LIMIT: Final = 32
"""So many answers of one host are looked at: a recorder may speak for its channels."""
FOUND_LIMIT: Final = 2048
BUFFER_BYTES: Final = 4 * 1024 * 1024
"""Everybody answers at once; the kernel may give less."""

_TYPES: Final = ("dn:NetworkVideoTransmitter", "tds:Device")
_PROBE: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
    ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
    ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl"'
    ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><s:Header>'
    "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>"
    "<a:MessageID>urn:uuid:{id}</a:MessageID>"
    "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>"
    "<s:Body><d:Probe><d:Types>{types}</d:Types></d:Probe></s:Body></s:Envelope>"
)
_SCOPE: Final = re.compile(r"onvif://www\.onvif\.org/(\w+)/(.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something that says it is a camera."""

    endpoint: str
    """What it calls itself; the same after its address changed."""
    host: str
    """Where its answer came from."""
    addresses: tuple[str, ...]
    """Where it says its device service is; those on its own host first."""
    types: tuple[str, ...]
    scopes: tuple[str, ...]
    name: str = ""
    hardware: str = ""
    location: str = ""

    @property
    def port(self) -> int:
        """Where to ask for its device service: as it says for its own host, else 80."""
        for address in self.addresses:
            with suppress(ValueError):
                parts = urlsplit(address)
                if parts.hostname == self.host:
                    return parts.port or (443 if parts.scheme == "https" else 80)
        return 80


def probe(message_id: str, types: str) -> bytes:
    """The question."""
    return _PROBE.format(id=message_id, types=types).encode()


def matches(datagram: bytes, host: str, asked: Iterable[str]) -> list[Found]:
    """What an answer claims; nothing where it is none of ours.

    Raises:
        NotSoap, Fault: no answer at all.
    """
    if len(datagram) > DATAGRAM_LIMIT_BYTES:
        raise soap.NotSoap("a datagram longer than is read")
    answer = soap.expect(soap.parse(datagram), "ProbeMatches")
    relates = element.text(_header(answer), "RelatesTo").lower()
    if relates and not any(one in relates for one in asked):
        return []
    claimed = list(element.children(answer, "ProbeMatch"))[:PER_HOST_LIMIT]
    return [_found(one, host) for one in claimed]


def decoded(scopes: Iterable[str]) -> dict[str, str]:
    """What scopes say: by `name`, `hardware`, `location` and the like, several parted by `, `."""
    said: dict[str, list[str]] = {}
    for scope in scopes:
        if found := _SCOPE.match(scope):
            words = said.setdefault(found[1].lower(), [])
            words.append(_printable(unquote(found[2], errors="replace"))[:200])
    return {key: ", ".join(filter(None, words[:8])) for key, words in said.items()}


async def by_multicast(interfaces: Sequence[str], *, within_s: float = WITHIN_S) -> list[Found]:
    """Ask everybody on the networks of these local addresses (IPv4).

    Raises:
        OSError: not an address of ours, or no way to ask there.
    """
    makers = [partial(_multicasting, interface) for interface in interfaces]
    return await _ask(makers, [(GROUP, PORT)], within_s)


async def one_by_one(subnet: str, *, port: int = PORT, within_s: float = WITHIN_S) -> list[Found]:
    """Ask each address of a subnet (`10.0.4.0/24`), at most 1,024; for networks without multicast.

    Raises:
        ValueError: no subnet, or one that is too large.
    """
    network = ipaddress.ip_network(subnet, strict=False)
    if network.num_addresses > HOSTS_LIMIT:
        raise ValueError(f"{subnet} has more than {HOSTS_LIMIT} addresses")
    family = socket.AF_INET6 if network.version == 6 else socket.AF_INET  # noqa: PLR2004 - IPv6
    hosts = [(str(host), port) for host in network.hosts()]
    return await _ask([partial(socket.socket, family, socket.SOCK_DGRAM)], hosts, within_s)


@dataclass(slots=True)
class _Answers(asyncio.DatagramProtocol):
    """What came, from whom; bounded."""

    asked: tuple[str, ...]
    found: dict[str, Found] = field(default_factory=dict)
    heard: Counter[str] = field(default_factory=Counter)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Take an answer, whatever it is."""
        host = addr[0]
        if self.heard[host] >= PER_HOST_LIMIT or len(self.heard) > FOUND_LIMIT:
            return
        self.heard[host] += 1
        with suppress(soap.NotSoap, soap.Fault):
            for one in matches(data, host, self.asked):
                self._take(one)

    def _take(self, one: Found) -> None:
        key = one.endpoint.lower().removeprefix("urn:").removeprefix("uuid:")
        known = self.found.get(key)
        if known is not None:
            both = tuple(dict.fromkeys(known.addresses + one.addresses))
            self.found[key] = replace(known, addresses=both[:PER_HOST_LIMIT])
        elif len(self.found) < FOUND_LIMIT:
            self.found[key] = one

    def error_received(self, exc: Exception) -> None:
        """Nobody there is no error: that is what was asked."""


async def _ask(
    makers: Sequence[Callable[[], socket.socket]],
    places: Sequence[tuple[str, int]],
    within_s: float,
) -> list[Found]:
    ids = tuple(str(uuid.uuid4()) for _ in _TYPES)
    answers = _Answers(ids)
    loop = asyncio.get_running_loop()
    transports = []
    try:
        for make in makers:
            own = make()
            own.setblocking(False)
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
            transport, _ = await loop.create_datagram_endpoint(lambda: answers, sock=own)
            transports.append(transport)
        questions = [probe(one, types) for one, types in zip(ids, _TYPES, strict=True)]
        for _ in range(2):
            await _send(transports, questions, places)
            await asyncio.sleep(min(REPEAT_AFTER_S, within_s))
        await asyncio.sleep(max(0.0, within_s - REPEAT_AFTER_S))
    finally:
        for transport in transports:
            transport.abort()
        await asyncio.sleep(0)  # in the next turn of the loop its socket is closed
    return sorted(answers.found.values(), key=lambda one: (one.host, one.endpoint))


async def _send(
    transports: Sequence[asyncio.DatagramTransport],
    questions: Sequence[bytes],
    places: Sequence[tuple[str, int]],
) -> None:
    for number, place in enumerate(places, 1):
        for transport in transports:
            for question in questions:
                transport.sendto(question, place)
        if number % (RATE_PER_S // 10) == 0:
            await asyncio.sleep(0.1)


def _multicasting(interface: str) -> socket.socket:
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        own.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
        own.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        own.bind((interface, 0))
    except OSError:
        own.close()
        raise
    return own


def _header(answer: Element) -> Element | None:
    return element.child(answer.getroottree().getroot(), "Header")


def _found(match: Element, host: str) -> Found:
    scopes = tuple(element.text(match, "Scopes").split())[:64]
    said = decoded(scopes)
    addresses = element.text(match, "XAddrs").split()[:PER_HOST_LIMIT]
    own_first = sorted(addresses, key=lambda one: _host(one) != host)
    return Found(
        endpoint=_printable(element.text(match, "EndpointReference", "Address"))[:200] or host,
        host=host,
        addresses=tuple(own_first),
        types=tuple(one.rpartition(":")[2] for one in element.text(match, "Types").split()[:8]),
        scopes=scopes,
        name=said.get("name", ""),
        hardware=said.get("hardware", ""),
        location=said.get("location", ""),
    )


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _printable(said: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in said).strip()
