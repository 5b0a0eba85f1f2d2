"""Conclusion: what began or ended on a camera, by which key and id, and how it is handed in.

Pure.
"""

import hashlib
from datetime import datetime
from typing import Any, Final

import msgspec

from adapters.devices.onvif.notification import Items, Notification, Operation
from adapters.devices.onvif.topics import INPUT, Meaning
from adapters.signal import Lane, Said, Spoken

KEY_LIMIT: Final = 128
_PERSONAL: Final = frozenset({"passage.granted", "passage.denied", "passage.duress"})
"""What a person did: of who it was nothing is handed in but one word, which intake hashes."""
_PLACES: Final = frozenset({"accesspointtoken", "doortoken"})
_CREDENTIALS: Final = ("card", "identifiervalue", "credentialtoken")
_REASONS: Final = {
    "credentialnotenabled": "blocked",
    "credentialnotactive": "expired",
    "credentialexpired": "expired",
    "notpermittedatthistime": "schedule",
    "unauthorized": "blocked",
    "invalididentifiervalue": "other",
    "antipassbackviolated": "anti_passback",
    "interlock": "interlock",
}
"""Source: ONVIF Access Control, access denied; unknown words count as other."""


class Concluded(msgspec.Struct, frozen=True, kw_only=True):
    """Something began or ended on a camera."""

    kind: str
    """Of contract `dabyl/v1`, kinds of events."""
    lane: Lane
    key: str
    """The name of what lasts, at most 128 characters; the same on every gateway."""
    active: bool
    """Whether it began; False: it ended."""
    lasts: bool
    """Whether something will end it, so that it is compared after every gap."""
    id: str
    """Derived: the same notification gives it again, whichever way and to whom it comes."""
    part: int = 1
    said_at: datetime | None = None
    """By the camera's clock, UTC."""
    data: dict[str, Any]
    """Also only of what the camera said: with another body the same id would be another event."""
    initial: bool = False
    """Whether it was found so, and not heard as it happened."""
    heard_at: datetime
    """When we heard it, UTC; however often it is handed in."""
    is_history: bool = False
    """Whether the camera told it from what it keeps, and it may have been heard as it happened."""


def said(one: Concluded) -> Said:
    """The event as a body. Whatever differs from hearing to hearing must not be added to it."""
    content: dict[str, Any] = {"id": one.id, "kind": one.kind, "part": one.part, "data": one.data}
    if one.said_at is not None:
        content["at"] = one.said_at.isoformat().replace("+00:00", "Z")
    return Said(id=one.id, kind=one.kind, at=one.said_at, part=one.part, content=content)


def spoken(one: Concluded, device: str) -> Spoken:
    """The signal of a camera whose link bears its own name."""
    return Spoken(
        link=device,
        device=device,
        heard_on=one.lane,
        received_at=one.heard_at,
        said=said(one),
        redelivered=one.is_history,
        by_adapter=True,
    )


def key(meaning: Meaning, heard: Notification) -> str:
    """The name of what that is about."""
    if meaning.kind == INPUT:
        which = meaning.token
    else:
        source = _places(heard) if meaning.kind in _PERSONAL else heard.source
        which = ",".join(value for _, value in sorted(source))
    text = f"{meaning.kind} | {meaning.topic} | {which}"
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    if len(text) <= KEY_LIMIT:
        return text
    return f"{text[: KEY_LIMIT - 17]}~{_digest(text)[:8].hex()}"


def base(meaning: Meaning, heard: Notification, *, active: bool, at_ms: int | None) -> bytes:
    """What the id is derived from, digested. `at_ms`: our time, where the camera's is of no use.

    Nothing of who a person is goes in: an id is kept open, and card numbers are soon guessed.
    """
    is_personal = meaning.kind in _PERSONAL
    source = _places(heard) if is_personal else heard.source
    items = () if is_personal else (*heard.key, *heard.data)
    when = heard.said_at.isoformat() if at_ms is None and heard.said_at is not None else at_ms
    found = heard.operation is Operation.INITIALIZED
    return _digest(repr((meaning.kind, heard.topic, source, items, when, active, found)))


def another(base: bytes, times: int, at_ms: int) -> bytes:
    """The same again, and yet another event."""
    return _digest(f"{base.hex()} {times} {at_ms}")


def data(meaning: Meaning, heard: Notification, *, initial: bool) -> dict[str, Any]:
    """The kind's own fields. No name of a person; a credential stands where intake hashes it."""
    found: dict[str, Any] = {"topic": heard.topic}
    if meaning.kind in _PERSONAL:
        found["source"] = dict(_places(heard))
        found |= _person(meaning, heard)
    else:
        found["source"] = dict(heard.source)
        found["items"] = dict((*heard.key, *heard.data))
    if meaning.kind == INPUT:
        found["input"] = meaning.token
    if meaning.row.thing:
        found["object"] = meaning.row.thing
    if initial:
        found["initial"] = True
    return found


def credential(heard: Notification) -> str | None:
    """Whose passage it was, in the controller's own word; None where it does not say."""
    values = {name.lower(): value for name, value in (*heard.source, *heard.data)}
    return next((values[name] for name in _CREDENTIALS if values.get(name)), None)


def _person(meaning: Meaning, heard: Notification) -> dict[str, Any]:
    found: dict[str, Any] = {}
    whose = credential(heard)
    if whose is not None:
        found["credential"] = whose
    if meaning.kind == "passage.denied":
        values = {name.lower(): value for name, value in heard.data}
        word = values.get("reason", "").rpartition(":")[2].lower()
        found["reason"] = meaning.row.reason or _REASONS.get(word, "other")
    return found


def _places(heard: Notification) -> Items:
    return tuple(item for item in heard.source if item[0].lower() in _PLACES)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=16).digest()
