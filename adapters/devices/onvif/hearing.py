"""Hearing: what one camera says, from the notifications of a reply to the signals on the bus."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

from msgspec.structs import replace

from adapters.devices.contract import Emit, Overloaded
from adapters.devices.onvif import conclusion, notification
from adapters.devices.onvif.conclusion import Concluded
from adapters.devices.onvif.element import Element
from adapters.devices.onvif.health import Health
from adapters.devices.onvif.notification import Notification, Operation, Unknown
from adapters.devices.onvif.standing import Standing
from adapters.signal import Condition, Lane, Receipt, Unread, Unreadable


class Hearing:
    """The way of one camera's notifications to the bus; in one life of its link."""

    __slots__ = ("_device", "_emit", "_health", "_now", "_standing", "is_behind")

    def __init__(
        self,
        device: str,
        standing: Standing,
        health: Health,
        now: Callable[[], datetime],
        emit: Emit,
    ) -> None:
        self._device = device
        self._standing = standing
        self._health = health
        self._now = now
        self._emit = emit
        self.is_behind = bool(standing.owed())
        """Whether the gateway did not take all: it is to be handed in again."""

    def take(
        self,
        holders: Sequence[Element],
        *,
        initial: bool,
        replayed: bool = False,
        clock_runs: bool = True,
    ) -> None:
        """Take one reply; with nothing, its initial state is over.

        `clock_runs` is False where the camera's clock stands still or has jumped.
        """
        heard = [one for holder in holders for one in notification.read(holder)]
        self._take(heard, initial=initial, replayed=replayed, clock_runs=clock_runs)

    def take_pushed(self, holders: Sequence[Element], *, may_be_initial: bool) -> None:
        """Take one body that was pushed; after a request for it, it may tell how things are."""
        heard = [one for holder in holders for one in notification.read(holder)]
        initial = may_be_initial and all(
            isinstance(one, Notification) and one.operation is Operation.INITIALIZED
            for one in heard
        )
        self._take(heard, initial=initial)
        self.sign()

    def sign(self) -> None:
        """Its event channel gave a sign of life."""
        self._health.last_reply_at = self._now()

    def due(self) -> None:
        """Hand in what ended by its hold-off alone."""
        self._hand_in(self._standing.due(self._now()))

    def catch_up(self) -> None:
        """Hand in again what was not taken; what is under way is only repeated, under its id."""
        self.is_behind = False
        for one in self._standing.owed():
            if not self._say(one):
                break

    def _take(
        self,
        heard: Sequence[Notification | Unknown],
        *,
        initial: bool,
        replayed: bool = False,
        clock_runs: bool = True,
    ) -> None:
        now = self._now()
        known = len(self._health.unknown_topics)
        concluded = self._standing.take(
            heard, now, initial=initial, replayed=replayed, clock_runs=clock_runs
        )
        self._hand_in(concluded)
        if heard:
            self._health.last_event_at = now
            self._keep_unknown(heard, now, is_new=len(self._health.unknown_topics) > known)

    def _hand_in(self, concluded: Iterable[Concluded]) -> None:
        for one in concluded:
            if self.is_behind or not self._say(one):
                return  # the standing owes it, and what follows

    def _say(self, one: Concluded) -> bool:
        """Whether it was taken."""
        signal = conclusion.spoken(one, self._device)
        if one.lasts:
            signal = replace(signal, condition=Condition(key=one.key, active=one.active))
        try:
            self._emit(signal, partial(self._answered, one))
        except Overloaded:
            self.is_behind = True
            return False
        return True

    def _answered(self, one: Concluded, receipt: Receipt) -> None:
        if receipt.stored_at is not None:
            self._standing.committed(one)
        elif receipt.refused is not None:
            self._standing.refused(one)

    def _keep_unknown(
        self, heard: Iterable[Notification | Unknown], now: datetime, *, is_new: bool
    ) -> None:
        """Keep what nobody can take; of an unknown topic only the first, the others are counted."""
        for one in heard:
            if isinstance(one, Unknown):
                self._health.unreadable += 1
                self._keep(one.raw, Unread.BAD_FIELD, now)
            elif is_new and self._health.unknown_topics.get(one.topic) == 1:
                self._keep(one.raw, Unread.BAD_TOPIC, now)

    def _keep(self, raw: bytes, reason: Unread, now: datetime) -> None:
        """Into the quarantine, where a technician finds it."""
        unreadable = Unreadable(
            link=self._device,
            device=self._device,
            heard_on=Lane.EVENT,
            received_at=now,
            reason=reason,
            body=raw,
        )
        try:
            self._emit(unreadable, _nothing)
        except Overloaded:
            self._health.not_kept += 1


def _nothing(_: Receipt) -> None:
    """Nobody waits for it."""
