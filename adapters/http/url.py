"""An `http://` or `https://` URL, in the parts that a request is made of. Pure."""

import ipaddress
import re
from typing import Final, Self
from urllib.parse import SplitResult, quote, urlsplit

import idna
from msgspec import Struct

_PORTS: Final = {"http": 80, "https": 443}
_SAFE: Final = "%/:@!$&'()*+,;=~-._?"
_NAME: Final = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*")


class Url(Struct, frozen=True, kw_only=True):
    """Where something is asked."""

    host: str
    """A name in its ASCII form, with a dot at its end if it was written so, or an address."""
    port: int
    tls: bool
    target: str
    """The path and query, as they stand in the first line of a request."""

    @classmethod
    def read(cls, text: str) -> Self:
        """Read it; a fragment is left out, a login stays with whoever asks.

        Raises:
            ValueError: another scheme, no host, a port or a name that cannot be one; why, in
                words that repeat nothing of it.
        """
        parts = _split(text.strip())
        target = quote(parts.path or "/", safe=_SAFE)
        if parts.query:
            target += f"?{quote(parts.query, safe=_SAFE)}"
        return cls(
            host=_ascii(parts.hostname or ""),
            port=parts.port or _PORTS[parts.scheme],
            tls=parts.scheme == "https",
            target=target,
        )

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header says them."""
        host = f"[{self.host}]" if ":" in self.host else self.host.rstrip(".")
        usual = _PORTS["https" if self.tls else "http"]
        return host if self.port == usual else f"{host}:{self.port}"


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("it cannot be read: see its host and its port") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("it must be http:// or https:// and name a host")
    if port == 0:
        raise ValueError("port 0 is none")
    return parts


def _ascii(name: str) -> str:
    """The name as name servers know it."""
    if ":" in name:
        ipaddress.IPv6Address(name)
        return name
    try:
        known = name if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        known = ""
    if not _NAME.fullmatch(known.removesuffix(".")):
        raise ValueError("its host is no name and no address")
    return known
