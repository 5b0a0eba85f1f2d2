"""SOAP as bytes: an envelope around a call, and whatever came back taken apart.

A reply is a stranger's: no document type, no entities, no network, at most 1 MiB, and its root is
an envelope, else it is none. What is merely untidy (a prefix never declared, bytes that are no
UTF-8, an entity that nobody knows) is mended; what was cut short is refused whole. Pure.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from typing import Final

from lxml import etree

from adapters.devices.onvif import element
from adapters.devices.onvif.element import Element

LIMIT_BYTES: Final = 1024 * 1024
"""So long a reply may be; a hundred notifications have 60 KiB."""

_OPEN: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">'
)
_HEADER: Final = b"<s:Header>%b</s:Header>"
_BODY: Final = b"<s:Body>%b</s:Body></s:Envelope>"

# What may stand before the root: white space, the declaration, comments. Nothing else does, so
# that a document type cannot hide; and the encoding is ours, so that both readers see the same.
_PROLOG: Final = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ROOT: Final = re.compile(rb"<[A-Za-z_:\x80-\xff]")
_END: Final = re.compile(rb"</(?:[^<>\s/:]+:)?Envelope\s*>")
_UTF8_MARK: Final = b"\xef\xbb\xbf"
_ERRORS_LIMIT: Final = 100
"""So many the XML library tells; after them it would stop reading without a word."""
_REASON_LIMIT: Final = 300
_WORDS_LIMIT: Final = 20


def _parser(*, mend: bool) -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=mend,
    )


_STRICT: Final = _parser(mend=False)


class NotSoap(Exception):
    """Bytes that are no SOAP envelope, or not the answer to what was asked."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Fault(Exception):
    """The camera refused a call. Codes are local names, the reason is its own text, cut."""

    def __init__(self, code: str, subcodes: tuple[str, ...], reason: str, details: str) -> None:
        said = " ".join(filter(None, [code, *subcodes, details]))
        super().__init__(f"{said}: {reason}" if reason else said)
        self.code, self.subcodes, self.reason = code, subcodes, reason
        self.details = details
        """The names of the elements in its detail, where notification faults say what they are."""

    @property
    def subcode(self) -> str:
        """The most special of its codes; empty where it has none."""
        return self.subcodes[-1] if self.subcodes else ""

    def says(self, *words: str) -> bool:
        """Whether one of these words stands in its codes or its detail, in whatever case."""
        said = " ".join((self.code, *self.subcodes, self.details)).lower()
        return any(word.lower() in said for word in words)


def envelope(body: bytes, *, headers: Iterable[bytes] = (), security: bytes | None = None) -> bytes:
    """Put a call in a SOAP 1.2 envelope; headers go in as they are."""
    inner = b"".join(headers) + (security or b"")
    header = _HEADER % inner if inner else b""
    return _OPEN + header + _BODY % body


def parse(body: bytes) -> Element:
    """Take a reply apart: the first element in its Body, or the Body where that is empty.

    Raises:
        NotSoap: no envelope, or none that may be read. Fault: the camera refused.
    """
    root = _root(_readable(body))
    if element.name(root) != "Envelope":
        raise NotSoap(f"its root is <{element.name(root)[:40]}>, not an envelope")
    content = element.child(root, "Body")
    if content is None:
        raise NotSoap("an envelope without a body")
    first = next(content.iterchildren("{*}*"), None)
    if first is None:
        return content
    if element.name(first) == "Fault":
        raise _fault(first)
    return first


def expect(answer: Element, called: str) -> Element:
    """The answer itself, if it is the one that was asked for.

    Raises:
        NotSoap: it is another.
    """
    if element.name(answer) != called:
        raise NotSoap(f"it answers <{element.name(answer)[:60]}> instead of <{called}>")
    return answer


def _readable(body: bytes) -> bytes:
    if len(body) > LIMIT_BYTES:
        raise NotSoap(f"longer than {LIMIT_BYTES} bytes")
    body = body.removeprefix(_UTF8_MARK)
    start = _PROLOG.match(body)
    at = start.end() if start else 0
    if body[at : at + 2] == b"<!":
        raise NotSoap("it brings a document type")
    if not _ROOT.match(body, at):
        raise NotSoap("no XML in UTF-8" if body else "it is empty")
    return body


def _root(body: bytes) -> Element:
    try:
        return etree.fromstring(body, _STRICT)
    except etree.XMLSyntaxError:
        return _mended(body)


def _mended(body: bytes) -> Element:
    """Read untidy XML; what ends before its envelope does is refused."""
    if not _END.search(body):
        raise NotSoap("an envelope that does not end, or no XML")
    try:
        parser = _parser(mend=True)  # its own, because a long reply is read in a thread
        root = etree.fromstring(body.lstrip(), parser)
    except etree.XMLSyntaxError as error:
        raise NotSoap(f"no XML: {error.msg}"[:200]) from None
    if root is None:
        raise NotSoap("no XML")
    said = [one.type for one in parser.error_log]
    if len(said) >= _ERRORS_LIMIT or etree.ErrorTypes.ERR_RESOURCE_LIMIT in said:
        raise NotSoap("nested or broken beyond what is read")
    etree.strip_elements(root, etree.Entity, with_tail=False)
    for one in root.iter():
        if ":" in element.name(one):  # a prefix that was never declared
            with suppress(ValueError):  # nothing, or no name, behind it
                one.tag = element.name(one).rpartition(":")[2]
    return root


def _fault(found: Element) -> Fault:
    """Read a fault of SOAP 1.2 or 1.1."""
    code = element.child(found, "Code")
    if code is None:
        said = element.text(found, "faultstring")
        return _made(found, element.text(found, "faultcode"), [], said, "detail")
    subcodes: list[str] = []
    at = element.child(code, "Subcode")
    while at is not None and len(subcodes) < _WORDS_LIMIT:
        subcodes.append(element.text(at, "Value"))
        at = element.child(at, "Subcode")
    said = element.text(found, "Reason", "Text")
    return _made(found, element.text(code, "Value"), subcodes, said, "Detail")


def _made(found: Element, code: str, subcodes: list[str], reason: str, detail: str) -> Fault:
    inner = element.child(found, detail)
    within = inner.iterdescendants() if inner is not None else iter(())
    names = [element.name(one) for one in islice(within, _WORDS_LIMIT)]
    return Fault(
        code=_local(code),
        subcodes=tuple(_local(one) for one in subcodes if one),
        reason=_printable(reason)[:_REASON_LIMIT],
        details=" ".join(names)[:_REASON_LIMIT],
    )


def _local(qualified: str) -> str:
    return _printable(qualified.rpartition(":")[2])[:80]


def _printable(said: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in said)
