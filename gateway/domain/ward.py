"""Wards: whom a watch watches over, and in which kinds it speaks of them.

Buttons and turnstiles are one ward, cameras another: a dead camera switch is not the school's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.domain.presence import Presence, Why
from gateway.domain.site import Device, Sort
from gateway.domain.supervision import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Ward:
    """One sort of devices, and the words for their loss."""

    has: Callable[[Device], bool]
    cause: Callable[[Device, Presence], Why]
    """What the silence of one began with."""
    lost: Callable[[str, Why], Finding | None]
    """What is said of one; None: somebody else has said it."""
    back: Callable[[str, Why, str], Finding | None]
    alone: frozenset[Why]
    """What stands behind the silence of one that is told of by itself."""
    singles: Mapping[str, Why]
    """By kind of the trouble that stands for a single one, what stands behind it."""
    turns: frozenset[tuple[Why, Why]] = frozenset()
    """What may come to stand behind a silence that was told of with something else behind it."""
    whole_lost: str
    """How the kind of a whole's loss ends, behind `site.` and `district.`."""
    whole_back: str

    @property
    def wholes(self) -> tuple[str, str]:
        """The kinds of a whole's loss."""
        return f"site.{self.whole_lost}", f"district.{self.whole_lost}"


DEVICES = Ward(
    has=lambda device: device.sort is not Sort.CAMERA,
    cause=lambda device, presence: presence.cause(device),
    lost=lambda device, why: Finding(kind="device.silent", about=device, cause=why),
    back=lambda device, _, cause: Finding(kind="device.heard", about=device, cause=cause),
    alone=frozenset({Why.NOTHING_HEARD, Why.LAST_WILL}),
    singles={"device.silent": Why.NOTHING_HEARD},
    whole_lost="silent",
    whole_back="heard",
)
"""All that check in."""


class Fault(NamedTuple):
    """Why a camera's event channel is silent, as whoever holds its link knows it."""

    why: Why
    cause: str
    """In one word that can be counted."""
    data: Mapping[str, object]


UNKNOWN = Fault(Why.UNREACHABLE, "nothing_heard", {})
"""Nobody has said why."""
_KINDS = {
    Why.UNREACHABLE: "camera.unreachable",
    Why.EVENTS_DEAD: "camera.events_dead",
}
# What answers is not unreachable; that it answers no more is only known by its silence.
_TURNS = frozenset(
    {
        (Why.UNREACHABLE, Why.EVENTS_DEAD),
        (Why.UNREACHABLE, Why.REFUSED),
        (Why.EVENTS_DEAD, Why.REFUSED),
    }
)
_BACK = {
    Why.UNREACHABLE: "camera.unreachable_back",
    Why.EVENTS_DEAD: "camera.events_back",
}


@dataclass(slots=True)
class Cameras:
    """The ward of all cameras that somebody calls."""

    linked: set[str] = field(default_factory=set)
    """Those with a login that a person approved."""
    version: int = 0
    """Moved with every change of it."""
    fault: Callable[[str], Fault] = lambda _: UNKNOWN
    against_ours: int = 0
    """Which way most of their clocks are off alike, as the watch finds it: ours is off then."""
    is_ours_trusted: bool = True
    """Whether our own clock is in no doubt, as supervision finds it."""

    def ward(self) -> Ward:
        """It, for a watch."""
        return Ward(
            has=lambda device: device.sort is Sort.CAMERA and device.id in self.linked,
            cause=lambda device, _: self.fault(device.id).why,
            lost=self._lost,
            back=_back,
            alone=frozenset(_KINDS),
            singles={kind: why for why, kind in _KINDS.items()},
            turns=_TURNS,
            whole_lost="cameras_silent",
            whole_back="cameras_heard",
        )

    def _lost(self, device: str, why: Why) -> Finding | None:
        kind = _KINDS.get(why)
        if kind is None:
            return None
        found = self.fault(device)
        return Finding(kind=kind, about=device, cause=found.cause, data=found.data)


def _back(device: str, why: Why, cause: str) -> Finding | None:
    kind = _BACK.get(why)
    return None if kind is None else Finding(kind=kind, about=device, cause=cause)
