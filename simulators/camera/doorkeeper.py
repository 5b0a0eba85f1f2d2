"""Who may speak to a camera: HTTP Digest, UsernameToken, levels, and the lock against guessing."""

import hmac
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from lxml import etree

from simulators.camera import credentials
from simulators.camera.credentials import DigestWords, TokenWords
from simulators.camera.quirks import Quirk, Switches

REALM: Final = "ONVIF"
WINDOW_S: Final = 60.0
LOCK_S: Final = 300.0
_NONCES: Final = 32
_TOKENS: Final = 64


class Level(StrEnum):
    """What an account may do."""

    ADMINISTRATOR = "Administrator"
    OPERATOR = "Operator"
    USER = "User"


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the camera."""

    password: str
    level: Level = Level.ADMINISTRATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How a login went: `scheme` none means that there was none; `why_not` None: let in."""

    scheme: str
    user: str = ""
    level: Level | None = None
    why_not: str | None = None
    stale: bool = False


@dataclass(slots=True)
class _Guesses:
    """Wrong logins of late, and until when nobody is let in."""

    at_s: deque[float] = field(default_factory=lambda: deque(maxlen=100))
    locked_until_s: float = float("-inf")


class Doorkeeper:
    """Judges logins."""

    def __init__(
        self,
        accounts: dict[str, Account],
        switches: Switches,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self.accounts = accounts
        self.locked = 0
        self._switches = switches
        self._now = now
        self._monotonic = monotonic
        self._nonces: dict[str, int] = {}
        self._tokens: deque[str] = deque(maxlen=_TOKENS)
        self._guesses = _Guesses()

    def challenges(self, *, stale: bool = False) -> list[str]:
        """Write the challenges of a 401."""
        nonce = secrets.token_hex(16)
        if len(self._nonces) >= _NONCES:
            del self._nonces[next(iter(self._nonces))]
        self._nonces[nonce] = 0
        rest = f'nonce="{nonce}", qop="auth"{", stale=true" if stale else ""}'
        return [f'Digest realm="{REALM}", algorithm={one}, {rest}' for one in self._algorithms()]

    def token(self, header: etree._Element | None) -> Tried | None:
        """Judge the UsernameToken of a SOAP header; None if there is none."""
        words = credentials.read_token(header)
        if words is None or self._switches.on(Quirk.DIGEST_ONLY):
            return None
        account = self.accounts.get(words.user)
        why_not = self._closed() or self._why_not_token(words, account)
        return self._judged("wsse", words.user, account, why_not)

    def digest(self, header: str | None, method: str, uri: str) -> Tried | None:
        """Judge an Authorization header; None if there is none."""
        words = credentials.read_digest(header)
        if words is None or self._switches.on(Quirk.WSSE_ONLY):
            return None
        if self._is_stale(words):
            return Tried(scheme="digest", user=words.user, why_not="stale nonce", stale=True)
        account = self.accounts.get(words.user)
        why_not = self._closed() or self._why_not_digest(words, account, method, uri)
        return self._judged("digest", words.user, account, why_not)

    def basic(self, header: str | None) -> Tried | None:
        """Judge HTTP Basic, which only a still may want."""
        words = credentials.read_basic(header)
        if words is None:
            return None
        user, password = words
        account = self.accounts.get(user)
        right = account is not None and hmac.compare_digest(
            account.password.encode(), password.encode()
        )
        return self._judged("basic", user, account, self._closed() or (None if right else "wrong"))

    def _algorithms(self) -> list[str]:
        if self._switches.on(Quirk.DIGEST_BOTH):
            return ["SHA-256", "MD5"]
        if self._switches.on(Quirk.DIGEST_SHA256):
            return ["SHA-256"]
        return ["MD5-sess" if self._switches.on(Quirk.DIGEST_SESS) else "MD5"]

    def _closed(self) -> str | None:
        if self._switches.on(Quirk.UNAUTHORISED):
            return "nobody is let in"
        if self._monotonic() < self._guesses.locked_until_s:
            self.locked += 1
            return "locked"
        return None

    def _judged(
        self, scheme: str, user: str, account: Account | None, why_not: str | None
    ) -> Tried:
        if why_not is None and account is not None:
            self._guesses.at_s.clear()
            return Tried(scheme=scheme, user=user, level=account.level)
        self._guessed()
        return Tried(scheme=scheme, user=user, why_not=why_not or "unknown user")

    def _guessed(self) -> None:
        if not self._switches.on(Quirk.LOCKS_OUT):
            return
        now_s, guesses = self._monotonic(), self._guesses
        guesses.at_s.append(now_s)
        of_late = sum(at > now_s - LOCK_S for at in guesses.at_s)
        if of_late >= self._switches.number(Quirk.LOCKS_OUT, 5):
            guesses.locked_until_s = now_s + LOCK_S
            guesses.at_s.clear()

    def _why_not_token(self, words: TokenWords, account: Account | None) -> str | None:
        if account is None:
            return "unknown user"
        if words.is_text:
            right = hmac.compare_digest(words.password.encode(), account.password.encode())
            return None if right else "wrong password"
        if not hmac.compare_digest(words.password, words.expected(account.password)):
            return "wrong password"
        return self._why_not_time(words)

    def _why_not_time(self, words: TokenWords) -> str | None:
        created = words.created_at
        if created is None or abs((created - self._now()).total_seconds()) > WINDOW_S:
            return "clock"
        if self._switches.on(Quirk.WANTS_Z) and not words.created.endswith("Z"):
            return "no Z"
        if self._switches.on(Quirk.ONE_CREATED) and words.stamped not in {None, words.created}:
            return "two times"
        if words.nonce in self._tokens:
            return "replayed"
        self._tokens.append(words.nonce)
        return None

    def _is_stale(self, words: DigestWords) -> bool:
        last = self._nonces.get(words.nonce)
        return last is None or (last > 0 and self._switches.on(Quirk.NONCE_ONCE))

    def _why_not_digest(
        self, words: DigestWords, account: Account | None, method: str, uri: str
    ) -> str | None:
        if account is None or words.realm != REALM:
            return "unknown user"
        if words.uri != uri:
            return "another uri"
        if words.algorithm not in self._algorithms():
            return "another algorithm"
        if not hmac.compare_digest(words.response, words.expected(account.password, method)):
            return "wrong password"
        if words.qop and words.count <= self._nonces[words.nonce]:
            return "replayed"
        self._nonces[words.nonce] = max(words.count, self._nonces[words.nonce] + 1)
        return None
