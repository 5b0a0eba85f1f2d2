"""Every call that a camera answers: its service, who may ask, and how the answer is addressed."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from simulators.camera import device, events, media, soap, topicset
from simulators.camera.visit import Visit

_TEV: Final = "http://www.onvif.org/ver10/events/wsdl"
_WSN: Final = "http://docs.oasis-open.org/wsn/bw-2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: what answers it, and the WS-Addressing action of that answer."""

    answer: Callable[[Visit], Awaitable[str]]
    action: str = ""
    open: bool = False
    subscribes: bool = False


CALLS: Final[Mapping[tuple[str, str], Call]] = MappingProxyType(
    {
        (soap.DEVICE, "GetSystemDateAndTime"): Call(
            answer=device.get_system_date_and_time, open=True
        ),
        (soap.DEVICE, "GetDeviceInformation"): Call(answer=device.get_device_information),
        (soap.DEVICE, "GetServices"): Call(answer=device.get_services, open=True),
        (soap.DEVICE, "GetServiceCapabilities"): Call(
            answer=device.get_service_capabilities, open=True
        ),
        (soap.DEVICE, "GetCapabilities"): Call(answer=device.get_capabilities, open=True),
        (soap.DEVICE, "GetScopes"): Call(answer=device.get_scopes),
        (soap.DEVICE, "GetHostname"): Call(answer=device.get_hostname, open=True),
        (soap.DEVICE, "GetNetworkInterfaces"): Call(answer=device.get_network_interfaces),
        (soap.MEDIA, "GetServiceCapabilities"): Call(
            answer=media.get_service_capabilities, open=True
        ),
        (soap.MEDIA, "GetProfiles"): Call(answer=media.get_profiles),
        (soap.MEDIA, "GetVideoSources"): Call(answer=media.get_video_sources),
        (soap.MEDIA, "GetSnapshotUri"): Call(answer=media.get_snapshot_uri),
        (soap.MEDIA, "GetStreamUri"): Call(answer=media.get_stream_uri),
        (soap.MEDIA2, "GetServiceCapabilities"): Call(
            answer=media.get_service_capabilities2, open=True
        ),
        (soap.MEDIA2, "GetProfiles"): Call(answer=media.get_profiles2),
        (soap.MEDIA2, "GetSnapshotUri"): Call(answer=media.get_snapshot_uri2),
        (soap.EVENTS, "GetServiceCapabilities"): Call(
            answer=topicset.get_service_capabilities, open=True
        ),
        (soap.EVENTS, "GetEventProperties"): Call(
            answer=topicset.get_event_properties,
            action=f"{_TEV}/EventPortType/GetEventPropertiesResponse",
        ),
        (soap.EVENTS, "CreatePullPointSubscription"): Call(
            answer=events.create,
            action=f"{_TEV}/EventPortType/CreatePullPointSubscriptionResponse",
            subscribes=True,
        ),
        (soap.EVENTS, "PullMessages"): Call(
            answer=events.pull, action=f"{_TEV}/PullPointSubscription/PullMessagesResponse"
        ),
        (soap.EVENTS, "SetSynchronizationPoint"): Call(
            answer=events.synchronise,
            action=f"{_TEV}/PullPointSubscription/SetSynchronizationPointResponse",
        ),
        (soap.EVENTS, "Seek"): Call(
            answer=events.seek, action=f"{_TEV}/PullPointSubscription/SeekResponse"
        ),
        (soap.NOTIFICATION, "Subscribe"): Call(
            answer=events.subscribe,
            action=f"{_WSN}/NotificationProducer/SubscribeResponse",
            subscribes=True,
        ),
        (soap.NOTIFICATION, "Renew"): Call(
            answer=events.renew, action=f"{_WSN}/SubscriptionManager/RenewResponse"
        ),
        (soap.NOTIFICATION, "Unsubscribe"): Call(
            answer=events.unsubscribe, action=f"{_WSN}/SubscriptionManager/UnsubscribeResponse"
        ),
    }
)


def reply_header(call: Call, message_id: str | None) -> str:
    """Write the header of a reply."""
    if not call.action:
        return ""
    relates = f"<wsa:RelatesTo>{message_id}</wsa:RelatesTo>" if message_id else ""
    return (
        f"<wsa:To>{soap.ADDRESSING}/anonymous</wsa:To><wsa:Action>{call.action}</wsa:Action>"
        f"{relates}"
    )
