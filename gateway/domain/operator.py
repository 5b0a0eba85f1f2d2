"""Who may do what: roles of people and machines, and the tokens that name them."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

NAME_LIMIT = 80
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


class Role(StrEnum):
    """What somebody is there for."""

    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"
    TECHNICIAN = "technician"
    AUDITOR = "auditor"
    ADMIN = "admin"
    MACHINE = "machine"
    DEVICE = "device"


PEOPLE = frozenset(Role) - {Role.MACHINE, Role.DEVICE}
"""The roles that a person may have."""


class May(StrEnum):
    """What can be done over the API."""

    SEE = "see"
    CLAIM = "claim"
    STEP = "step"
    """acknowledge, note, close, respond by hand."""
    SHELVE = "shelve"
    RESPOND = "respond"
    TEST = "test"
    RESEND = "resend"
    SEE_QUARANTINE = "see_quarantine"
    SEE_EVIDENCE = "see_evidence"
    """Pictures of the alarms that are seen; each look is written down."""
    SEE_ACCESS = "see_access"
    """Who looked at which picture."""
    SPEAK = "speak"
    """Hand in a device's event."""
    TAKE_OVER = "take_over"
    """Hold an alarm that another person holds."""
    SEE_AUDIT = "see_audit"
    """Who signed in, looked, stepped, exported, set: read, never edited; of one's districts."""
    MANAGE_PEOPLE = "manage_people"
    SEE_REPORTS = "see_reports"
    """A shift's figures."""
    HAND_OVER = "hand_over"
    """End a shift and begin the next."""
    WATCH_WALL = "watch_wall"
    ARM = "arm"
    """Begin a shift at a console that sounds."""
    REOPEN = "reopen"
    """Take a closing back."""


_SEES = frozenset({May.SEE})
_PERSON = _SEES | {May.WATCH_WALL}
_REVIEWS = frozenset({May.SEE_AUDIT, May.SEE_REPORTS, May.SEE_QUARANTINE})
_DISPATCHES = _PERSON | {
    May.CLAIM,
    May.STEP,
    May.SHELVE,
    May.RESPOND,
    May.SEE_EVIDENCE,
    May.HAND_OVER,
    May.ARM,
    May.REOPEN,
}
RIGHTS: dict[Role, frozenset[May]] = {
    Role.DISPATCHER: _DISPATCHES,
    Role.SUPERVISOR: _DISPATCHES | _REVIEWS | {May.TEST, May.RESEND, May.SEE_ACCESS, May.TAKE_OVER},
    Role.TECHNICIAN: _PERSON | {May.TEST, May.SEE_QUARANTINE},
    Role.AUDITOR: _PERSON | _REVIEWS | {May.SEE_EVIDENCE, May.SEE_ACCESS},
    Role.ADMIN: _PERSON | _REVIEWS | {May.RESEND, May.TEST, May.MANAGE_PEOPLE},
    Role.MACHINE: _SEES | {May.RESPOND, May.SEE_EVIDENCE},
    Role.DEVICE: frozenset({May.SPEAK}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who is asking: a person by name, or a person or a machine by the token shown."""

    name: str
    """The login name or the token's; unique among both."""
    role: Role
    districts: frozenset[str] = frozenset()
    """Empty: every district."""
    receiver: str | None = None
    device: str | None = None
    authority: bool = False
    """Whether it speaks for a receiver that may close."""
    shown: str = ""
    """How others read it; empty: by the name."""

    @property
    def is_person(self) -> bool:
        """Machines cannot claim."""
        return self.role in PEOPLE

    def may(self, what: May) -> bool:
        """Whether the role permits it."""
        return what in RIGHTS[self.role]

    def keeps(self, districts: Collection[str]) -> bool:
        """Whether somebody of those districts (none: of all) may be let in or out by them."""
        return not self.districts or (bool(districts) and self.districts.issuperset(districts))

    def sees(self, district: str | None) -> bool:
        """Whether a district is his; what nobody placed is everybody's."""
        return not self.districts or district is None or district in self.districts


def is_login(name: str) -> bool:
    """Whether a person may be called so: what every keyboard can type, small letters."""
    return _LOGIN.fullmatch(name) is not None
