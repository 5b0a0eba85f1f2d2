"""Who may do what: roles of people and machines, and the tokens that name them."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a token's holder is there for."""

    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"
    TECHNICIAN = "technician"
    AUDITOR = "auditor"
    ADMIN = "admin"
    MACHINE = "machine"
    DEVICE = "device"


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


_SEES = frozenset({May.SEE})
_DISPATCHES = _SEES | {May.CLAIM, May.STEP, May.SHELVE, May.RESPOND, May.SEE_EVIDENCE}
RIGHTS: dict[Role, frozenset[May]] = {
    Role.DISPATCHER: _DISPATCHES,
    Role.SUPERVISOR: _DISPATCHES | {May.TEST, May.RESEND, May.SEE_QUARANTINE, May.SEE_ACCESS},
    Role.TECHNICIAN: _SEES | {May.TEST, May.SEE_QUARANTINE},
    Role.AUDITOR: _SEES | {May.SEE_QUARANTINE, May.SEE_EVIDENCE, May.SEE_ACCESS},
    Role.ADMIN: _SEES | {May.RESEND, May.SEE_QUARANTINE, May.TEST},
    Role.MACHINE: _SEES | {May.RESPOND, May.SEE_EVIDENCE},
    Role.DEVICE: frozenset({May.SPEAK}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who is asking: a person or a machine, by the token shown."""

    name: str
    role: Role
    districts: frozenset[str] = frozenset()
    """Empty: every district."""
    receiver: str | None = None
    device: str | None = None
    authority: bool = False
    """Whether it speaks for a receiver that may close."""

    @property
    def is_person(self) -> bool:
        """Machines cannot claim."""
        return self.role not in {Role.MACHINE, Role.DEVICE}

    def may(self, what: May) -> bool:
        """Whether the role permits it."""
        return what in RIGHTS[self.role]

    def sees(self, district: str | None) -> bool:
        """Whether a district is his; what nobody placed is everybody's."""
        return not self.districts or district is None or district in self.districts
