"""How one camera lets us in, learnt in one life: what goes with a call, and what a refusal means.

The first call that asks for a login goes without one. A camera that then challenges gets HTTP
Digest, any other a WS-Security token; never both, never a password that can be read. Three failed
logins are the end for a while, and the words say whether password, clock or role is to blame.
Source: ONVIF Core, "Authentication". Pure but for the random words of a proof.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from http import HTTPStatus
from typing import Final

from msgspec import Struct

from adapters.devices.onvif import digest, soap
from adapters.devices.onvif.digest import Challenge, Digest
from adapters.devices.onvif.fault import CameraLost, CameraRefused, Reason, ended
from adapters.devices.onvif.logins import Logins
from adapters.devices.onvif.settings import CameraSettings

_NOT_IN: Final = ("NotAuthorized", "FailedAuthentication", "InvalidSecurity", "FailedCheck")
_NO_ROLE: Final = ("OperationProhibited", "NotPermitted")
_TOO_OLD: Final = ("MessageExpired", "TimestampExpired")
_ASKS: Final = re.compile(r"authori[sz](?:ed|ation)|authenticat", re.IGNORECASE)
"""What stands in the text of faults whose codes say nothing."""
_IS_LOCKED: Final = re.compile(r"\block(?:ed|out)?\b", re.IGNORECASE)

_WORDS: Final = {
    Reason.CREDENTIALS: "it refuses the user or the password",
    Reason.CLOCK: "it refuses the login, and the time that goes into it cannot be right",
    Reason.ROLE: "its user may not do this: give it a higher role on the camera (Administrator)",
    Reason.LOCKED: "it says that the account is locked",
}


class Way(Enum):
    """How a camera wants to be shown the password."""

    NONE = "none"
    """It has not asked yet."""
    DIGEST = "digest"
    TOKEN = "token"  # noqa: S105 - the name of a way


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A camera did not let us in."""

    status: int
    challenges: tuple[str, ...]
    fault: soap.Fault | None

    @staticmethod
    def of(status: int, challenges: tuple[str, ...], fault: soap.Fault | None) -> "Refusal | None":
        """What an answer refuses for who we are; None where it does not."""
        is_one = status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
        if fault is not None:
            by_code = fault.says(*_NOT_IN, *_NO_ROLE, *_TOO_OLD)
            is_one = is_one or by_code or bool(_ASKS.search(fault.reason))
        return Refusal(status=status, challenges=challenges, fault=fault) if is_one else None

    def says(self, words: tuple[str, ...]) -> bool:
        """Whether its fault says one of these."""
        return self.fault is not None and self.fault.says(*words)

    @property
    def is_locked(self) -> bool:
        """Whether it says in words that the account is locked."""
        return self.fault is not None and bool(_IS_LOCKED.search(self.fault.reason))


class Proof(Struct, frozen=True, kw_only=True):
    """What goes with one call."""

    way: Way
    authorization: str | None = None
    security: bytes | None = None


@dataclass(slots=True, kw_only=True)
class Login:
    """What one life has learnt of a camera's login."""

    settings: CameraSettings
    logins: Logins
    monotonic: Callable[[], float]
    way: Way = Way.NONE
    is_proven: bool = False
    """Whether it refused a call without the login and took the same with it."""
    _challenge: Challenge | None = None
    _digest: Digest | None = None
    _accepted: set[str] = field(default_factory=set)

    def proof(self, method: str, uri: str, created: datetime) -> Proof:
        """What goes with the next call; `created` is the camera's time.

        Raises:
            CameraRefused: there is no login, or none may be tried for now.
        """
        if self.way is Way.NONE:
            return Proof(way=Way.NONE)
        username, password = self._credentials()
        if self.way is Way.TOKEN or self._challenge is None:
            token = digest.security(username, password, created)
            return Proof(way=Way.TOKEN, security=token)
        if self._digest is None or self._digest.password != password:
            self._digest = Digest(username, password)
        header = self._digest.answer(method, uri, self._challenge)
        return Proof(way=Way.DIGEST, authorization=header)

    def accepted(self, action: str, proof: Proof, *, was_refused: bool, info: str = "") -> None:
        """A call came through; `info` is its `Authentication-Info` header."""
        if proof.way is Way.NONE:
            return
        if was_refused:
            self.is_proven = True
            self.logins.succeeded()
        self._accepted.add(action)
        nonce = digest.next_nonce(info) if info else None
        if nonce and self._challenge is not None:
            self._challenge = self._challenge.renewed(nonce)

    def asked(self, refusal: Refusal) -> None:
        """It refused a call without a login: choose how to show it.

        Raises:
            CameraRefused: there is no login, or none may be tried for now.
        """
        self._credentials()
        self._challenge = Challenge.parse(*refusal.challenges)
        self.way = Way.DIGEST if self._challenge is not None else Way.TOKEN

    def may_repeat(self, refusal: Refusal, action: str) -> bool:
        """Whether not the login is to blame, but an old nonce, or a token where none is wanted."""
        challenge = Challenge.parse(*refusal.challenges)
        if challenge is None:
            return False
        is_other = self.way is Way.TOKEN and not self.is_proven
        self.way, self._challenge = Way.DIGEST, challenge
        return is_other or challenge.stale or action in self._accepted

    def refused(
        self, refusal: Refusal, action: str, *, has_clock: bool
    ) -> CameraLost | CameraRefused:
        """The error that a refused login ends in, counted where it is the login's fault.

        `has_clock` is False where it told a time that no calendar has.
        """
        reason = self._reason(refusal, action, has_clock=has_clock)
        if reason is not Reason.ROLE:
            self.logins.failed(self.monotonic())
        fault = f" ({refusal.fault})" if refusal.fault else f" (HTTP {refusal.status})"
        return ended(self.settings.device, reason, _WORDS[reason] + fault)

    def _reason(self, refusal: Refusal, action: str, *, has_clock: bool) -> Reason:
        if refusal.is_locked:
            return Reason.LOCKED
        knows_us = self.is_proven and action not in self._accepted
        is_past_http = self.way is Way.DIGEST and refusal.status != HTTPStatus.UNAUTHORIZED
        if refusal.says(_NO_ROLE) or knows_us or is_past_http:
            return Reason.ROLE
        if self.way is Way.TOKEN and (refusal.says(_TOO_OLD) or not has_clock):
            return Reason.CLOCK
        return Reason.CREDENTIALS

    def _credentials(self) -> tuple[str, str]:
        wait_s = self.logins.wait_s(self.monotonic())
        if wait_s:
            why = f"three logins failed; none is tried for another {wait_s / 60:.0f} min"
            raise ended(self.settings.device, Reason.LOCKED, why)
        password = self.settings.password()
        if self.settings.username is None or password is None:
            why = "it asks for a login, and none is known: dabyl camera login"
            raise ended(self.settings.device, Reason.CREDENTIALS, why)
        return self.settings.username, password
