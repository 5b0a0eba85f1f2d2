"""Why a camera's link ended, as a closed set: it labels metrics, chooses the wait and the words.

LinkError (adapters.devices.contract)
├── CameraLost     it ended; the next life may begin after the reason's wait
└── CameraRefused  it does not want us as we are; a person must look
"""

from enum import StrEnum

from adapters.devices.contract import LinkLost, LinkRefused


class Reason(StrEnum):
    """What went wrong with a camera."""

    REFUSED = "refused"
    """Nobody listens at that port."""
    UNREACHABLE = "unreachable"
    """No way there: DNS, routing, a connection that does not come about in time."""
    RESET = "reset"
    """It hung up in the middle."""
    TIMED_OUT = "timed_out"
    """It is connected and does not answer."""
    NOT_SOAP = "not_soap"
    """It answers, but not as a camera: a web page, rubbish, a document type."""
    NO_PICTURE = "no_picture"
    """Where its still should be, there is none."""
    TOO_LARGE = "too_large"
    FAULT = "fault"
    """A SOAP fault that is none of the others."""
    GONE = "gone"
    """It forgot our subscription: it started again, or threw it away."""
    SLOTS = "slots"
    """It has no room for another subscription; only time helps."""
    NO_EVENTS = "no_events"
    """It has no event service."""
    FOREIGN = "foreign"
    """It sends us to another host, where we do not go."""
    TLS = "tls"
    CREDENTIALS = "credentials"
    """Wrong user or password."""
    CLOCK = "clock"
    """Its clock and ours are too far apart for its login."""
    ROLE = "role"
    """The user exists, but may not subscribe: it needs a higher role on the camera."""
    LOCKED = "locked"
    """We stopped after three failed logins, so that it does not lock the account."""
    CHANGED = "changed"
    """Another serial number or certificate than the one that was commissioned."""


class CameraLost(LinkLost):
    """It ended; the next life may begin after the reason's wait."""

    def __init__(self, link: str, reason: Reason, why: str) -> None:
        super().__init__(link, why)
        self.reason = reason


class CameraRefused(LinkRefused):
    """It does not want us as we are; a person must look."""

    def __init__(self, link: str, reason: Reason, why: str) -> None:
        super().__init__(link, why)
        self.reason = reason


_FOR_A_PERSON = frozenset(
    {Reason.CREDENTIALS, Reason.CLOCK, Reason.ROLE, Reason.LOCKED, Reason.CHANGED}
)


def ended(link: str, reason: Reason, why: str) -> CameraLost | CameraRefused:
    """The error that this reason ends a life with."""
    kind = CameraRefused if reason in _FOR_A_PERSON else CameraLost
    return kind(link, reason, why)
