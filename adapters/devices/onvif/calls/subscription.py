"""Subscriptions: made, asked, renewed, brought up to date, wound back, given up."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final, assert_never
from xml.sax.saxutils import escape

from lxml import etree
from msgspec import Struct

from adapters.devices.onvif import element, soap
from adapters.devices.onvif.element import Element

MESSAGES_LIMIT: Final = 100
"""So many notifications are asked for; what comes beyond is taken in slices as large."""
REPLY_LIMIT: Final = 2000
"""So many of one reply are handed on; 1 MiB holds no more that say anything."""
REFERENCE_LIMIT_BYTES: Final = 4096

Lasts = timedelta | datetime | None
"""How long a subscription shall last: relative, absolute, or as the camera likes."""

_TEV: Final = b'xmlns:tev="http://www.onvif.org/ver10/events/wsdl"'
_WSNT: Final = b'xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"'
_PULL: Final = (
    b"<tev:PullMessages " + _TEV + b"><tev:Timeout>PT%dS</tev:Timeout>"
    b"<tev:MessageLimit>%d</tev:MessageLimit></tev:PullMessages>"
)
_CONCRETE_SET: Final = b"http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullPoint:
    """A subscription that the camera granted."""

    address: str
    """As it wrote it (address.py mends it); empty where it gave none."""
    reference: tuple[bytes, ...] = ()
    """What it wants to have echoed as headers of every call to this subscription."""
    current_at: datetime | None = None
    """Its time when it answered."""
    terminates_at: datetime | None = None
    """When it ends, by its own time."""

    @property
    def granted(self) -> timedelta | None:
        """How long it lasts; None where the camera did not say so."""
        return _span(self.current_at, self.terminates_at)


class Pulled(Struct, frozen=True, kw_only=True):
    """What one pull brought."""

    current_at: datetime | None
    terminates_at: datetime | None
    messages: list[Element]
    """The NotificationMessage elements, in their order."""
    overflow: int = 0
    """How many more were in the reply than are handed on."""

    @property
    def granted(self) -> timedelta | None:
        """How long the subscription lasts now; None where the camera did not say so."""
        return _span(self.current_at, self.terminates_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """A subscription that lasts longer."""

    current_at: datetime | None
    terminates_at: datetime | None

    @property
    def granted(self) -> timedelta | None:
        """How long it lasts now; None where the camera did not say so."""
        return _span(self.current_at, self.terminates_at)


def create_pull_point(lasts: Lasts, *, only: str | None = None) -> bytes:
    """Ask for a subscription to pull from; `only` is a topic expression (a ConcreteSet)."""
    return b"<tev:CreatePullPointSubscription %b>%b%b</tev:CreatePullPointSubscription>" % (
        _TEV,
        _filter(b"tev", only),
        _lasts(b"tev:InitialTerminationTime", lasts),
    )


def pull_point(answer: Element) -> PullPoint:
    """Read the subscription that was granted, to pull from or to be pushed.

    Raises:
        NotSoap: another answer, or a reference that is too long to echo.
    """
    if element.name(answer) != "SubscribeResponse":
        soap.expect(answer, "CreatePullPointSubscriptionResponse")
    point = element.child(answer, "SubscriptionReference")
    current_at, terminates_at = _times(answer)
    return PullPoint(
        address=element.text(point, "Address"),
        reference=_reference(point),
        current_at=current_at,
        terminates_at=terminates_at,
    )


def subscribe(consumer: str, lasts: Lasts, *, only: str | None = None) -> bytes:
    """Ask to be pushed notifications to the address `consumer`."""
    return (
        b'<wsnt:Subscribe %b xmlns:wsa="http://www.w3.org/2005/08/addressing">'
        b"<wsnt:ConsumerReference><wsa:Address>%b</wsa:Address></wsnt:ConsumerReference>"
        b"%b%b</wsnt:Subscribe>"
        % (
            _WSNT,
            escape(consumer).encode(),
            _filter(b"wsnt", only),
            _lasts(b"wsnt:InitialTerminationTime", lasts),
        )
    )


def pull(hold_s: float, limit: int = MESSAGES_LIMIT) -> bytes:
    """Ask for notifications, waiting so long for the first."""
    return _PULL % (max(1, round(hold_s)), limit)


def pulled(answer: Element) -> Pulled:
    """Read what a pull brought."""
    soap.expect(answer, "PullMessagesResponse")
    messages, overflow = _messages(answer)
    current_at, terminates_at = _times(answer)
    return Pulled(
        current_at=current_at,
        terminates_at=terminates_at,
        messages=messages,
        overflow=overflow,
    )


def notified(answer: Element) -> Pulled:
    """Read what a camera pushed (Notify); it brings no times."""
    soap.expect(answer, "Notify")
    messages, overflow = _messages(answer)
    return Pulled(current_at=None, terminates_at=None, messages=messages, overflow=overflow)


def renew(lasts: timedelta | datetime) -> bytes:
    """Ask that it last longer."""
    return b"<wsnt:Renew %b>%b</wsnt:Renew>" % (_WSNT, _lasts(b"wsnt:TerminationTime", lasts))


def renewed(answer: Element) -> Renewed:
    """Read how long it lasts now."""
    soap.expect(answer, "RenewResponse")
    current_at, terminates_at = _times(answer)
    return Renewed(current_at=current_at, terminates_at=terminates_at)


def unsubscribe() -> bytes:
    """Give it up."""
    return b"<wsnt:Unsubscribe %b/>" % _WSNT


def synchronise() -> bytes:
    """Ask that it tell the state of everything once more."""
    return b"<tev:SetSynchronizationPoint %b/>" % _TEV


def seek(at: datetime, *, reverse: bool = False) -> bytes:
    """Ask that it tell again what it stored since that time, which is the camera's."""
    return b"<tev:Seek %b><tev:UtcTime>%b</tev:UtcTime><tev:Reverse>%b</tev:Reverse></tev:Seek>" % (
        _TEV,
        _absolute(at),
        b"true" if reverse else b"false",
    )


def _times(answer: Element) -> tuple[datetime | None, datetime | None]:
    """The camera's time, and when the subscription ends by it; the first of each counts."""
    found: dict[str, datetime | None] = {}
    for one in answer.iterchildren("{*}CurrentTime", "{*}TerminationTime"):
        found.setdefault(element.name(one), element.moment(element.text(one)))
    return found.get("CurrentTime"), found.get("TerminationTime")


def _messages(answer: Element) -> tuple[list[Element], int]:
    # Descendants, not children: where an end tag is missing one would hide in the other.
    found = answer.iter("{*}NotificationMessage")
    taken = list(islice(found, REPLY_LIMIT))
    return taken, sum(1 for _ in found) if len(taken) == REPLY_LIMIT else 0


def _span(start: datetime | None, end: datetime | None) -> timedelta | None:
    return end - start if start is not None and end is not None else None


def _lasts(called: bytes, lasts: Lasts) -> bytes:
    match lasts:
        case None:
            return b""
        case timedelta():
            said = b"PT%dS" % round(lasts.total_seconds())
        case datetime():
            said = _absolute(lasts)
        case _:
            assert_never(lasts)
    return b"<%b>%b</%b>" % (called, said, called)


def _absolute(at: datetime) -> bytes:
    """With a Z: some refuse +00:00."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()


def _filter(prefix: bytes, only: str | None) -> bytes:
    if only is None:
        return b""
    return (
        b"<%b:Filter><wsnt:TopicExpression %b"
        b' xmlns:tns1="http://www.onvif.org/ver10/topics" Dialect="%b">%b</wsnt:TopicExpression>'
        b"</%b:Filter>" % (prefix, _WSNT, _CONCRETE_SET, escape(only).encode(), prefix)
    )


def _reference(point: Element | None) -> tuple[bytes, ...]:
    found: list[bytes] = []
    for group in ("ReferenceParameters", "ReferenceProperties"):
        inside = element.child(point, group)
        found += [_verbatim(one) for one in inside] if inside is not None else []
    if sum(map(len, found)) > REFERENCE_LIMIT_BYTES:
        raise soap.NotSoap("its subscription's reference is too long to echo")
    return tuple(found)


def _verbatim(one: Element) -> bytes:
    """An element as it came, with the namespaces that it uses and no others."""
    try:
        return etree.tostring(one, method="c14n", exclusive=True, with_tail=False)
    except (etree.C14NError, ValueError):
        return etree.tostring(one, with_tail=False)
