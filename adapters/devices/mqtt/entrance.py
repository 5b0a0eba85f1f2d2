"""Entrance: how a session asks the broker to be let in, and what the answers mean."""

import asyncio
from socket import IPPROTO_TCP, TCP_NODELAY

import aiomqtt
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from adapters.devices.contract import LinkLost, LinkRefused
from adapters.devices.mqtt import sharing
from adapters.devices.mqtt.settings import (
    CONNECT_TIMEOUT_S,
    KEEPALIVE_S,
    OUTGOING_LIMIT,
    RECEIVE_MAXIMUM,
    SessionSettings,
)

_REFUSED_CODES = {4, 5, 133, 134, 135, 138, 140}
"""CONNACK reasons that no retry mends: MQTT 3.1.1 §3.2.2.3, MQTT 5 §3.2.2.2."""


def client(settings: SessionSettings) -> aiomqtt.Client:
    """A client that is not connected yet; its session is kept by the broker."""
    is_5 = settings.is_5
    return aiomqtt.Client(
        settings.host,
        settings.port,
        username=settings.username or settings.identifier,
        password=settings.password(),
        identifier=settings.identifier,
        protocol=aiomqtt.ProtocolVersion.V5 if is_5 else aiomqtt.ProtocolVersion.V311,
        clean_session=None if is_5 else sharing.is_shared(settings),
        # paho takes any word on it but its own default for an error in MQTT 3.1.1.
        clean_start=False if is_5 else MQTT_CLEAN_START_FIRST_ONLY,
        properties=_properties(settings) if is_5 else None,
        keepalive=KEEPALIVE_S,
        timeout=CONNECT_TIMEOUT_S,
        tls_context=settings.tls(),
        max_queued_outgoing_messages=OUTGOING_LIMIT,
        # No limit of its own: with one, paho walks all receipts under way at every PUBACK.
        max_inflight_messages=0,
        socket_options=[(IPPROTO_TCP, TCP_NODELAY, 1)],
    )


def end_if_cancelled() -> None:
    """End here, where that was asked for.

    Python 3.11's wait_for loses a cancellation that comes together with what it waits for.

    Raises:
        CancelledError: it was asked for.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def check_granted(link: str, topic: str, granted: object) -> None:
    """Nothing, where the broker grants the subscription.

    Raises:
        LinkRefused: it does not.
    """
    codes = granted if isinstance(granted, list | tuple) else []
    values = [code if isinstance(code, int) else int(code.value) for code in codes]
    if any(value >= 128 for value in values):  # noqa: PLR2004 - SUBACK failure codes
        raise LinkRefused(
            link, f"may not read {topic}; give the gateway's user the right in the ACL"
        )


def translated(link: str, error: aiomqtt.MqttError) -> LinkLost | LinkRefused:
    """What ended the connection: lost, or not wanted as we are."""
    code = getattr(error, "rc", None)
    value = getattr(code, "value", code)
    if value in _REFUSED_CODES:
        return LinkRefused(link, f"the login was refused ({code}); look at username and password")
    return LinkLost(link, str(error) or type(error).__name__)


def _properties(settings: SessionSettings) -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has no types here
    properties.SessionExpiryInterval = sharing.expiry_s(settings)
    properties.ReceiveMaximum = RECEIVE_MAXIMUM[settings.lane]
    return properties
