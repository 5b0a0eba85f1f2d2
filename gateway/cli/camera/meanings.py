"""Meanings: what Dabyl makes of what a camera can tell, and of what it told. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from adapters.devices.onvif import topics
from adapters.devices.onvif.notification import Notification
from adapters.devices.onvif.topics import INPUT
from gateway.cli.camera.survey import Listened


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Topics by what is made of them."""

    understood: dict[str, list[str]] = field(default_factory=dict)
    """By kind."""
    no_event: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def of(paths: Iterable[str]) -> Sorted:
    """Those topics by what is made of them."""
    found = Sorted()
    for path in paths:
        rows = topics.rows(path)
        kinds = {row.kind for row, _ in rows if row.kind is not None}
        for kind in sorted(kinds):
            found.understood.setdefault(kind, []).append(path)
        if not kinds:
            (found.no_event if rows else found.unknown).append(path)
    return found


def inputs(listened: Listened | None) -> dict[str, bool | None]:
    """The wired inputs that it named, and whether each is closed."""
    found: dict[str, bool | None] = {}
    for heard in () if listened is None else listened.heard:
        if isinstance(heard, Notification):
            for meaning in topics.find(heard):
                if meaning.kind == INPUT and meaning.token:
                    found[meaning.token] = meaning.active
    return found
