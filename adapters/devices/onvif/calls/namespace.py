"""The names of the services of ONVIF, as GetServices lists them."""

from enum import StrEnum


class Namespace(StrEnum):
    """A service by its namespace."""

    DEVICE = "http://www.onvif.org/ver10/device/wsdl"
    EVENTS = "http://www.onvif.org/ver10/events/wsdl"
    MEDIA = "http://www.onvif.org/ver10/media/wsdl"
    MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
    IMAGING = "http://www.onvif.org/ver20/imaging/wsdl"
    ANALYTICS = "http://www.onvif.org/ver20/analytics/wsdl"
    PTZ = "http://www.onvif.org/ver20/ptz/wsdl"
    DEVICE_IO = "http://www.onvif.org/ver10/deviceIO/wsdl"
    RECORDING = "http://www.onvif.org/ver10/recording/wsdl"
    SEARCH = "http://www.onvif.org/ver10/search/wsdl"
    REPLAY = "http://www.onvif.org/ver10/replay/wsdl"
