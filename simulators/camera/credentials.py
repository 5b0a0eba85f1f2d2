"""What a client says to be let in: a UsernameToken, HTTP Digest, HTTP Basic, read from its words.

Source: WS-Security UsernameToken Profile 1.0; RFC 7616; RFC 7617.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from simulators.camera import soap, xmltext

_PAIR: Final = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^,\s]+))')
_LONGEST: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenWords:
    """A UsernameToken; `stamped` is the Created of a Timestamp beside it."""

    user: str
    password: str
    is_text: bool
    nonce: str
    created: str
    stamped: str | None

    @property
    def created_at(self) -> datetime | None:
        """When it says it was made."""
        return xmltext.time(self.created)

    def expected(self, password: str) -> str:
        """Tell what the digest of the right password is."""
        try:
            nonce = base64.b64decode(self.nonce, validate=True)
        except binascii.Error:
            nonce = b""
        made = hashlib.sha1(
            nonce + self.created.encode() + password.encode(), usedforsecurity=False
        )
        return base64.b64encode(made.digest()).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestWords:
    """An Authorization header of HTTP Digest."""

    user: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str
    qop: str
    client_nonce: str
    count: int

    def expected(self, password: str, method: str) -> str:
        """Tell what the response of the right password is."""
        secret = self._hash(f"{self.user}:{self.realm}:{password}")
        if self.algorithm.endswith("-sess"):
            secret = self._hash(f"{secret}:{self.nonce}:{self.client_nonce}")
        asked = self._hash(f"{method}:{self.uri}")
        if not self.qop:
            return self._hash(f"{secret}:{self.nonce}:{asked}")
        middle = f"{self.nonce}:{self.count:08x}:{self.client_nonce}:{self.qop}"
        return self._hash(f"{secret}:{middle}:{asked}")

    def _hash(self, words: str) -> str:
        if self.algorithm.startswith("SHA-256"):
            return hashlib.sha256(words.encode()).hexdigest()
        return hashlib.md5(words.encode(), usedforsecurity=False).hexdigest()


def read_token(header: etree._Element | None) -> TokenWords | None:
    """Find a UsernameToken in a SOAP header."""
    security = None if header is None else soap.child(header, "Security")
    token = None if security is None else soap.child(security, "UsernameToken")
    if token is None:
        return None
    password = soap.child(token, "Password")
    kind = "" if password is None else password.get("Type", "")
    return TokenWords(
        user=soap.text_of(token, "Username") or "",
        password=soap.text_of(token, "Password") or "",
        is_text=not str(kind).endswith("Digest"),
        nonce=soap.text_of(token, "Nonce") or "",
        created=soap.text_of(token, "Created") or "",
        stamped=soap.text_of(security, "Timestamp", "Created"),
    )


def read_digest(header: str | None) -> DigestWords | None:
    """Read an Authorization header; None if it is none of HTTP Digest."""
    scheme, _, rest = (header or "")[:_LONGEST].partition(" ")
    if scheme.lower() != "digest":
        return None
    said = {name.lower(): quoted or plain for name, quoted, plain in _PAIR.findall(rest)}
    try:
        count = int(said.get("nc", "1"), 16)
    except ValueError:
        count = 0
    return DigestWords(
        user=said.get("username", ""),
        realm=said.get("realm", ""),
        nonce=said.get("nonce", ""),
        uri=said.get("uri", ""),
        response=said.get("response", ""),
        algorithm=said.get("algorithm", "MD5"),
        qop=said.get("qop", ""),
        client_nonce=said.get("cnonce", ""),
        count=count,
    )


def read_basic(header: str | None) -> tuple[str, str] | None:
    """Read an Authorization header of HTTP Basic: user and password."""
    scheme, _, rest = (header or "")[:_LONGEST].partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        words = base64.b64decode(rest, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    user, _, password = words.partition(":")
    return user, password
