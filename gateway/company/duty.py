"""Duty: what one of all gateways does alone; a lease for each job, held while this one turns."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from gateway import metrics
from gateway.clock import Clock
from gateway.store.leases import Tokens

LASTS = timedelta(seconds=10)
"""Renewed every 3 s: a gateway that is gone is replaced within 13 s."""


class Job(StrEnum):
    """What is done once, however many gateways there are."""

    SUPERVISION = "supervision"
    """Speaking of silent devices, gateways and the store."""
    UPKEEP = "upkeep"
    """What time does to alarms."""
    TIDYING = "tidying"
    """Dropping what nobody needs any more."""


@dataclass(slots=True, kw_only=True)
class Duty:
    """Which jobs are this gateway's now. Alone on SQLite it has them all."""

    clock: Clock
    is_alone: bool
    tokens: Tokens = field(default_factory=dict)
    _until: float = 0.0

    def on(self, job: Job) -> bool:
        """Whether the job is ours, and was not lost while we stood still."""
        if self.is_alone:
            return True
        return job in self.tokens and self.clock.monotonic() < self._until

    def held(self, tokens: Tokens, since: float) -> None:
        """These are ours, as the store said to a question asked at that moment (monotonic)."""
        self.tokens = tokens
        self._until = since + LASTS.total_seconds()
        for job in Job:
            metrics.duty_held.labels(job).set(job in tokens)

    def missing(self) -> Collection[str]:
        """The jobs that another has, or nobody."""
        return [job.value for job in Job if job not in self.tokens]
