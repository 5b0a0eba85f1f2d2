"""Refusing: what cannot be stored as it is becomes something nobody could take."""

from adapters.signal import Lane, Spoken, Unread, Unreadable
from gateway.bus import Heard
from gateway.domain import belief
from gateway.domain.event import Event


def refused(heard: Heard) -> Heard:
    """The same, as something nobody could take: quarantined, and a cry where it was one."""
    said = heard.said
    if isinstance(said, Event):
        body, heard_on = said.body, Lane.EVENT
    elif isinstance(said, Spoken):
        body, heard_on = belief.encoded(said), belief.lane_of(said)
    else:
        body, heard_on = repr(said).encode()[:16384], Lane.EVENT
    refused = Unreadable(
        link=getattr(said, "link", "gateway"),
        device=said.device,
        heard_on=heard_on,
        received_at=said.received_at,
        reason=Unread.NOT_STORABLE,
        body=body,
        id=said.said.id if isinstance(said, Spoken) else None,
    )
    return Heard(refused, heard.answer, heard.at, heard.signals - 1)


def is_last_resort(heard: Heard) -> bool:
    """Whether it is such a refusal already."""
    return isinstance(heard.said, Unreadable) and heard.said.reason is Unread.NOT_STORABLE
