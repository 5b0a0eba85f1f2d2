"""Conclusion: what began or ended on a camera, and the words in which it is handed in. Pure."""

from datetime import datetime
from typing import Any

import msgspec

from adapters.signal import Lane, Said, Spoken


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


def said(one: Concluded) -> Said:
    """The event as a body. Whatever differs from hearing to hearing must not be added to it."""
    content: dict[str, Any] = {"id": one.id, "kind": one.kind, "part": one.part, "data": one.data}
    if one.said_at is not None:
        content["at"] = one.said_at.isoformat().replace("+00:00", "Z")
    return Said(id=one.id, kind=one.kind, at=one.said_at, part=one.part, content=content)


def spoken(one: Concluded, device: str, received_at: datetime) -> Spoken:
    """The signal of a camera whose link bears its own name."""
    return Spoken(
        link=device,
        device=device,
        heard_on=one.lane,
        received_at=received_at,
        said=said(one),
        by_adapter=True,
    )
