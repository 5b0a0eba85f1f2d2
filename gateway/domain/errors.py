"""What the domain refuses, each with its own sentence.

Refusal
├── StepRefused       the life cycle has no such step from here
│   └── StaysClosed   it ended too long ago, or by itself
├── Stale             somebody was first: the version moved on
├── Claimed           somebody else holds it
├── Alarmed           a real P0 alarm is open where somebody wants to test
├── NotYours          this person or machine may not do that
├── Incomplete        something needed is missing
└── Unknown           no such alarm, delivery, device, window
    └── Foreign       there is one, in another district: whoever asks is told the same
"""

from enum import StrEnum

from gateway.domain.site import Names, Site


class Refusal(Exception):
    """A step that a person or a machine asked for and may not have."""


class StepRefused(Refusal):
    """The life cycle has no such step from here."""

    def __init__(self, alarm: str, step: str, state: str) -> None:
        super().__init__(f"{step} is not possible while the alarm is {state}")
        self.alarm, self.step, self.state = alarm, step, state


class WhyClosed(StrEnum):
    """Why an alarm's end is not taken back."""

    TOO_LATE = "too_late"
    BY_ITSELF = "by_itself"
    """What it was about went away: nobody closed it."""


class StaysClosed(StepRefused):
    """Its end is not taken back."""

    def __init__(self, alarm: str, state: str, why: WhyClosed) -> None:
        super().__init__(alarm, "reopen", state)
        self.reason = why

    def __str__(self) -> str:
        if self.reason is WhyClosed.TOO_LATE:
            return "it was closed more than 24 hours ago, and stays closed"
        return "nobody closed it: what it was about went away by itself"


class Stale(Refusal):
    """Somebody was first."""

    def __init__(self, alarm: str, asked: int, version: int, by: str | None) -> None:
        who = by or "the system"
        super().__init__(
            f"the alarm has moved on to version {version} (asked: {asked}); first was {who}"
        )
        self.alarm, self.asked, self.version, self.by = alarm, asked, version, by


class Claimed(Refusal):
    """Somebody else holds it."""

    def __init__(self, alarm: str, by: str, seconds_ago: float) -> None:
        super().__init__(f"taken by {by} {seconds_ago:.0f} s ago")
        self.alarm, self.by, self.seconds_ago = alarm, by, seconds_ago


class Alarmed(Refusal):
    """A real P0 alarm is open where somebody wants to test: its next press must not be a test."""

    def __init__(self, alarm: str, site: Site) -> None:
        name = site.name.en or site.name.ru or site.name.kk
        where = f"{name} ({site.id})" if name else site.id
        super().__init__(f"a real P0 alarm is open at {where}: deal with it and close it first")
        self.alarm, self.site = alarm, site.id
        self.site_name: Names = site.name


class NotYours(Refusal):
    """This person or machine may not do that."""

    def __init__(self, what: str) -> None:
        super().__init__(f"not permitted: {what}")


class Incomplete(Refusal):
    """Something needed is missing."""

    def __init__(self, what: str) -> None:
        super().__init__(what)


class Unknown(Refusal):
    """No such thing."""

    def __init__(self, noun: str, key: str) -> None:
        super().__init__(f"no {noun} {key!r}")
        self.noun, self.key = noun, key


class Foreign(Unknown):
    """There is one, in another district: to whoever asks it does not exist."""
