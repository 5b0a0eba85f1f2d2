"""What a camera complains of: one of five things, however it says it."""

import pytest

from adapters.devices.onvif import complaint
from adapters.devices.onvif.fault import Reason
from adapters.devices.onvif.soap import Fault


def _fault(*subcodes: str, reason: str = "", details: str = "", code: str = "Sender") -> Fault:
    return Fault(code=code, subcodes=subcodes, reason=reason, details=details)


@pytest.mark.parametrize(
    ("fault", "meant"),
    [
        # Dahua, recorded.
        (_fault("InvalidArgVal", "BlockedThreadUpperLimit", reason="limit"), Reason.SLOTS),
        (_fault("InvalidArgVal", "MaxPullPoints"), Reason.SLOTS),
        (_fault(details="SubscribeCreationFailedFault"), Reason.SLOTS),
        (_fault(reason="Maximum number of subscriptions reached"), Reason.SLOTS),
        (_fault(reason="too many pull points"), Reason.SLOTS),
        (_fault(details="ResourceUnknownFault Timestamp"), Reason.GONE),
        (_fault("InvalidArgVal", reason="unknown subscription"), Reason.GONE),
        (_fault(reason="The subscription does not exist"), Reason.GONE),
        (_fault(reason="Invalid subscription reference"), Reason.GONE),
        (_fault("NotAuthorized"), Reason.ROLE),
        (_fault("ActionNotSupported", "NotImplemented"), Reason.NO_EVENTS),
        (_fault("InvalidArgVal", reason="termination time"), Reason.FAULT),
        (_fault(code="Receiver", reason="internal error"), Reason.FAULT),
        (_fault(), Reason.FAULT),
    ],
)
def test_a_fault_means_one_of_five_things(fault: Fault, meant: Reason) -> None:
    assert complaint.reason(fault) is meant
