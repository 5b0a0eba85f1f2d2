"""MQTT for simulated devices: a broker's address, and a connection that comes back."""

import asyncio
import contextlib
import logging
import random
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiomqtt

from simulators import wire
from simulators.wire import Leaf

KEEPALIVE_S = 20
PUBLISH_S = 5.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 8.0
OWN_OUTBOX = 256
SHARED_OUTBOX = 100_000
SHARED_SENDERS = 16
# Without it the kernel may hold a short word back for 40 ms, until the last one is acknowledged.
NO_DELAY = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
LOG = logging.getLogger(__name__)


class WrongAddress(Exception):
    """A broker's address that cannot be used."""

    def __init__(self, url: str) -> None:
        super().__init__(f"{url!r} is no broker: say mqtt://host:port or mqtts://host:port")


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where a broker listens, and how to speak with it."""

    host: str
    port: int
    tls: bool = False
    ca_file: Path | None = None
    protocol: aiomqtt.ProtocolVersion = aiomqtt.ProtocolVersion.V5


@dataclass(frozen=True, slots=True)
class Identity:
    """Who connects: the client id is the user name."""

    name: str
    password: str | None = None
    leaves_will: bool = True


def parse(url: str, *, ca_file: Path | None = None, protocol: str = "5") -> Broker:
    """Read a broker's address.

    Raises:
        WrongAddress: the address is not of the form mqtt://host:port.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise WrongAddress(url) from None
    if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
        raise WrongAddress(url)
    tls = parts.scheme == "mqtts"
    version = aiomqtt.ProtocolVersion.V5 if protocol == "5" else aiomqtt.ProtocolVersion.V311
    return Broker(
        host=parts.hostname,
        port=port or (8883 if tls else 1883),
        tls=tls,
        ca_file=ca_file,
        protocol=version,
    )


class Connection:
    """One MQTT connection that comes back after every loss."""

    def __init__(
        self,
        broker: Broker,
        identity: Identity,
        subscriptions: list[str],
        *,
        hear: Callable[[str, bytes], None],
        changed: Callable[[bool], None],
        complain: Callable[[str], None],
    ) -> None:
        self.broker = broker
        self.identity = identity
        self.up = False
        self.dropped = 0
        self._subscriptions = subscriptions
        self._hear = hear
        self._changed = changed
        self._complain = complain
        self._trouble = ""
        shared = not identity.leaves_will
        self._senders = SHARED_SENDERS if shared else 1
        self._outbox: asyncio.Queue[tuple[str, bytes, bool]] = asyncio.Queue(
            SHARED_OUTBOX if shared else OWN_OUTBOX
        )
        self._whole = asyncio.Event()
        self._whole.set()
        self._client: aiomqtt.Client | None = None

    def send(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """Queue a message for this life of the connection; without one, count it and drop it."""
        if not self.up or self._outbox.full():
            self.dropped += 1
            return
        self._outbox.put_nowait((topic, payload, retain))

    def cut(self) -> None:
        """Cut the cable: no goodbye is said, so the broker will speak the Last Will."""
        self._whole.clear()
        if self._client is None:
            return
        # Only the socket itself can die without a DISCONNECT; aiomqtt has no public call for it.
        raw = self._client._client.socket()  # noqa: SLF001
        if isinstance(raw, socket.socket):
            with contextlib.suppress(OSError):
                raw.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Mend the cable."""
        self._whole.set()

    async def run(self) -> None:
        """Live, lose the connection, wait a random while, live again; ends by cancelling."""
        longest_s = FIRST_PAUSE_S
        while True:
            await self._whole.wait()
            lived = False
            try:
                await self._live()
            except* (aiomqtt.MqttError, OSError) as lost:
                self._say_once(str(lost.exceptions[0]))
            finally:
                lived = self._end_life()
            longest_s = FIRST_PAUSE_S if lived else min(longest_s * 2, LONGEST_PAUSE_S)
            await asyncio.sleep(random.uniform(0, longest_s))

    async def _live(self) -> None:
        async with self._new_client() as client:
            await client.subscribe([(name, 1) for name in self._subscriptions])
            self._client, self.up, self._trouble = client, True, ""
            self._changed(True)
            async with asyncio.TaskGroup() as life:
                for _ in range(self._senders):
                    life.create_task(self._send_all(client))
                life.create_task(self._hear_all(client))

    def _say_once(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self._complain(trouble)

    def _end_life(self) -> bool:
        self._client, was_up, self.up = None, self.up, False
        while not self._outbox.empty():  # words of a dead life are stale: ages have moved on
            self._outbox.get_nowait()
        if was_up:
            self._changed(False)
        return was_up

    async def _send_all(self, client: aiomqtt.Client) -> None:
        while True:
            topic, payload, retain = await self._outbox.get()
            await client.publish(topic, payload, qos=1, retain=retain, timeout=PUBLISH_S)
            _end_if_cancelled()

    async def _hear_all(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            if isinstance(message.payload, bytes):
                self._hear(message.topic.value, message.payload)

    def _new_client(self) -> aiomqtt.Client:
        name = self.identity.name
        will = aiomqtt.Will(wire.topic(name, Leaf.STATE), wire.will_body(), qos=1, retain=True)
        five = self.broker.protocol is aiomqtt.ProtocolVersion.V5
        tls = ssl.create_default_context(cafile=self.broker.ca_file) if self.broker.tls else None
        client = aiomqtt.Client(
            self.broker.host,
            self.broker.port,
            identifier=name,
            username=name,
            password=self.identity.password,
            protocol=self.broker.protocol,
            clean_session=None if five else True,
            will=will if self.identity.leaves_will else None,
            keepalive=KEEPALIVE_S,
            tls_context=tls,
            logger=LOG,
            socket_options=NO_DELAY,
        )
        client.pending_calls_threshold = self._senders + 1
        return client


def _end_if_cancelled() -> None:
    """Python 3.11's wait_for, in aiomqtt, loses a cancellation that comes with the answer.

    For tasks of one life only: a TaskGroup of that Python leaves its parent marked as cancelled.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
