"""Introduction: who a camera says it is, and where its services are; what it omits is no loss."""

from collections.abc import Callable
from typing import Final, TypeVar

from adapters.devices.onvif import address, calls, soap
from adapters.devices.onvif.calls import Action, DeviceInformation, Namespace
from adapters.devices.onvif.element import Element
from adapters.devices.onvif.fault import CameraLost, CameraRefused, Reason
from adapters.devices.onvif.transport import Caller

CALL_S: Final = 10.0
"""So long a camera may take for a call that it has no reason to hold."""
EVENTS_PATH: Final = "/onvif/event_service"
"""Where most cameras have their events, for one that names no place."""
_UNREAD: Final = frozenset({Reason.NOT_SOAP, Reason.TOO_LARGE, Reason.ROLE})
"""It answered, though not to this call: the next one may do better."""

T = TypeVar("T")


async def identity(caller: Caller) -> DeviceInformation | None:
    """Who it says it is; None: it does not say.

    Raises:
        CameraLost, CameraRefused: it does not speak with us at all.
    """
    asked = calls.get_device_information()
    return await _told(caller, asked, Action.GET_DEVICE_INFORMATION, calls.device_information)


async def services(caller: Caller) -> dict[str, str]:
    """Its services by namespace, on its own host; as far as it tells them.

    Raises:
        CameraLost, CameraRefused: it does not speak with us at all.
    """
    new, old = calls.get_services(), calls.get_capabilities()
    found = await _told(caller, new, Action.GET_SERVICES, calls.services) or {}
    if Namespace.EVENTS not in found:
        more = await _told(caller, old, Action.GET_CAPABILITIES, calls.capabilities)
        found = (more or {}) | found
    return {name: address.mended(one, caller.device_url) for name, one in found.items()}


async def stores_events(caller: Caller, events_url: str) -> bool:
    """Whether it says that it stores its events and can tell them again.

    Raises:
        CameraLost, CameraRefused: it does not speak with us at all.
    """
    asked = calls.get_event_service_capabilities()
    action = Action.GET_EVENT_SERVICE_CAPABILITIES
    found = await _told(caller, asked, action, calls.event_service_capabilities, events_url)
    return found is not None and found.persistent_storage is True


async def _told(
    caller: Caller,
    asked: bytes,
    action: Action,
    read: Callable[[Element], T],
    url: str | None = None,
) -> T | None:
    try:
        answer = await caller.call(url or caller.device_url, asked, action=action, within_s=CALL_S)
        return read(answer)
    except (soap.Fault, soap.NotSoap):
        return None
    except (CameraLost, CameraRefused) as error:
        if error.reason in _UNREAD:
            return None
        raise
