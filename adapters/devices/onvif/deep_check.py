"""The deep check of commissioning: does each answer of a camera keep to the letter of the standard?

A second reader (zeep, by the service descriptions that come with onvif-zeep-async) looks at what
our own calls brought. Only its eyes are used: the calls go over our wire, because its own would
follow redirects, trust any certificate and send a login wherever a camera points. The package
whose descriptions they are is never imported, for that alone would set up logging and take the
proxies out of the environment. Costs a second and 40 MiB, so: loaded late, one camera at a time.
"""

import asyncio
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lxml import etree
from zeep import Settings
from zeep.exceptions import Error
from zeep.transports import Transport
from zeep.wsdl import Document

from adapters.devices.onvif import address, calls, soap
from adapters.devices.onvif.calls import Action, Namespace
from adapters.devices.onvif.element import Element
from adapters.devices.onvif.fault import CameraLost
from adapters.devices.onvif.transport import Caller

PACKAGE: Final = "onvif"
PROBLEM_LIMIT: Final = 300

_FILES: Final = {
    Namespace.DEVICE: ("devicemgmt.wsdl", "DeviceBinding"),
    Namespace.MEDIA: ("media.wsdl", "MediaBinding"),
    Namespace.EVENTS: ("events.wsdl", "EventBinding"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One call, looked at by the second reader."""

    call: str
    problem: str | None
    """What is wrong with its answer, or why there is none; None: it keeps to the standard."""


@dataclass(frozen=True, slots=True)
class _Question:
    service: Namespace
    action: Action
    body: bytes

    @property
    def name(self) -> str:
        return self.action.rpartition("/")[2].removesuffix("Request")


class DeepCheck:
    """Holds the service descriptions once they are read; checks one camera at a time."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._documents: dict[Namespace, Any] = {}

    async def preload(self) -> None:
        """Read the service descriptions, beside the loop.

        Raises:
            FileNotFoundError: the package with them is not installed.
        """
        async with self._turn:
            await self._load()

    async def check(self, caller: Caller, services: Mapping[str, str]) -> tuple[Checked, ...]:
        """Make every call of commissioning and look at each answer.

        `services` is where the camera says its services are (calls.services, calls.capabilities).

        Raises:
            CameraRefused: the login was refused; none of the further calls is tried.
            FileNotFoundError: the package with the service descriptions is not installed.
        """
        async with self._turn:
            await self._load()
            found = [await self._ask(caller, services, one) for one in _QUESTIONS]
            return (*found, await self._ask_still(caller, services))

    async def _load(self) -> None:
        for service in _FILES:
            if service not in self._documents:
                self._documents[service] = await asyncio.to_thread(_read, service)

    async def _ask(
        self, caller: Caller, services: Mapping[str, str], question: _Question
    ) -> Checked:
        try:
            answer = await _answer(caller, services, question)
        except (soap.Fault, CameraLost) as error:
            return Checked(call=question.name, problem=str(error)[:PROBLEM_LIMIT])
        return Checked(call=question.name, problem=await self._look(question, answer))

    async def _ask_still(self, caller: Caller, services: Mapping[str, str]) -> Checked:
        """A still is asked for by the token of a profile."""
        first = _Question(Namespace.MEDIA, Action.GET_PROFILES, calls.get_profiles())
        try:
            profiles = calls.profiles(await _answer(caller, services, first))
        except (soap.Fault, soap.NotSoap, CameraLost):
            profiles = ()
        if not profiles:
            return Checked(call="GetSnapshotUri", problem="no profile to ask a still of")
        body = calls.get_snapshot_uri(profiles[0].token)
        still = _Question(Namespace.MEDIA, Action.GET_SNAPSHOT_URI, body)
        return await self._ask(caller, services, still)

    async def _look(self, question: _Question, answer: Element) -> str | None:
        document = self._documents[question.service]
        binding = f"{{{question.service}}}{_FILES[question.service][1]}"
        operation = document.bindings[binding].get(question.name)
        return await asyncio.to_thread(_problem, operation, answer)


_QUESTIONS: Final = (
    _Question(Namespace.DEVICE, Action.GET_SYSTEM_DATE_AND_TIME, calls.get_system_date_and_time()),
    _Question(Namespace.DEVICE, Action.GET_DEVICE_INFORMATION, calls.get_device_information()),
    _Question(Namespace.DEVICE, Action.GET_SERVICES, calls.get_services()),
    _Question(Namespace.DEVICE, Action.GET_CAPABILITIES, calls.get_capabilities()),
    _Question(Namespace.DEVICE, Action.GET_SCOPES, calls.get_scopes()),
    _Question(Namespace.DEVICE, Action.GET_NETWORK_INTERFACES, calls.get_network_interfaces()),
    _Question(Namespace.MEDIA, Action.GET_PROFILES, calls.get_profiles()),
    _Question(
        Namespace.EVENTS,
        Action.GET_EVENT_SERVICE_CAPABILITIES,
        calls.get_event_service_capabilities(),
    ),
    _Question(Namespace.EVENTS, Action.GET_EVENT_PROPERTIES, calls.get_event_properties()),
)


async def _answer(caller: Caller, services: Mapping[str, str], question: _Question) -> Element:
    said = services.get(question.service, "")
    url = address.mended(said, caller.device_url)
    return await caller.call(url, question.body, action=question.action)


class _FromDisk(Transport):
    """Whatever a service description refers to lies beside it."""

    def load(self, url: str) -> bytes:
        """Read a file; nothing is ever fetched."""
        return Path(url).read_bytes()


def _read(service: Namespace) -> Any:  # noqa: ANN401 - zeep's own, mostly without types
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("onvif-zeep-async is not installed: no deep check")
    file = Path(spec.submodule_search_locations[0]) / "wsdl" / _FILES[service][0]
    transport: Any = _FromDisk
    return Document(str(file), transport(), settings=Settings(strict=True))


def _problem(operation: Any, answer: Element) -> str | None:  # noqa: ANN401 - zeep's own
    """What the second reader stumbles over."""
    envelope = etree.fromstring(soap.envelope(etree.tostring(answer, with_tail=False)))
    try:
        operation.process_reply(envelope)
    except (Error, ValueError, TypeError, AttributeError, LookupError) as error:
        return (str(error) or type(error).__name__)[:PROBLEM_LIMIT]
    return None
