"""What a camera complains of in a fault, as one of the reasons. Pure.

Cameras choose the code, the detail or the plain words as they like; what they mean is one of five.
"""

import re
from typing import Final

from adapters.devices.onvif.fault import Reason
from adapters.devices.onvif.soap import Fault

_GONE: Final = ("ResourceUnknown", "UnknownSubscription", "InvalidSubscription", "NoSubscription")
_SLOTS: Final = (
    "SubscribeCreationFailed",
    "BlockedThreadUpperLimit",
    "MaxPullPoint",
    "MaxSubscriptions",
    "TooManySubscri",
)
_RIGHTS: Final = ("NotAuthorized", "FailedAuthentication", "InvalidSecurity", "OperationProhibited")
_NO_EVENTS: Final = ("ActionNotSupported", "NoSuchService", "OptionalActionNotImplemented")

_SUBSCRIPTION: Final = r"(?:subscri\w*|pull[ -]?point|resource|reference)"
_MISSING: Final = r"(?:unknown|not (?:found|exist|valid)|no such|invalid|expired|terminated)"
_GONE_SAID: Final = re.compile(
    rf"{_SUBSCRIPTION}\b.{{0,60}}\b{_MISSING}|{_MISSING}\b.{{0,60}}\b{_SUBSCRIPTION}",
    re.IGNORECASE | re.DOTALL,
)
_SLOTS_SAID: Final = re.compile(
    r"(?:max\w*|upper|limit|too many|no (?:more|free))\b.{0,40}"
    r"(?:subscri|pull|thread|client|connect)"
    r"|(?:subscri\w*|pull\w*|thread\w*|client\w*)\b.{0,40}\b(?:limit|maximum|exceed|full)",
    re.IGNORECASE | re.DOTALL,
)


def reason(fault: Fault) -> Reason:
    """GONE, SLOTS, ROLE, NO_EVENTS, or FAULT for any other."""
    if fault.says(*_RIGHTS):
        return Reason.ROLE
    if fault.says(*_SLOTS) or _SLOTS_SAID.search(fault.reason):
        return Reason.SLOTS
    if fault.says(*_GONE) or _GONE_SAID.search(fault.reason):
        return Reason.GONE
    return Reason.NO_EVENTS if fault.says(*_NO_EVENTS) else Reason.FAULT
