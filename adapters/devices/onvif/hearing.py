"""Hearing: what one camera says, from the notifications of a reply to the signals on the bus."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

from msgspec.structs import replace

from adapters.devices.contract import Emit, Overloaded
from adapters.devices.onvif import conclusion, notification
from adapters.devices.onvif.conclusion import Concluded
from adapters.devices.onvif.element import Element
from adapters.devices.onvif.health import Health, LetGo
from adapters.devices.onvif.notification import Notification, Operation, Unknown
from adapters.devices.onvif.owing import CRIES, SPARE
from adapters.devices.onvif.standing import Standing
from adapters.signal import Condition, Lane, Receipt, Unread, Unreadable


class Hearing:
    """The way of one camera's notifications to the bus; in one life of its link."""

    __slots__ = (
        *("_device", "_emit", "_forgotten", "_health", "_is_saying", "_now", "_refused"),
        *("_standing", "_under_way", "is_behind"),
    )

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
        self._refused = set[tuple[Lane, bool]]()
        """Roads that took no more, by lane and whether it is a cry: one that is full closes no
        other, and what follows on it waits, so that the order stays."""
        self._under_way = set[str]()
        """Ids that were taken, and are not answered yet."""
        self._forgotten = standing.owing.forgotten
        self._is_saying = False

    @property
    def must_wait(self) -> bool:
        """Whether nothing more may be asked for: a cry was refused, or no more can be owed."""
        if (Lane.ALARM, True) in self._refused:
            return True
        return bool(self._refused) and self._standing.owing.is_crowded

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
        """Hand in again what was not taken."""
        if not self.is_behind and not self._refused:
            return
        self.is_behind = False
        self._refused.clear()
        self._hand_in(self._standing.owed())

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
        self._is_saying = True
        for one in concluded:
            road = (one.lane, one.kind in CRIES)
            if one.id in self._under_way or (road not in self._refused and self._say(one)):
                continue
            self._refused.add(road)
            if one.kind in SPARE:
                self._standing.refused(one)
                self._health.let_go[LetGo.LANE_FULL] += 1
            else:
                self.is_behind = True  # the standing owes it
        self._is_saying = False
        forgotten, self._forgotten = self._forgotten, self._standing.owing.forgotten
        self._health.let_go[LetGo.NO_ROOM] += self._forgotten - forgotten

    def _say(self, one: Concluded) -> bool:
        """Whether it was taken."""
        signal = conclusion.spoken(one, self._device)
        if one.lasts:
            signal = replace(signal, condition=Condition(key=one.key, active=one.active))
        self._under_way.add(one.id)
        try:
            self._emit(signal, partial(self._answered, one))
        except Overloaded:
            self._under_way.discard(one.id)
            return False
        return True

    def _answered(self, one: Concluded, receipt: Receipt) -> None:
        if receipt.is_waiting:
            return
        self._under_way.discard(one.id)
        if receipt.stored_at is not None:
            self._standing.committed(one)
        elif receipt.refused is not None:
            self._standing.refused(one)
        if self.is_behind and not self._is_saying:
            self.catch_up()  # there is room for the next

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
