"""Sharing: with several gateways each passage goes to one of them; an alarm goes to all.

A dead member of a shared subscription keeps its share: Mosquitto goes on queueing for it. So no
alarm is shared, and a shared session is not kept for a week but for moments: what was meant for it
is said again by the devices, to another. (A check-in is not said again before its time. Kept for
longer, two in a row would be lost with a dead gateway, and its devices be taken for silent.)

A session that goes from plain to shared keeps its old subscriptions at the broker, and would hear
twice; and the other way round. So what is not wanted is unsubscribed at every connect.
"""

from adapters.devices.mqtt import dabyl_v1
from adapters.devices.mqtt.settings import SESSION_EXPIRY_S, SessionSettings
from adapters.signal import Lane

GROUP = "$share/dabyl/"
SHARED_EXPIRY_S = 10


def is_shared(settings: SessionSettings) -> bool:
    """Whether this session takes only its share."""
    return settings.shared and settings.lane is Lane.EVENT


def wanted(settings: SessionSettings) -> tuple[str, ...]:
    """What this session subscribes to."""
    plain = dabyl_v1.SUBSCRIPTIONS[settings.lane]
    return tuple(GROUP + topic for topic in plain) if is_shared(settings) else plain


def unwanted(settings: SessionSettings) -> tuple[str, ...]:
    """What it may have subscribed to in a former life, with other settings."""
    plain = dabyl_v1.SUBSCRIPTIONS[settings.lane]
    if settings.lane is Lane.ALARM:
        return ()
    return plain if is_shared(settings) else tuple(GROUP + topic for topic in plain)


def expiry_s(settings: SessionSettings) -> int:
    """How long the broker keeps the session when the gateway is gone."""
    return SHARED_EXPIRY_S if is_shared(settings) else SESSION_EXPIRY_S
