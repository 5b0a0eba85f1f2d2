"""The addresses that a camera hands out, turned into ones on the host that a person approved.

Cameras behind an address translation name their address in the school's own network, others name
a relative one, a port twice, or a host of somebody else. Of all these only the path and the query
are believed: host, port and scheme are always ours. Pure.
"""

import re
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

LIMIT: Final = 2048
"""So long an address may be."""

_ABSOLUTE: Final = re.compile(r"https?:/*[^/?#]*", re.IGNORECASE)
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d)")
_BARE_HOST: Final = re.compile(
    r"(?://[^/?#]*|(?:\d{1,3}\.){3}\d{1,3}(?::\d+)*|[\w.-]+(?::\d+)+)(?=[/?#]|$)"
)
_ANONYMOUS: Final = "www.w3.org/2005/08/addressing/anonymous"
_SAFE: Final = "%/:@!$&'()*+,;=~-._?[]"


def mended(address: str, base: str) -> str:
    """The address on the host, port and scheme of `base`, which is the address that we asked.

    What names no place on a camera (nothing, an anonymous address, another scheme, one that is too
    long) stands for `base` itself.
    """
    address = address.strip()
    if not address or len(address) > LIMIT or _ANONYMOUS in address:
        return base
    absolute = _ABSOLUTE.match(address)
    if absolute is None and _SCHEME.match(address):
        return base
    host = absolute or _BARE_HOST.match(address)
    if host is None:
        address = urljoin(urlsplit(base).path or "/", _quoted(address))
    else:
        address = _quoted(address[host.end() :])
    return _origin(base) + (address if address.startswith("/") else f"/{address}")


def target(url: str) -> str:
    """The path and query, as they stand in the first line of a request."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _origin(base: str) -> str:
    parts = urlsplit(base)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _quoted(address: str) -> str:
    """Without its fragment, and with nothing in it that could end the line of a request."""
    return quote(address.partition("#")[0], safe=_SAFE)
