"""Proof: how the canary's presses are named, so that nobody takes another's for its own."""

from datetime import timedelta

from adapters.signal import Spoken

KIND = "path.proof"
FOLD = timedelta(hours=1)
"""One journal row counts the canary's presses of so long."""


def device(broker: str) -> str:
    """The canary of a broker; no device of a school may bear such a name."""
    return f"canary-{broker}"


def event_id(gateway: str, drawn: str) -> str:
    """A press of that gateway's; a gateway's name holds no dot."""
    return f"{gateway}.{drawn}"


def is_of(gateway: str, event: str) -> bool:
    """Whether that press is that gateway's own."""
    return event.partition(".")[0] == gateway


def is_canary(spoken: Spoken) -> bool:
    """Whether it came under the canary's name, at the very broker that it is of.

    A broker lets nobody but gateways speak under that name; where one lets everybody do so, it is
    harmless: a proof raises nothing, and only a receipt that we wait for proves anything.
    """
    return spoken.said.kind == KIND and spoken.device == device(spoken.link)
