"""Account: what one lane has done since this gateway started; only ever added to after a commit."""

from collections import Counter
from dataclasses import dataclass, field

from adapters.signal import Lane
from gateway import metrics
from gateway.domain.counts import Heard, Written
from gateway.intake.stored import Stored


@dataclass(slots=True)
class Account:
    """What became of what was heard, and how much was written."""

    results: Counter[str] = field(default_factory=Counter)
    in_hand: int = 0
    """Signals taken from the bus, and not answered yet."""
    started_at: int | None = None
    """The head before the first row that was written; None: none was."""
    written: int = 0
    is_unsure: bool = False
    """The last word of the store did not come: what it was to write may be there."""

    def add(self, stored: Stored) -> None:
        """A committed batch, or a part of one."""
        counted = stored.sorted.counted
        self.results.update([result for _, result in counted])
        self.in_hand -= len(counted)
        begun_at = stored.head.number - stored.written
        if self.started_at is None:
            self.started_at = begun_at
        if self.is_unsure:
            self.written = max(self.written, begun_at - self.started_at)
            self.is_unsure = False
        self.written += stored.written

    def heard(self, count: int, gone: int, under_way: int) -> Heard:
        """What became of so many that were heard, of which so many were let go."""
        results = Counter(self.results)
        if gone:
            results["let_go"] = gone
        return Heard(heard=count, results=results, under_way=under_way)

    def of_chain(self) -> Written:
        """What was written of the chain."""
        is_writing = self.in_hand > 0 or self.is_unsure
        return Written(started_at=self.started_at, rows=self.written, under_way=is_writing)


def count(stored: Stored, lane: Lane) -> None:
    """Show it to Prometheus."""
    counted = stored.sorted
    for (kind, result), times in Counter(counted.counted).items():
        metrics.signals.labels(kind, result).inc(times)
    for refusal in counted.refusals:
        metrics.quarantined.labels(refusal.reason).inc()
    for alarm in stored.raised:
        test = "true" if alarm.test else "false"
        metrics.alarms.labels(alarm.kind, f"P{int(alarm.priority)}", test).inc()
    if counted.misplaced:
        metrics.misplaced.labels(lane).inc(counted.misplaced)
