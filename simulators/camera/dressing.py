"""How a camera's XML comes out wrong: other namespaces, another order, bytes that are no UTF-8."""

import re
from typing import Final

from lxml import etree

from simulators.camera import soap
from simulators.camera.quirks import Quirk, Switches

_TOPIC_PREFIXES: Final = re.compile(rb' xmlns:tns\w*="[^"]*"')
_ERROR_PREFIX: Final = re.compile(rb' xmlns:ter="[^"]*"')
_OTHERS: Final = (
    (soap.EVENTS.encode(), b"http://www.onvif.org/ver10/event/wsdl"),
    (soap.NOTIFICATION.encode(), b"http://docs.oasis-open.org/wsn/b-3"),
    (soap.DEVICE.encode(), b"http://www.onvif.org/ver20/device/wsdl"),
    (soap.SCHEMA.encode(), b"http://www.onvif.org/ver20/schema"),
)


def dressed(reply: bytes, switches: Switches, call: str) -> bytes:
    """Put a reply's XML wrong, as this camera does."""
    if switches.on(Quirk.WRONG_ORDER):
        reply = _turned(reply)
    if switches.on(Quirk.WRONG_NAMESPACES):
        for right, wrong in _OTHERS:
            reply = reply.replace(right, wrong)
    if switches.on(Quirk.UNDECLARED_PREFIX):
        reply = _TOPIC_PREFIXES.sub(b"", reply)
    if call == "Renew" and switches.on(Quirk.RENEW_400_UNDECLARED):
        reply = _ERROR_PREFIX.sub(b"", reply)
    if switches.on(Quirk.INVALID_UTF8):
        reply = reply.replace(b"<tds:Model>", b"<tds:Model>\xb0\xff")
    return reply


def _turned(reply: bytes) -> bytes:
    """Turn round the children of every element that has no two alike."""
    root = etree.fromstring(reply)
    for element in list(root.iter("{*}*")):  # a list: what is moved would be met twice
        below = list(element)
        if element is not root and len({one.tag for one in below}) == len(below):
            element[:] = below[::-1]
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
