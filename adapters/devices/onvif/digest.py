"""Logins that never show the password: HTTP Digest, and WS-Security's username token.

Source: RFC 7616 (and RFC 2069 for cameras without qop); WS-Security UsernameToken Profile 1.0.
Pure but for the random words that both need.
"""

import binascii
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final
from xml.sax.saxutils import escape

_LIMIT: Final = 4096
"""So many characters of a challenge are read."""

_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - a pattern
_PART: Final = re.compile(
    rf'({_TOKEN})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))|({_TOKEN})', re.DOTALL
)

_HASHES: Final[Mapping[str, Callable[[bytes], "hashlib._Hash"]]] = {
    "SHA-256": hashlib.sha256,
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False),
}
"""Those that we answer, the better first."""

_SECURITY: Final = (
    b'<wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/'
    b'oasis-200401-wss-wssecurity-secext-1.0.xsd" xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/'
    b'oasis-200401-wss-wssecurity-utility-1.0.xsd">'
    b"<wsu:Timestamp><wsu:Created>%(created)b</wsu:Created></wsu:Timestamp>"
    b"<wsse:UsernameToken><wsse:Username>%(username)b</wsse:Username>"
    b'<wsse:Password Type="http://docs.oasis-open.org/wss/2004/01/'
    b'oasis-200401-wss-username-token-profile-1.0#PasswordDigest">%(password)b</wsse:Password>'
    b'<wsse:Nonce EncodingType="http://docs.oasis-open.org/wss/2004/01/'
    b'oasis-200401-wss-soap-message-security-1.0#Base64Binary">%(nonce)b</wsse:Nonce>'
    b"<wsu:Created>%(created)b</wsu:Created></wsse:UsernameToken></wsse:Security>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What a camera asks to be hashed."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    """As it wrote it: MD5, MD5-sess, SHA-256, SHA-256-sess, in whatever case."""
    opaque: str | None = None
    qop: bool = False
    """Whether it knows `auth`; cameras without it follow the old RFC 2069."""
    stale: bool = False
    """Only the nonce was too old; the login is not wrong."""

    @staticmethod
    def parse(*headers: str) -> "Challenge | None":
        """The best Digest among `WWW-Authenticate` headers that we can answer; None: there is none.

        Two or more challenges may stand in one header.
        """
        offered = [one for header in headers for one in _challenges(header[:_LIMIT])]
        known = [one for one in offered if one.hash_name]
        return min(known, key=lambda one: list(_HASHES).index(one.hash_name), default=None)

    @property
    def hash_name(self) -> str:
        """The key of its hash, or nothing where it is none of ours."""
        plain = self.algorithm.upper().removesuffix("-SESS")
        return plain if plain in _HASHES else ""

    @property
    def is_session(self) -> bool:
        """Whether the first nonces go into the hash of the password."""
        return self.algorithm.upper().endswith("-SESS")

    def renewed(self, nonce: str) -> "Challenge":
        """The same with another nonce (`Authentication-Info: nextnonce`)."""
        return replace(self, nonce=nonce, stale=False)


@dataclass(slots=True)
class Digest:
    """One user's answers to the challenges of one camera; counts how often it used a nonce."""

    username: str
    password: str = field(repr=False)
    _nonce: str = ""
    _cnonce: str = ""
    _uses: int = 0

    def answer(self, method: str, uri: str, challenge: Challenge) -> str:
        """The `Authorization` header of one request; `uri` as it stands in its first line."""
        if challenge.nonce != self._nonce:
            self._nonce, self._cnonce, self._uses = challenge.nonce, secrets.token_hex(8), 0
        self._uses += 1
        uses = f"{self._uses:08x}"
        words = {
            "username": _quoted(self.username),
            "realm": _quoted(challenge.realm),
            "nonce": _quoted(challenge.nonce),
            "uri": _quoted(uri),
            "response": _quoted(self._response(method, uri, challenge, uses)),
            "algorithm": challenge.algorithm,
        }
        if challenge.opaque is not None:
            words["opaque"] = _quoted(challenge.opaque)
        if challenge.qop:
            words |= {"qop": "auth", "nc": uses, "cnonce": _quoted(self._cnonce)}
        elif challenge.is_session:
            words["cnonce"] = _quoted(self._cnonce)
        return "Digest " + ", ".join(f"{key}={value}" for key, value in words.items())

    def _response(self, method: str, uri: str, challenge: Challenge, uses: str) -> str:
        def hashed(*parts: str) -> str:
            return _HASHES[challenge.hash_name](":".join(parts).encode()).hexdigest()

        who = hashed(self.username, challenge.realm, self.password)
        if challenge.is_session:
            who = hashed(who, challenge.nonce, self._cnonce)
        what = hashed(method, uri)
        if not challenge.qop:
            return hashed(who, challenge.nonce, what)
        return hashed(who, challenge.nonce, uses, self._cnonce, "auth", what)


def security(username: str, password: str, created: datetime, nonce: bytes | None = None) -> bytes:
    """The WS-Security header with a password digest; `created` is the camera's time.

    One Created stands in the Timestamp and in the token: some compare the two by the second.
    """
    nonce = nonce or secrets.token_bytes(16)
    at = created.astimezone(UTC).isoformat(timespec="seconds")[:19].encode() + b"Z"
    proof = hashlib.sha1(nonce + at + password.encode(), usedforsecurity=False).digest()
    return _SECURITY % {
        b"created": at,
        b"username": escape(username).encode(),
        b"password": binascii.b2a_base64(proof, newline=False),
        b"nonce": binascii.b2a_base64(nonce, newline=False),
    }


def next_nonce(header: str) -> str | None:
    """The nonce for the next request out of an `Authentication-Info` header, if it brings one."""
    said = {key.lower(): value for key, value, _ in _parts(header[:_LIMIT])}
    return said.get("nextnonce") or None


def _challenges(header: str) -> list[Challenge]:
    schemes: list[tuple[str, dict[str, str]]] = []
    for key, value, scheme in _parts(header):
        if scheme:
            schemes.append((scheme.lower(), {}))
        elif schemes:
            schemes[-1][1].setdefault(key.lower(), value)
    return [_challenge(said) for scheme, said in schemes if scheme == "digest" and _is_usable(said)]


def _parts(header: str) -> list[tuple[str, str, str]]:
    """Each `key=value` as (key, value, ""), each lone word as ("", "", word)."""
    found = []
    for match in _PART.finditer(header):
        key, quoted, plain, word = match.groups()
        value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain or ""
        found.append((key or "", value, word or ""))
    return found


def _is_usable(said: Mapping[str, str]) -> bool:
    """A nonce, and a quality that does not ask for the body to be hashed."""
    return bool(said.get("nonce")) and (not said.get("qop") or _knows_auth(said))


def _knows_auth(said: Mapping[str, str]) -> bool:
    return "auth" in re.split(r"[\s,]+", said.get("qop", "").lower())


def _challenge(said: Mapping[str, str]) -> Challenge:
    algorithm = said.get("algorithm") or "MD5"
    return Challenge(
        realm=said.get("realm", ""),
        nonce=said["nonce"],
        algorithm=algorithm,
        opaque=said.get("opaque"),
        qop=_knows_auth(said),
        stale=said.get("stale", "").lower() == "true",
    )


def _quoted(word: str) -> str:
    plain = "".join(sign for sign in word if sign.isprintable())
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
