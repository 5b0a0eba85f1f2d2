"""Stills: the picture that a camera gives on its own host; of those whose link is held here."""

from collections.abc import Callable
from dataclasses import dataclass, field

from adapters.devices.onvif import calls, introduction, snapshot, soap
from adapters.devices.onvif.calls import Action, Namespace
from adapters.devices.onvif.fault import Reason, ended
from adapters.devices.onvif.settings import CameraSettings
from adapters.devices.onvif.snapshot import Still
from adapters.devices.onvif.transport import Caller, Wire
from gateway.clock import Clock

_SERVICES = (
    (
        Namespace.MEDIA2,
        (calls.get_profiles_2, Action.GET_PROFILES_2),
        (calls.get_snapshot_uri_2, Action.GET_SNAPSHOT_URI_2),
    ),
    (
        Namespace.MEDIA,
        (calls.get_profiles, Action.GET_PROFILES),
        (calls.get_snapshot_uri, Action.GET_SNAPSHOT_URI),
    ),
)


@dataclass(slots=True, kw_only=True)
class Stills:
    """Where each camera's still is, once that was asked."""

    wire: Wire
    clock: Clock
    settings: Callable[[str], CameraSettings | None]
    """Of a camera whose link is held here."""
    _addresses: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By camera: the base that was asked, and the still's address; empty: it has none."""

    async def fetch(self, device: str) -> Still:
        """A picture of now.

        Raises:
            CameraLost, CameraRefused: with the reason.
        """
        settings = self.settings(device)
        if settings is None:
            raise ended(device, Reason.UNREACHABLE, "its link is not held here")
        known = self._addresses.get(device)
        if known is None or known[0] != settings.base:
            known = self._addresses[device] = (settings.base, await self._asked(settings))
        return await snapshot.fetch(self.wire, settings, known[1])

    def forget(self, device: str) -> None:
        """It may have another address from now on."""
        self._addresses.pop(device, None)

    async def _asked(self, settings: CameraSettings) -> str:
        caller = Caller(settings, self.wire, now=self.clock.now, monotonic=self.clock.monotonic)
        services = await introduction.services(caller, settings)
        for namespace, profiles, uri in _SERVICES:
            if (url := services.get(namespace)) is None:
                continue
            try:
                answer = await caller.call(url, profiles[0](), action=profiles[1])
                for profile in calls.profiles(answer)[:1]:
                    asked = uri[0](profile.token)
                    found = calls.snapshot_uri(await caller.call(url, asked, action=uri[1]))
                    if found:
                        return found
            except (soap.Fault, soap.NotSoap):
                continue
        return ""
