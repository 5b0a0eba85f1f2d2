"""The device service: what time it is there, what it is, and where its services are."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from adapters.devices.onvif import element, soap
from adapters.devices.onvif.calls.namespace import Namespace
from adapters.devices.onvif.element import Element

SERVICES_LIMIT: Final = 64
SCOPES_LIMIT: Final = 64
INTERFACES_LIMIT: Final = 16

_CATEGORIES: Final = {
    "Device": Namespace.DEVICE,
    "Events": Namespace.EVENTS,
    "Media": Namespace.MEDIA,
    "Imaging": Namespace.IMAGING,
    "Analytics": Namespace.ANALYTICS,
    "PTZ": Namespace.PTZ,
    "DeviceIO": Namespace.DEVICE_IO,
    "Recording": Namespace.RECORDING,
    "Search": Namespace.SEARCH,
    "Replay": Namespace.REPLAY,
}
_POSIX_ZONE: Final = re.compile(r"(?:<[^>]*>|[A-Za-z]+)([+-]?)(\d{1,2})(?::(\d{2}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class DateAndTime:
    """What the camera's clock says."""

    utc: datetime | None
    """None: it told no time that a calendar has."""
    is_manual: bool | None = None
    """Whether a person sets it, and not a time server; None: it did not say."""
    zone: str = ""
    """As it wrote it, most often a POSIX zone such as `CST-8`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceInformation:
    """What the camera says it is; each empty where it did not say."""

    manufacturer: str
    model: str
    firmware: str
    serial: str
    hardware: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkInterface:
    """One of its network interfaces."""

    name: str
    mac: str
    """As it wrote it."""
    addresses: tuple[str, ...]
    is_enabled: bool | None


def get_system_date_and_time() -> bytes:
    """Ask for its clock; the one call that needs no login."""
    return _ask("GetSystemDateAndTime")


def date_and_time(answer: Element) -> DateAndTime:
    """Read its clock: the UTC time, or what its local time and zone make of it."""
    soap.expect(answer, "GetSystemDateAndTimeResponse")
    said = element.child(answer, "SystemDateAndTime")
    zone = element.text(said, "TimeZone", "TZ")
    utc = _clock(element.child(said, "UTCDateTime"))
    if utc is None and (local := _clock(element.child(said, "LocalDateTime"))):
        utc = local + _west(zone)
    kind = element.text(said, "DateTimeType")
    return DateAndTime(utc=utc, is_manual=kind.lower() == "manual" if kind else None, zone=zone)


def get_device_information() -> bytes:
    """Ask what it is."""
    return _ask("GetDeviceInformation")


def device_information(answer: Element) -> DeviceInformation:
    """Read what it is."""
    soap.expect(answer, "GetDeviceInformationResponse")
    return DeviceInformation(
        manufacturer=element.text(answer, "Manufacturer"),
        model=element.text(answer, "Model"),
        firmware=element.text(answer, "FirmwareVersion"),
        serial=element.text(answer, "SerialNumber"),
        hardware=element.text(answer, "HardwareId"),
    )


def get_services() -> bytes:
    """Ask for its services."""
    return _ask("GetServices", b"<tds:IncludeCapability>false</tds:IncludeCapability>")


def services(answer: Element) -> dict[str, str]:
    """Read its services: address by namespace, at most 64, the first of each."""
    soap.expect(answer, "GetServicesResponse")
    found: dict[str, str] = {}
    for one in element.children(answer, "Service"):
        namespace = element.text(one, "Namespace").rstrip("/")
        address = element.text(one, "XAddr")
        if namespace and address and len(found) < SERVICES_LIMIT:
            found.setdefault(namespace, address)
    return found


def get_capabilities() -> bytes:
    """Ask for its services in the old way, for cameras that do not know GetServices."""
    return _ask("GetCapabilities", b"<tds:Category>All</tds:Category>")


def capabilities(answer: Element) -> dict[str, str]:
    """Read its services in the old way: address by namespace."""
    soap.expect(answer, "GetCapabilitiesResponse")
    found: dict[str, str] = {}
    listed = element.child(answer, "Capabilities")
    for group in (listed, element.child(listed, "Extension")):
        for one in group if group is not None else ():
            namespace = _CATEGORIES.get(element.name(one))
            address = element.text(one, "XAddr")
            if namespace and address:
                found.setdefault(namespace, address)
    return found


def get_scopes() -> bytes:
    """Ask what it is called and where it hangs."""
    return _ask("GetScopes")


def scopes(answer: Element) -> tuple[str, ...]:
    """Read its scopes as it wrote them, at most 64 (discovery.py decodes them)."""
    soap.expect(answer, "GetScopesResponse")
    found = (element.text(one, "ScopeItem") for one in element.children(answer, "Scopes"))
    return tuple(filter(None, found))[:SCOPES_LIMIT]


def get_network_interfaces() -> bytes:
    """Ask for its network interfaces."""
    return _ask("GetNetworkInterfaces")


def network_interfaces(answer: Element) -> tuple[NetworkInterface, ...]:
    """Read its network interfaces, at most 16."""
    soap.expect(answer, "GetNetworkInterfacesResponse")
    found = [_interface(one) for one in element.children(answer, "NetworkInterfaces")]
    return tuple(found[:INTERFACES_LIMIT])


def _ask(called: str, inside: bytes = b"") -> bytes:
    name = called.encode()
    return b'<tds:%b xmlns:tds="%b">%b</tds:%b>' % (name, Namespace.DEVICE.encode(), inside, name)


def _clock(said: Element | None) -> datetime | None:
    day, time = element.child(said, "Date"), element.child(said, "Time")
    parts = [element.number(element.text(day, part)) for part in ("Year", "Month", "Day")]
    parts += [element.number(element.text(time, part)) for part in ("Hour", "Minute", "Second")]
    known = [part for part in parts if part is not None]
    return element.calendar(*known) if len(known) == len(parts) else None


def _west(zone: str) -> timedelta:
    """How far west of UTC a POSIX zone is: east of it the sign is a minus."""
    found = _POSIX_ZONE.match(zone)
    if found is None:
        return timedelta()
    sign, hours, minutes = found.groups()
    west = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return -west if sign == "-" else west


def _interface(one: Element) -> NetworkInterface:
    configs = [element.child(one, family, "Config") for family in ("IPv4", "IPv6")]
    given = [
        element.text(address, "Address")
        for config in configs
        if config is not None
        for kind in ("Manual", "FromDHCP", "LinkLocal")
        for address in element.children(config, kind)
    ]
    return NetworkInterface(
        name=element.text(one, "Info", "Name") or element.attribute(one, "token"),
        mac=element.text(one, "Info", "HwAddress"),
        addresses=tuple(filter(None, given))[:INTERFACES_LIMIT],
        is_enabled=element.flag(element.text(one, "Enabled")),
    )
