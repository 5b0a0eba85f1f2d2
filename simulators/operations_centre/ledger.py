"""What the centre knows: notices by key, alarms by their notices, and when Dabyl last spoke."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Final

import msgspec

from simulators.operations_centre import shape

KNOWN: Final = 200_000
GATEWAYS: Final = 100
# The contract's interval is 30 s: who was never heard is missed after two of them.
FIRST_WORD: Final = timedelta(seconds=60)


class Supervision(StrEnum):
    """What the centre may think of the other end."""

    AWAITED = "awaited"
    ALIVE = "alive"
    SILENT = "silent"


@dataclass(slots=True, kw_only=True)
class Heard:
    """One notice, under its idempotency key."""

    id: str
    number: int | None
    type: str
    first_at: datetime
    reference: str
    alarm: "AlarmHeard | None"
    repeats: int = 0


@dataclass(slots=True, kw_only=True)
class AlarmHeard:
    """All that was told of one alarm; `latest` is the body of its highest notice.

    The body stays bytes, shared with its record: decoded it weighs five times as much.
    """

    id: str
    reference: str
    first_at: datetime
    latest: bytes
    notices: dict[int, Heard] = field(default_factory=dict)
    violations: list[dict[str, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A gateway's last `dabyl.supervision`."""

    at: datetime
    interval: timedelta
    data: Mapping[str, object]

    def is_silent(self, now: datetime) -> bool:
        """Tell whether two of its intervals went by without the next."""
        return now - self.at > 2 * self.interval


class Ledger:
    """Notices and alarms accepted, the oldest notices forgotten above KNOWN."""

    def __init__(self, now: datetime) -> None:
        self._opened_at = now
        self._references = 0
        self.accepted = 0
        self.repeats = 0
        self.violations = 0
        self.known: dict[str, Heard] = {}
        self.alarms: dict[str, AlarmHeard] = {}
        self.words: dict[str, Word] = {}
        self.types: Counter[str] = Counter()

    def accept(self, event: Mapping[str, object], body: bytes, now: datetime) -> tuple[Heard, bool]:
        """Take a notice that keeps the contract; say whether it is new."""
        key, kind = str(event["id"]), str(event["type"])
        if (known := self.known.get(key)) is not None:
            known.repeats += 1
            self.repeats += 1
            return known, False
        data = event["data"]
        data = data if isinstance(data, dict) else {}
        about = str(event["subject"]) if kind.startswith(shape.ABOUT_ALARM) else None
        alarm = self._alarm(about, body, now) if about is not None else None
        heard = Heard(
            id=key,
            number=shape.number_of(event),
            type=kind,
            first_at=now,
            reference=alarm.reference if alarm else self._refer(),
            alarm=alarm,
        )
        self._remember(heard, body)
        if kind == shape.SUPERVISION:
            self._listen(data, now)
        return heard, True

    def supervision(self, now: datetime) -> Supervision:
        """Judge Dabyl as a whole: alive while any of its gateways is heard in time."""
        if any(not word.is_silent(now) for word in self.words.values()):
            return Supervision.ALIVE
        if not self.words and now - self._opened_at <= FIRST_WORD:
            return Supervision.AWAITED
        return Supervision.SILENT

    def _alarm(self, alarm_id: str, body: bytes, now: datetime) -> AlarmHeard:
        alarm = self.alarms.get(alarm_id)
        if alarm is None:
            alarm = AlarmHeard(id=alarm_id, reference=self._refer(), first_at=now, latest=body)
            self.alarms[alarm_id] = alarm
        return alarm

    def _remember(self, heard: Heard, body: bytes) -> None:
        self.accepted += 1
        self.types[heard.type] += 1
        self.known[heard.id] = heard
        if heard.alarm is not None and heard.number is not None:
            highest = max(heard.alarm.notices, default=0)
            if heard.number < highest:
                self.violations += 1
                heard.alarm.violations.append({"number": heard.number, "after": highest})
            else:
                heard.alarm.latest = body
            heard.alarm.notices[heard.number] = heard
        if len(self.known) > KNOWN:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        oldest = self.known.pop(next(iter(self.known)))
        if oldest.alarm is not None and oldest.number is not None:
            oldest.alarm.notices.pop(oldest.number, None)
            if not oldest.alarm.notices:
                self.alarms.pop(oldest.alarm.id, None)

    def _listen(self, data: Mapping[str, object], now: datetime) -> None:
        match data:
            case {"gateway": str() as gateway, "interval_s": int() | float() as interval_s}:
                interval = timedelta(seconds=min(interval_s, 86_400))
                self.words.pop(gateway, None)
                self.words[gateway] = Word(at=now, interval=interval, data=data)
            case _:
                pass
        while len(self.words) > GATEWAYS:
            del self.words[next(iter(self.words))]

    def _refer(self) -> str:
        self._references += 1
        return f"KUI-{self._references:06d}"


def plain_alarm(alarm: AlarmHeard) -> dict[str, object]:
    """Write an alarm for people and tests: its notices by number, repeats per key, disorder."""
    numbers = sorted(alarm.notices)
    return {
        "alarm": alarm.id,
        "reference": alarm.reference,
        "first_at": alarm.first_at.isoformat(timespec="microseconds"),
        "notices": [_plain_notice(alarm.notices[number]) for number in numbers],
        "repeats": sum(heard.repeats for heard in alarm.notices.values()),
        "missing": _missing(numbers),
        "violations": alarm.violations,
        "latest": msgspec.json.decode(alarm.latest)["data"],
    }


def _plain_notice(heard: Heard) -> dict[str, object]:
    return {
        "number": heard.number,
        "id": heard.id,
        "type": heard.type,
        "first_at": heard.first_at.isoformat(timespec="microseconds"),
        "repeats": heard.repeats,
    }


def _missing(numbers: list[int]) -> list[int]:
    """The first hundred numbers that should lie between those heard."""
    heard = set(numbers)
    gaps = (number for number in range(1, numbers[-1] if numbers else 1) if number not in heard)
    return list(islice(gaps, 100))
