"""SOAP 1.2 as a camera reads and writes it: a request in, a reply or a fault out."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from lxml import etree

from simulators.camera import xmltext

ENVELOPE: Final = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING: Final = "http://www.w3.org/2005/08/addressing"
DEVICE: Final = "http://www.onvif.org/ver10/device/wsdl"
MEDIA: Final = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2: Final = "http://www.onvif.org/ver20/media/wsdl"
EVENTS: Final = "http://www.onvif.org/ver10/events/wsdl"
IMAGING: Final = "http://www.onvif.org/ver20/imaging/wsdl"
NOTIFICATION: Final = "http://docs.oasis-open.org/wsn/b-2"
SCHEMA: Final = "http://www.onvif.org/ver10/schema"
TOPICS: Final = "http://www.onvif.org/ver10/topics"

PREFIXES: Final = {
    "s": ENVELOPE,
    "wsa": ADDRESSING,
    "tds": DEVICE,
    "trt": MEDIA,
    "tr2": MEDIA2,
    "tev": EVENTS,
    "timg": IMAGING,
    "wsnt": NOTIFICATION,
    "wstop": "http://docs.oasis-open.org/wsn/t-1",
    "wsrf-rw": "http://docs.oasis-open.org/wsrf/rw-2",
    "wsrf-bf": "http://docs.oasis-open.org/wsrf/bf-2",
    "tt": SCHEMA,
    "ter": "http://www.onvif.org/ver10/error",
    "xs": "http://www.w3.org/2001/XMLSchema",
    "tns1": TOPICS,
    "tnsaxis": "http://www.axis.com/2009/event/topics",
    "tnshik": "http://www.hikvision.com/2011/event/topics",
    "tnssamsung": "http://www.samsungcctv.com/2011/event/topics",
    "tnsavg": "http://www.avigilon.com/onvif/ver10/topics",
}
_DECLARED: Final = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in PREFIXES.items())


class NotSoap(Exception):
    """A request that is no SOAP envelope."""


class Fault(Exception):
    """What a camera answers when it will not."""

    def __init__(
        self, subcode: str, reason: str, *, status: int | None = None, sender: bool = True
    ) -> None:
        super().__init__(f"{subcode}: {reason}")
        self.subcode = subcode
        self.reason = reason
        self.sender = sender
        self.status = status or (
            HTTPStatus.BAD_REQUEST if sender else HTTPStatus.INTERNAL_SERVER_ERROR
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: which call of which service, its element, and the header that came with it."""

    service: str
    call: str
    element: etree._Element
    header: etree._Element | None

    def text(self, *path: str) -> str | None:
        """Tell the text of an element below, by local names."""
        return text_of(self.element, *path)


def read(body: bytes) -> Asked:
    """Read a request.

    Raises:
        NotSoap: it is none.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        envelope = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise NotSoap(str(error)) from None
    if name(envelope) != "Envelope":
        raise NotSoap(f"its root is {name(envelope)}")
    content = child(envelope, "Body")
    first = None if content is None else next(content.iterchildren("{*}*"), None)
    if first is None:
        raise NotSoap("it has no body")
    return Asked(etree.QName(first).namespace or "", name(first), first, child(envelope, "Header"))


def envelope(body: str, *, header: str = "") -> bytes:
    """Write a reply."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope {_DECLARED}>'
        f"<s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def fault(error: Fault) -> bytes:
    """Write a fault."""
    code = "s:Sender" if error.sender else "s:Receiver"
    return envelope(
        f"<s:Fault><s:Code><s:Value>{code}</s:Value>"
        f"<s:Subcode><s:Value>{xmltext.text(error.subcode)}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en">{xmltext.text(error.reason)}</s:Text></s:Reason>'
        f"</s:Fault>"
    )


def name(element: etree._Element) -> str:
    """Tell an element's local name."""
    return str(etree.QName(element).localname)


def child(element: etree._Element, wanted: str) -> etree._Element | None:
    """Find a child by its local name."""
    return next(element.iterchildren(f"{{*}}{wanted}"), None)


def text_of(element: etree._Element | None, *path: str) -> str | None:
    """Tell the text at the end of a path of local names."""
    for step in path:
        element = None if element is None else child(element, step)
    return None if element is None else (element.text or "").strip()
