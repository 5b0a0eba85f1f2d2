"""The bench's region: a thousand schools, and what their devices say."""

import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gateway.domain.site import Device, DeviceId, Names, Site, SiteId, Sort, Zone, ZoneId

SITES = 1000
BUTTONS = 4000
TURNSTILES = 4000
"""So many that none is beyond the flood limit (5/s each) at 20,000 passages a second."""
_PATIENCE_S = 86_400
"""The bench's devices send no check-ins: nobody shall miss them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Everything to be registered."""

    sites: list[Site] = field(default_factory=list)
    zones: list[Zone] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)


def region() -> Region:
    """A thousand sites with one zone, four buttons and four turnstiles each."""
    found = Region()
    for number in range(SITES):
        site, zone = SiteId(f"site-{number:04d}"), ZoneId("entrance")
        name = Names(kk=f"№{number} мектеп", ru=f"Школа №{number}", en=f"School {number}")
        address = f"Абай даңғылы {number}"
        found.sites.append(Site(id=site, name=name, district="Medeu", address=address))
        found.zones.append(Zone(id=zone, site=site, name=Names(kk="Кіреберіс", ru="Вход", en="")))
    for sort, name_of, count in (
        (Sort.PANIC_BUTTON, button, BUTTONS),
        (Sort.TURNSTILE, turnstile, TURNSTILES),
    ):
        found.devices.extend(
            Device(
                id=DeviceId(name_of(number)),
                sort=sort,
                site=SiteId(f"site-{number % SITES:04d}"),
                zone=ZoneId("entrance"),
                max_silence_s=_PATIENCE_S,
            )
            for number in range(count)
        )
    return found


def button(number: int) -> str:
    """The id of a button."""
    return f"button-{number:05d}"


def turnstile(number: int) -> str:
    """The id of a turnstile."""
    return f"turnstile-{number:05d}"


def press(number: int) -> tuple[str, bytes]:
    """A fresh event id, and a press's body."""
    event_id = os.urandom(10).hex() + f"{number:06d}"
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    body = (
        f'{{"id": "{event_id}", "kind": "panic.pressed", "at": "{at}", "age_ms": 2,'
        f' "clock": "synced", "boot": 3, "seq": {number}, "part": 1}}'
    )
    return event_id, body.encode()


class Passages:
    """Passages of all turnstiles in turn, as packets with little left to fill in."""

    def __init__(self) -> None:
        self._run = os.urandom(8).hex().encode()
        self._number = 0
        at = datetime.now(UTC).isoformat(timespec="milliseconds").encode()
        self._tail = (
            b'", "kind": "passage.granted", "at": "%s", "age_ms": 5, "clock": "synced",'
            b' "boot": 1, "data": {"direction": "in", "credential": "04A2%%08X", "taken": true}}'
        ) % at
        topics = [f"dabyl/v1/{turnstile(one)}/event".encode() for one in range(TURNSTILES)]
        self._topics = [len(topic).to_bytes(2) + topic for topic in topics]

    def packets(self, count: int) -> bytes:
        """So many PUBLISH packets of QoS 1, ready to be written."""
        return b"".join([self._packet() for _ in range(count)])

    def _packet(self) -> bytes:
        self._number += 1
        number = self._number
        topic = self._topics[number % TURNSTILES]
        body = b'{"id": "%s%010d%s' % (self._run, number, self._tail % number)
        length = len(topic) + 2 + len(body)
        mid = (number % 65_535 + 1).to_bytes(2)
        # Between 128 and 16,383 bytes a length takes two.
        head = bytes((0x32, length & 0x7F | 0x80, length >> 7))
        return head + topic + mid + body


def now() -> float:
    """The clock that all processes of one machine share."""
    return time.monotonic()
