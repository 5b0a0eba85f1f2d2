"""Our own dialect, `dabyl/v1`: topic and payload to Signal, and back. Pure.

Buttons and turnstiles speak it alike: the kind decides, not the sort of device.
"""

from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from adapters.devices import body
from adapters.devices.contract import Garbled
from adapters.signal import CheckIn, Lane, Receipt, Reply, Signal, Spoken, Unread, Unreadable

PREFIX = "dabyl/v1/"
SUBSCRIPTIONS = {
    Lane.ALARM: (f"{PREFIX}+/alarm",),
    Lane.EVENT: (f"{PREFIX}+/event", f"{PREFIX}+/state", f"{PREFIX}+/reply"),
}
_LEVELS = 2
_encode = msgspec.json.Encoder().encode


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """A message as MQTT delivered it."""

    topic: str
    payload: bytes
    retained: bool
    dup: bool = False
    """The broker has sent it before, and had no acknowledgement."""
    link: str
    received_at: datetime


def signal(message: Delivered) -> Signal:
    """What the message says; Unreadable where it says nothing that can be taken."""
    levels = message.topic.removeprefix(PREFIX).split("/")
    if not message.topic.startswith(PREFIX) or len(levels) != _LEVELS:
        return _unreadable(message, message.topic[:80], Lane.EVENT, Garbled(Unread.BAD_TOPIC))
    device, said_on = levels
    lane = Lane.ALARM if said_on == "alarm" else Lane.EVENT
    try:
        match said_on:
            case "alarm" | "event":
                return Spoken(
                    link=message.link,
                    device=device,
                    heard_on=lane,
                    received_at=message.received_at,
                    said=body.event(message.payload),
                    retained=message.retained,
                    redelivered=message.dup,
                )
            case "state":
                return _check_in(message, device)
            case "reply":
                return _reply(message, device)
            case _:
                raise Garbled(Unread.BAD_TOPIC)  # noqa: TRY301 - one way out for what cannot be read
    except Garbled as garbled:
        return _unreadable(message, device, lane, garbled)


def unreadable(message: Delivered) -> Unreadable:
    """The message as something nobody could take, not even with a reason of its own."""
    levels = message.topic.removeprefix(PREFIX).split("/")
    lane = Lane.ALARM if levels[-1] == "alarm" else Lane.EVENT
    return _unreadable(message, levels[0][:80], lane, Garbled(Unread.NOT_STORABLE))


def alarm_topic(device: str) -> str:
    """Where a device cries."""
    return f"{PREFIX}{device}/alarm"


def receipt_topic(device: str) -> str:
    """Where a device hears its receipts."""
    return f"{PREFIX}{device}/receipt"


def command_topic(device: str) -> str:
    """Where a device hears its commands."""
    return f"{PREFIX}{device}/command"


def beacon_topic(gateway: str) -> str:
    """Where everybody hears that a gateway is there."""
    return f"{PREFIX}_gateway/{gateway}"


def receipt_body(receipt: Receipt, by: str, centre: str) -> bytes | None:
    """The receipt as the device reads it; None where nothing is to be said."""
    if receipt.refused is not None:
        refusal = {"refused": receipt.refused}
        return _encode(refusal if receipt.id is None else {"id": receipt.id, **refusal})
    if receipt.stored_at is None:
        return None
    return _encode(
        {
            "id": receipt.id,
            "stored_at": time_text(receipt.stored_at),
            "by": by,
            "copies": receipt.copies,
            "centre": centre,
        }
    )


def stored(payload: bytes) -> tuple[str, str] | None:
    """Which event a receipt calls stored, and who says so; None: it calls nothing stored."""
    try:
        content = body.contents(payload)
    except Garbled:
        return None
    event_id, by = content.get("id"), content.get("by")
    is_stored = isinstance(content.get("stored_at"), str)
    if is_stored and isinstance(event_id, str) and isinstance(by, str):
        return event_id, by
    return None


@lru_cache(maxsize=64)  # a whole batch is stored at one moment
def time_text(moment: datetime) -> str:
    """RFC 3339, UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _check_in(message: Delivered, device: str) -> CheckIn:
    content = body.contents(message.payload)
    online = content.get("online", True)
    if not isinstance(online, bool):
        raise Garbled(Unread.BAD_FIELD)
    return CheckIn(
        link=message.link,
        device=device,
        received_at=message.received_at,
        online=online,
        content=content,
        retained=message.retained,
    )


def _reply(message: Delivered, device: str) -> Reply:
    content = body.contents(message.payload)
    command, ok, error = content.get("id"), content.get("ok"), content.get("error")
    if not isinstance(command, str) or not 0 < len(command) <= body.ID_LIMIT:
        raise Garbled(Unread.BAD_FIELD)
    return Reply(
        link=message.link,
        device=device,
        received_at=message.received_at,
        id=command,
        ok=ok is True,
        error=error[:300] if isinstance(error, str) else None,
    )


def _unreadable(message: Delivered, device: str, lane: Lane, garbled: Garbled) -> Unreadable:
    return Unreadable(
        link=message.link,
        device=device,
        heard_on=lane,
        received_at=message.received_at,
        reason=garbled.reason,
        body=message.payload[: body.BODY_LIMIT],
        id=garbled.event_id,
        retained=message.retained,
    )
