"""Checks of the brokers: the road, the seal, the login, and whether names are kept apart.

A login is tried under the gateway's own session and leaves it as it was: nothing is cleared or
acknowledged, and it lasts as long as before. A running gateway is put out, and reconnects.
"""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY, Client, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from adapters.devices.mqtt.settings import SESSION_EXPIRY_S
from gateway.cli.checks.finding import Finding, ok, weak, wrong
from gateway.settings import Broker, Settings, WrongSettings

PATIENCE_S = 5.0
TAKEN_OVER_WITHIN_S = 1.0
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def all_of(settings: Settings) -> Iterator[Finding]:
    """Every broker, as far as it lets us come."""
    if not settings.broker:
        yield wrong("brokers", "no [[broker]]: nothing could be heard from any device")
    if len(settings.broker) == 1:
        yield weak("brokers", "only one: while it is down no press is heard")
    for broker in settings.broker:
        what = f"broker {broker.label}"
        trouble = _road(broker)
        if trouble is not None:
            yield wrong(what, trouble)
            continue
        yield ok(what, f"{broker.url} answers" + (", its seal is trusted" if broker.is_tls else ""))
        yield from _door(broker, settings.gateway.name, what)


def _road(broker: Broker) -> str | None:
    """What is wrong on the way: TCP, then TLS."""
    try:
        with socket.create_connection((broker.host, broker.port), PATIENCE_S) as line:
            tls = broker.tls()
            if tls is not None:
                with tls.wrap_socket(line, server_hostname=broker.host):
                    pass
    except WrongSettings as error:
        return str(error)
    except ssl.SSLCertVerificationError as error:
        return f"its certificate is not trusted: {error.verify_message}; see ca_file"
    except ssl.SSLError as error:
        return f"no TLS with it: {error.reason or error}; see ca_file, cert_file, key_file"
    except OSError as error:
        reason = error.strerror or str(error)
        return f"{broker.host}:{broker.port} does not answer ({reason}); is it running?"
    return None


def _door(broker: Broker, gateway: str, what: str) -> Iterator[Finding]:
    """Whether both sessions may log in, and how well names are kept apart."""
    names = [f"gateway-{gateway}-{lane}" for lane in ("alarm", "event")]
    try:
        secret = broker.secret()
    except WrongSettings as error:
        yield wrong(what, str(error))
        return
    users = [broker.username or name for name in names]
    for name, user in zip(names, users, strict=True):
        with _caller(broker, name, user, secret) as caller:
            refused = caller.refused()
        if refused is not None:
            hint = "see username and password_file" if secret else "no password_file is set"
            yield wrong(what, f"login as {user} failed: {refused}; {hint}")
            return
    yield ok(what, f"login as {' and '.join(dict.fromkeys(users))}")
    yield from _names_apart(broker, names, users, secret, what)
    yield from _anonymous(broker, what)


def _names_apart(
    broker: Broker, names: list[str], users: list[str], secret: str | None, what: str
) -> Iterator[Finding]:
    """One user under two client ids: a broker that forces the id ends the first for the second."""
    with _caller(broker, names[0], users[0], secret) as first:
        if first.refused() is not None:
            return
        with _caller(broker, f"{names[0]}-check", users[0], secret) as second:
            is_forced = second.refused() is not None or first.is_put_out()
            if not is_forced:
                second.forget_session()
    if is_forced and users[0] == users[1]:
        yield wrong(what, f"{users[0]} is the name of both sessions: one would end the other")
    elif is_forced:
        yield ok(what, "a client id is its user name: no device can end another's session")
    else:
        yield weak(
            what,
            "it takes any client id: who has one device's password can end another's session;"
            " use_username_as_clientid true",
        )


def _anonymous(broker: Broker, what: str) -> Iterator[Finding]:
    with _caller(broker, "dabyl-check", None, None) as nobody:
        if nobody.refused() is not None:
            return
        nobody.forget_session()
    why = "lets in whoever gives no name; allow_anonymous false"
    yield weak(what, why) if broker.host in _LOOPBACK else wrong(what, why)


class _Caller:
    """One connection of ours, that clears nothing and acknowledges nothing."""

    def __init__(self, client: Client, version: MQTTProtocolVersion) -> None:
        self._client = client
        self._version = version
        self._answered = threading.Event()
        self._ended = threading.Event()
        self._refused: str | None = "no answer"
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect

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

    def _on_connect(
        self, client: Client, _data: object, _flags: object, code: ReasonCode, _more: object
    ) -> None:
        self._refused = str(code).lower() if code.is_failure else None
        self._answered.set()
        if code.is_failure:
            client.disconnect()

    def _on_disconnect(self, client: Client, *_: object) -> None:
        self._ended.set()
        self._answered.set()
        client.disconnect()  # paho would come back, and put out whoever took over


@contextmanager
def _caller(
    broker: Broker, identifier: str, user: str | None, secret: str | None
) -> Iterator[_Caller]:
    version = MQTTv5 if broker.protocol == 5 else MQTTv311  # noqa: PLR2004 - MQTT's own number
    is_5 = version == MQTTv5
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=identifier,
        protocol=version,
        clean_session=None if is_5 else user is None,
        manual_ack=True,
        reconnect_on_failure=False,
    )
    tls = broker.tls()
    if tls is not None:
        client.tls_set_context(tls)
    if user is not None:
        client.username_pw_set(user, secret)
    caller = _Caller(client, version)
    properties = None
    if is_5:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho's lack
        properties.SessionExpiryInterval = SESSION_EXPIRY_S
    client.connect_timeout = PATIENCE_S
    try:
        client.connect(
            broker.host,
            broker.port,
            keepalive=10,
            clean_start=False if is_5 else MQTT_CLEAN_START_FIRST_ONLY,
            properties=properties,
        )
        client.loop_start()
        yield caller
    finally:
        client.disconnect()
        client.loop_stop()
