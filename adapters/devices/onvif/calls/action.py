"""What each call is called in the header of its request."""

from enum import StrEnum

_EVENTS = "http://www.onvif.org/ver10/events/wsdl"
_PULL_POINT = f"{_EVENTS}/PullPointSubscription"
_NOTIFICATION = "http://docs.oasis-open.org/wsn/bw-2"


class Action(StrEnum):
    """A call by its action, as the WSDL of its service names it."""

    GET_SYSTEM_DATE_AND_TIME = "http://www.onvif.org/ver10/device/wsdl/GetSystemDateAndTime"
    GET_DEVICE_INFORMATION = "http://www.onvif.org/ver10/device/wsdl/GetDeviceInformation"
    GET_SERVICES = "http://www.onvif.org/ver10/device/wsdl/GetServices"
    GET_CAPABILITIES = "http://www.onvif.org/ver10/device/wsdl/GetCapabilities"
    GET_SCOPES = "http://www.onvif.org/ver10/device/wsdl/GetScopes"
    GET_NETWORK_INTERFACES = "http://www.onvif.org/ver10/device/wsdl/GetNetworkInterfaces"
    GET_PROFILES = "http://www.onvif.org/ver10/media/wsdl/GetProfiles"
    GET_SNAPSHOT_URI = "http://www.onvif.org/ver10/media/wsdl/GetSnapshotUri"
    GET_PROFILES_2 = "http://www.onvif.org/ver20/media/wsdl/GetProfiles"
    GET_SNAPSHOT_URI_2 = "http://www.onvif.org/ver20/media/wsdl/GetSnapshotUri"
    GET_EVENT_PROPERTIES = f"{_EVENTS}/EventPortType/GetEventPropertiesRequest"
    GET_EVENT_SERVICE_CAPABILITIES = f"{_EVENTS}/EventPortType/GetServiceCapabilitiesRequest"
    CREATE_PULL_POINT = f"{_EVENTS}/EventPortType/CreatePullPointSubscriptionRequest"
    PULL = f"{_PULL_POINT}/PullMessagesRequest"
    SYNCHRONISE = f"{_PULL_POINT}/SetSynchronizationPointRequest"
    SEEK = f"{_PULL_POINT}/SeekRequest"
    SUBSCRIBE = f"{_NOTIFICATION}/NotificationProducer/SubscribeRequest"
    RENEW = f"{_NOTIFICATION}/SubscriptionManager/RenewRequest"
    UNSUBSCRIBE = f"{_NOTIFICATION}/SubscriptionManager/UnsubscribeRequest"

    @property
    def is_addressed(self) -> bool:
        """Whether it goes with WS-Addressing headers: those of the event service do."""
        return self.value.startswith((_EVENTS, _NOTIFICATION))
