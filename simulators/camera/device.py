"""The device service: what the camera is, what time it has, where its services are."""

from collections.abc import Iterator
from typing import Final

from simulators.camera import soap, xmltext
from simulators.camera.quirks import Quirk
from simulators.camera.soap import Fault
from simulators.camera.visit import Visit

DEVICE_PATH: Final = "/onvif/device_service"
MEDIA_PATH: Final = "/onvif/media_service"
MEDIA2_PATH: Final = "/onvif/media2_service"
EVENTS_PATH: Final = "/onvif/event_service"
IMAGING_PATH: Final = "/onvif/imaging_service"
ZONE: Final = "<KZT>-5"


async def get_system_date_and_time(visit: Visit) -> str:
    """Tell the time."""
    now = visit.machine.now()
    clock = (
        f"<tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute>"
        f"<tt:Second>{now.second}</tt:Second></tt:Time><tt:Date><tt:Year>{now.year}</tt:Year>"
        f"<tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date>"
    )
    return (
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>"
        "<tt:DateTimeType>NTP</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>"
        f"<tt:TimeZone><tt:TZ>{xmltext.text(ZONE)}</tt:TZ></tt:TimeZone>"
        f"<tt:UTCDateTime>{clock}</tt:UTCDateTime>"
        "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


async def get_device_information(visit: Visit) -> str:
    """Tell what it is."""
    character = visit.machine.character
    return (
        "<tds:GetDeviceInformationResponse>"
        f"<tds:Manufacturer>{xmltext.text(character.make.manufacturer)}</tds:Manufacturer>"
        f"<tds:Model>{xmltext.text(character.make.model)}</tds:Model>"
        f"<tds:FirmwareVersion>{xmltext.text(visit.machine.firmware)}</tds:FirmwareVersion>"
        f"<tds:SerialNumber>{xmltext.text(character.told_serial)}</tds:SerialNumber>"
        "<tds:HardwareId>1.0</tds:HardwareId></tds:GetDeviceInformationResponse>"
    )


async def get_services(visit: Visit) -> str:
    """Tell where its services are.

    Raises:
        Fault: it is too old to know this call.
    """
    if visit.machine.switches.on(Quirk.NO_GET_SERVICES):
        raise Fault("ter:ActionNotSupported", "unknown action")
    services = "".join(
        f"<tds:Service><tds:Namespace>{namespace}</tds:Namespace>"
        f"<tds:XAddr>{xmltext.text(visit.machine.address(path))}</tds:XAddr>"
        f"<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>"
        for namespace, path in _services(visit)
    )
    return f"<tds:GetServicesResponse>{services}</tds:GetServicesResponse>"


async def get_capabilities(visit: Visit) -> str:
    """Tell the same in the older way."""
    places = dict(_services(visit))
    machine = visit.machine

    def part(tag: str, namespace: str, more: str = "") -> str:
        if namespace not in places:
            return ""
        place = xmltext.text(machine.address(places[namespace]))
        return f"<tt:{tag}><tt:XAddr>{place}</tt:XAddr>{more}</tt:{tag}>"

    pulls = "false" if machine.switches.on(Quirk.PULLPOINT_FLAG_FALSE) else "true"
    flags = (
        "<tt:WSSubscriptionPolicySupport>false</tt:WSSubscriptionPolicySupport>"
        f"<tt:WSPullPointSupport>{pulls}</tt:WSPullPointSupport>"
        "<tt:WSPausableSubscriptionManagerInterfaceSupport>false"
        "</tt:WSPausableSubscriptionManagerInterfaceSupport>"
    )
    streaming = "<tt:StreamingCapabilities/>"
    return (
        "<tds:GetCapabilitiesResponse><tds:Capabilities>"
        f"{part('Device', soap.DEVICE)}{part('Events', soap.EVENTS, flags)}"
        f"{part('Imaging', soap.IMAGING)}{part('Media', soap.MEDIA, streaming)}"
        "</tds:Capabilities></tds:GetCapabilitiesResponse>"
    )


async def get_scopes(visit: Visit) -> str:
    """Tell its scopes."""
    told = "".join(
        "<tds:Scopes><tt:ScopeDef>Fixed</tt:ScopeDef>"
        f"<tt:ScopeItem>{xmltext.text(scope)}</tt:ScopeItem></tds:Scopes>"
        for scope in scopes(visit.machine.character.name, visit.machine.character.make.model)
    )
    return f"<tds:GetScopesResponse>{told}</tds:GetScopesResponse>"


async def get_network_interfaces(visit: Visit) -> str:
    """Tell its network card."""
    host = visit.machine.base.partition("://")[2].rpartition(":")[0]
    return (
        '<tds:GetNetworkInterfacesResponse><tds:NetworkInterfaces token="eth0">'
        "<tt:Enabled>true</tt:Enabled><tt:Info><tt:Name>eth0</tt:Name>"
        f"<tt:HwAddress>{hardware_address(visit.machine.character.name)}</tt:HwAddress>"
        "<tt:MTU>1500</tt:MTU></tt:Info><tt:IPv4><tt:Enabled>true</tt:Enabled><tt:Config>"
        f"<tt:Manual><tt:Address>{xmltext.text(host)}</tt:Address>"
        "<tt:PrefixLength>24</tt:PrefixLength></tt:Manual><tt:DHCP>false</tt:DHCP>"
        "</tt:Config></tt:IPv4></tds:NetworkInterfaces></tds:GetNetworkInterfacesResponse>"
    )


async def get_hostname(visit: Visit) -> str:
    """Tell its name."""
    return (
        "<tds:GetHostnameResponse><tds:HostnameInformation><tt:FromDHCP>false</tt:FromDHCP>"
        f"<tt:Name>{xmltext.text(visit.machine.character.name)}</tt:Name>"
        "</tds:HostnameInformation></tds:GetHostnameResponse>"
    )


async def get_service_capabilities(_visit: Visit) -> str:
    """Tell what the device service can do."""
    return (
        "<tds:GetServiceCapabilitiesResponse><tds:Capabilities>"
        '<tds:Network NTP="1"/><tds:Security UsernameToken="true" HttpDigest="true"/>'
        '<tds:System DiscoveryBye="true"/>'
        "</tds:Capabilities></tds:GetServiceCapabilitiesResponse>"
    )


def scopes(name: str, model: str) -> list[str]:
    """Write a camera's scopes, for the service and for discovery alike."""
    root = "onvif://www.onvif.org"
    return [
        f"{root}/type/video_encoder",
        f"{root}/type/Network_Video_Transmitter",
        f"{root}/Profile/Streaming",
        f"{root}/Profile/T",
        f"{root}/name/{name}",
        f"{root}/hardware/{model.replace(' ', '_')}",
        f"{root}/location/country/kazakhstan",
    ]


def hardware_address(name: str) -> str:
    """Make up a hardware address, the same for the same name; locally administered."""
    digits = f"{sum(byte << (8 * at) for at, byte in enumerate(name.encode()[-5:])):010x}"
    return ":".join(["02", *(digits[at : at + 2] for at in range(0, 10, 2))])


def _services(visit: Visit) -> Iterator[tuple[str, str]]:
    switches = visit.machine.switches
    yield soap.DEVICE, DEVICE_PATH
    yield soap.MEDIA, MEDIA_PATH
    if not switches.on(Quirk.NO_MEDIA2):
        yield soap.MEDIA2, MEDIA2_PATH
    if not switches.on(Quirk.NO_EVENTS):
        yield soap.EVENTS, EVENTS_PATH
    yield soap.IMAGING, IMAGING_PATH
