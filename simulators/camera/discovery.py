"""WS-Discovery: cameras that answer a probe for them, on one interface.

Source: WS-Discovery (April 2005) as the ONVIF Core specification profiles it.
"""

import asyncio
import random
import socket
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from lxml import etree

from simulators.camera import device, soap, xmltext
from simulators.camera.machine import Machine

GROUP: Final = "239.255.255.250"
PORT: Final = 3702
_LARGEST: Final = 8192
_ANONYMOUS: Final = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"
_ACTION: Final = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
_EVERYBODY: Final = "urn:schemas-xmlsoap-org:ws:2005:04:discovery"
_TYPES: Final = ("NetworkVideoTransmitter", "Device")
_NAMESPACES: Final = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
    'xmlns:dn="http://www.onvif.org/ver10/network/wsdl" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl"'
)
Machines = Callable[[], Iterable[Machine]]


@dataclass(frozen=True, slots=True)
class Probe:
    """A question into the round: for types and scopes, or for one endpoint (`resolve`)."""

    message_id: str
    types: tuple[str, ...]
    scopes: tuple[str, ...]
    resolve: str | None

    def meant(self, machine: Machine) -> bool:
        """Tell whether a camera is meant."""
        if self.resolve is not None:
            return self.resolve == endpoint(machine)
        own = device.scopes(machine.character.name, machine.character.make.model)
        return set(self.types) <= set(_TYPES) and all(
            any(scope == one or one.startswith(f"{scope.rstrip('/')}/") for one in own)
            for scope in self.scopes
        )


class Discovery(asyncio.DatagramProtocol):
    """Answers probes for cameras; each answer goes to who asked, alone."""

    def __init__(self, machines: Machines) -> None:
        self.probes = 0
        self._machines = machines
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self, interface: str = "127.0.0.1", port: int = PORT) -> int:
        """Listen on an interface, to the group and to itself; tell the port.

        Raises:
            OSError: the port cannot be had, or the interface has no multicast.
        """
        line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        member = socket.inet_aton(GROUP) + socket.inet_aton(interface)
        line.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        line.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
        # Only what this interface was joined for: else a probe of another network is heard too.
        line.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_MULTICAST_ALL", 49), 0)
        line.bind(("", port))
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=line)
        for machine in self._machines():
            self._send(_hello(machine, "Hello"), (GROUP, port))
        chosen: int = line.getsockname()[1]
        return chosen

    def close(self) -> None:
        """Say goodbye and listen no more."""
        if self._transport is not None:
            for machine in self._machines():
                self._send(_hello(machine, "Bye"), (GROUP, PORT))
            self._transport.close()
            self._transport = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer, if it is a probe and a camera is meant; a moment later, as the standard asks."""
        probe = read(data)
        if probe is None:
            return
        self.probes += 1
        loop = asyncio.get_running_loop()
        for machine in self._machines():
            if probe.meant(machine):
                wait_s = random.uniform(0.0, 0.05)
                loop.call_later(wait_s, self._send, _match(machine, probe), addr)

    def _send(self, words: str, addr: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(words.encode(), addr)


def endpoint(machine: Machine) -> str:
    """Tell a camera's endpoint, the same for ever."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_DNS, machine.character.told_serial)}"


def read(data: bytes) -> Probe | None:
    """Read a probe; None if it is none."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        envelope = etree.fromstring(data[:_LARGEST], parser)
    except etree.XMLSyntaxError:
        return None
    header, body = soap.child(envelope, "Header"), soap.child(envelope, "Body")
    probe = None if body is None else soap.child(body, "Probe")
    resolve = None if body is None else soap.child(body, "Resolve")
    if probe is None and resolve is None:
        return None
    return Probe(
        message_id=soap.text_of(header, "MessageID") or "",
        types=tuple(
            word.rpartition(":")[2] for word in (soap.text_of(probe, "Types") or "").split()
        ),
        scopes=tuple((soap.text_of(probe, "Scopes") or "").split()),
        resolve=soap.text_of(resolve, "EndpointReference", "Address"),
    )


def _match(machine: Machine, probe: Probe) -> str:
    kind = "Probe" if probe.resolve is None else "Resolve"
    return _envelope(
        f"{_ACTION}/{kind}Matches",
        _ANONYMOUS,
        f"<d:{kind}Matches><d:{kind}Match>{_about(machine)}</d:{kind}Match></d:{kind}Matches>",
        relates=probe.message_id,
    )


def _hello(machine: Machine, word: str) -> str:
    return _envelope(
        f"{_ACTION}/{word}", _EVERYBODY, f"<d:{word}>{_about(machine)}</d:{word}>", relates=""
    )


def _about(machine: Machine) -> str:
    scopes = " ".join(device.scopes(machine.character.name, machine.character.make.model))
    return (
        f"<a:EndpointReference><a:Address>{endpoint(machine)}</a:Address></a:EndpointReference>"
        f"<d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types>"
        f"<d:Scopes>{xmltext.text(scopes)}</d:Scopes>"
        f"<d:XAddrs>{xmltext.text(machine.address(device.DEVICE_PATH))}</d:XAddrs>"
        f"<d:MetadataVersion>1</d:MetadataVersion>"
    )


def _envelope(action: str, to: str, body: str, *, relates: str) -> str:
    about = f"<a:RelatesTo>{xmltext.text(relates)}</a:RelatesTo>" if relates else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope {_NAMESPACES}><s:Header>'
        f"<a:MessageID>urn:uuid:{uuid.uuid4()}</a:MessageID>{about}<a:To>{to}</a:To>"
        f"<a:Action>{action}</a:Action></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
