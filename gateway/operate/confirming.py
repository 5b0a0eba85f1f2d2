"""Confirming: the command that shows on a device how far its alarm has come."""

from datetime import datetime, timedelta
from typing import Protocol

from gateway.domain import belief
from gateway.domain import kind as kinds
from gateway.domain.kind import Voice
from gateway.domain.site import Sort
from gateway.store import commands
from gateway.store.commands import Command

CONFIRM_LASTS = timedelta(minutes=2)


class Confirmed(Protocol):
    """What a confirmation must know of its alarm."""

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def device(self) -> str: ...  # noqa: D102
    @property
    def silent(self) -> bool: ...  # noqa: D102
    @property
    def event_id(self) -> str: ...  # noqa: D102
    @property
    def sort(self) -> str | None: ...  # noqa: D102


def confirmation(alarm: Confirmed, level: str, now: datetime) -> Command | None:
    """The command that shows a level on the alarm's device; None where it can show nothing."""
    kind = kinds.find(alarm.kind)
    spoken = kind is not None and Voice.DEVICE in kind.by and alarm.sort != Sort.CAMERA
    if not spoken or not belief.is_valid_device(alarm.device):
        return None
    data: dict[str, object] = {
        "level": level,
        "silent": alarm.silent,
        "event_id": alarm.event_id,
    }
    return commands.new(alarm.device, "confirm", data, now, CONFIRM_LASTS)
