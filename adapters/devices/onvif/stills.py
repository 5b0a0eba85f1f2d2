"""Where a camera's stills are: asked of its media services, the new one first."""

from typing import Final

from adapters.devices.onvif import calls, introduction, soap
from adapters.devices.onvif.calls import Action, Namespace
from adapters.devices.onvif.fault import CameraLost, CameraRefused, Reason, ended
from adapters.devices.onvif.transport import Caller

WITHIN_S: Final = 5.0
_OTHERWISE: Final = frozenset({Reason.NOT_SOAP, Reason.ROLE})
"""The other media service may do better."""


async def uri(caller: Caller) -> str:
    """The address of a still of its first picture, as the camera wrote it.

    Raises:
        CameraLost, CameraRefused: with the reason why there is none.
    """
    services = await introduction.services(caller)
    for namespace in (Namespace.MEDIA2, Namespace.MEDIA):
        if namespace in services:
            try:
                found = await _asked(caller, services[namespace], namespace)
            except (soap.Fault, soap.NotSoap):
                continue
            except (CameraLost, CameraRefused) as error:
                if error.reason not in _OTHERWISE:
                    raise
                continue
            if found:
                return found
    why = "it gives no address of a still"
    raise ended(caller.settings.device, Reason.NO_PICTURE, why)


async def _asked(caller: Caller, url: str, namespace: Namespace) -> str:
    is_new = namespace is Namespace.MEDIA2
    asked = calls.get_profiles_2() if is_new else calls.get_profiles()
    action = Action.GET_PROFILES_2 if is_new else Action.GET_PROFILES
    found = calls.profiles(await caller.call(url, asked, action=action, within_s=WITHIN_S))
    if not found:
        return ""
    token = found[0].token
    asked = calls.get_snapshot_uri_2(token) if is_new else calls.get_snapshot_uri(token)
    action = Action.GET_SNAPSHOT_URI_2 if is_new else Action.GET_SNAPSHOT_URI
    return calls.snapshot_uri(await caller.call(url, asked, action=action, within_s=WITHIN_S))
