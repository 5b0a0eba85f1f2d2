"""A caller: one MQTT connection of `dabyl check`, that clears nothing and acknowledges nothing."""

import queue
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from paho.mqtt.client import (
    MQTT_CLEAN_START_FIRST_ONLY,
    Client,
    ConnectFlags,
    MQTTMessage,
    MQTTv5,
    MQTTv311,
)
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from adapters.devices.mqtt.settings import SESSION_EXPIRY_S

PATIENCE_S = 5.0
TAKEN_OVER_WITHIN_S = 1.0
"""A broker that lets one session take another's place does it at once."""
HEARD_WITHIN_S = 2.0
HEARD_AT_MOST = 10_000
_MQTT_5 = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where to call, and how the line is sealed."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    protocol: int = _MQTT_5


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """As whom."""

    user: str | None
    secret: str | None
    is_kept: bool = False
    """Whether the session outlives the connection, as a gateway's does."""


class Caller:
    """One connection, and what the broker answered."""

    def __init__(self, client: Client, version: MQTTProtocolVersion) -> None:
        self._client = client
        self._version = version
        self._answered = threading.Event()
        self._ended = threading.Event()
        self._refused: str | None = "no answer"
        self._published: queue.Queue[ReasonCode] = queue.Queue()
        self.was_known = False
        """Whether a session of that name was there already, and is ours now."""
        self.granted: Properties | None = None
        """What a broker of MQTT 5 said about itself."""
        self.heard: queue.Queue[tuple[str, bool]] = queue.Queue(HEARD_AT_MOST)
        """Topics on which something came, and whether it was a stored copy."""
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message

    def refused(self) -> str | None:
        """Why the broker did not let us in; None: it did."""
        self._answered.wait(PATIENCE_S)
        return self._refused

    def is_put_out(self) -> bool:
        """Whether the broker ends this connection within a second."""
        return self._ended.wait(TAKEN_OVER_WITHIN_S)

    def forget_session(self) -> None:
        """Let nothing of it be kept: only for a session that is not a gateway's."""
        if self._version == MQTTv5:
            last = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call] # paho's lack
            last.SessionExpiryInterval = 0
            self._client.disconnect(properties=last)

    def listen(self, *topics: str) -> None:
        """Hear what is said on those topics, once each; nothing is kept for us."""
        self._client.subscribe([(topic, 0) for topic in topics])

    def hears_itself(self, topic: str) -> bool:
        """Whether an empty word said there comes back; who knows nothing of it passes it by."""
        self.listen(topic)
        self._client.publish(topic, b"", qos=0)
        until = time.monotonic() + HEARD_WITHIN_S
        while (left_s := until - time.monotonic()) > 0:
            with suppress(queue.Empty):
                if self.heard.get(timeout=left_s)[0] == topic:
                    return True
        return False

    def may_publish(self, topic: str) -> bool | None:
        """Whether the broker takes a word on that topic; None: it does not say (MQTT 3.1.1)."""
        if self._version != MQTTv5:
            return None
        self._client.publish(topic, b"", qos=1)
        try:
            return not self._published.get(timeout=PATIENCE_S).is_failure
        except queue.Empty:
            return None

    def _on_connect(
        self, client: Client, _: object, flags: ConnectFlags, code: ReasonCode, more: object
    ) -> None:
        self._refused = str(code).lower() if code.is_failure else None
        self.was_known = flags.session_present
        self.granted = more if isinstance(more, Properties) else None
        self._answered.set()
        if code.is_failure:
            client.disconnect()

    def _on_disconnect(self, client: Client, *_: object) -> None:
        if not self._answered.is_set():
            self._refused = "it hangs up without a word; it may ask for cert_file and key_file"
        self._ended.set()
        self._answered.set()
        client.disconnect()  # paho would come back, and put out whoever took over

    def _on_publish(
        self, _: Client, _data: object, _mid: int, code: ReasonCode, *_m: object
    ) -> None:
        self._published.put(code)

    def _on_message(self, _: Client, _data: object, message: MQTTMessage) -> None:
        if not self.heard.full():
            self.heard.put((message.topic, message.retain))


@contextmanager
def calling(door: Door, login: Login, identifier: str) -> Iterator[Caller]:
    """Call under that client id, until the end of the block.

    Raises:
        OSError: nobody answers there.
    """
    version = MQTTv5 if door.protocol == _MQTT_5 else MQTTv311
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=identifier,
        protocol=version,
        clean_session=None if version == MQTTv5 else not login.is_kept,
        manual_ack=True,
        reconnect_on_failure=False,
    )
    if door.tls is not None:
        client.tls_set_context(door.tls)
    if login.user is not None:
        client.username_pw_set(login.user, login.secret)
    caller = Caller(client, version)
    client.connect_timeout = PATIENCE_S
    try:
        client.connect(
            door.host,
            door.port,
            keepalive=10,
            clean_start=not login.is_kept if version == MQTTv5 else MQTT_CLEAN_START_FIRST_ONLY,
            properties=_kept(is_kept=login.is_kept) if version == MQTTv5 else None,
        )
        client.loop_start()
        yield caller
    finally:
        client.disconnect()
        client.loop_stop()


def _kept(*, is_kept: bool) -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho's lack
    properties.SessionExpiryInterval = SESSION_EXPIRY_S if is_kept else 0
    properties.ReceiveMaximum = 1
    return properties
