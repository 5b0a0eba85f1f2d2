"""Who is asking, and what they may: a token or a session, and a right for every route."""

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from gateway.domain.operator import May, Operator
from gateway.store import entry
from gateway.store.database import StoreError
from gateway.store.operators import Token
from gateway.web.house import Here, House

CACHED_S = 2.0
"""How long a revoked token may still open a door."""
LOOK_WITHIN_S = 1.0
"""A device that was known does not wait longer for a store that is away."""
CACHE_ROOM = 1024
FAILURES = 10
"""Failed sign-ins of one address at a time …"""
FORGIVEN_S = 6.0
"""… of which one is forgiven each so long."""
THROTTLE_ROOM = 4096
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SECRET_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A secret that a request carries."""

    secret: str
    is_session: bool


class Doorman:
    """Remembers for two seconds whom a secret names; bounded, the oldest goes first."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._known: OrderedDict[bytes, tuple[float, Operator]] = OrderedDict()

    async def operator(self, shown: Shown) -> Operator | None:
        """Who that is."""
        key = hashlib.sha256(f"{shown.is_session}{shown.secret}".encode()).digest()
        now = self._house.clock.monotonic()
        found = self._known.get(key)
        if found is not None and now - found[0] < CACHED_S:
            return found[1]
        speaker = None if found is None or not found[1].may(May.SPEAK) else found[1]
        try:
            async with asyncio.timeout(None if speaker is None else LOOK_WITHIN_S):
                token = await self._look(shown)
        except (StoreError, TimeoutError):
            # While the store is away a device that we knew may cry all the same; nobody else.
            if speaker is None:
                raise
            return speaker
        self._known.pop(key, None)
        if token is None:
            return None
        operator = known(self._house, token)
        self._known[key] = (now, operator)
        if len(self._known) > CACHE_ROOM:
            self._known.popitem(last=False)
        return operator

    async def _look(self, shown: Shown) -> Token | None:
        wall = self._house.clock.now()
        return await self._house.database.read(
            lambda c: entry.look(c, shown.secret, wall, is_session=shown.is_session)
        )

    def forget(self) -> None:
        """Somebody signed out."""
        self._known.clear()


class Throttle:
    """Counts failed sign-ins by address; bounded, the oldest goes first."""

    def __init__(self) -> None:
        self._failed: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, address: str, now: float) -> float:
        """How long that address must wait before it may try again; 0: not at all."""
        count = self._count(address, now)
        return max(0.0, (count - FAILURES + 1) * FORGIVEN_S)

    def fail(self, address: str, now: float) -> None:
        """It failed."""
        count = self._count(address, now)
        self._failed.pop(address, None)
        self._failed[address] = (now, count + 1)
        if len(self._failed) > THROTTLE_ROOM:
            self._failed.popitem(last=False)

    def _count(self, address: str, now: float) -> float:
        since, count = self._failed.get(address, (now, 0.0))
        return max(0.0, count - (now - since) / FORGIVEN_S)


class Needs:
    """A route's dependency: the right that it takes."""

    def __init__(self, right: May) -> None:
        self.right = right

    async def __call__(self, request: Request, house: Here) -> Operator:
        """Who is asking, where that right is theirs."""
        operator = await asking(request, house)
        if operator is None:
            raise HTTPException(
                401, "show a token, or sign in", {"WWW-Authenticate": 'Bearer realm="dabyl"'}
            )
        if not operator.may(self.right):
            raise HTTPException(403, f"the role {operator.role} may not {self.right.value}")
        return operator


class Everyone:
    """A route's dependency that says: no login, and that is meant."""

    async def __call__(self) -> None:
        """Nobody is asked."""


async def asking(request: Request, house: House) -> Operator | None:
    """Who asks; None: nobody we know.

    Raises:
        HTTPException: 403, a session is used from a foreign page.
    """
    shown = shown_by(request, house)
    if shown is None:
        return None
    if shown.is_session and request.method not in _SAFE:
        refuse_foreign(request)
    doorman: Doorman = request.app.state.doorman
    return await doorman.operator(shown)


def shown_by(request: Request, house: House) -> Shown | None:
    """The secret that a request carries: a token before a session."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme:
        is_token = scheme.lower() == "bearer" and 0 < len(secret) <= _SECRET_LIMIT
        return Shown(secret=secret, is_session=False) if is_token else None
    session = request.cookies.get(cookie_name(house), "")
    if not 0 < len(session) <= _SECRET_LIMIT:
        return None
    return Shown(secret=session, is_session=True)


def refuse_foreign(request: Request) -> None:
    """A browser's request that changes something must come from a page of ours.

    Raises:
        HTTPException: 403.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        is_ours = site == "same-origin"
    else:
        origin = request.headers.get("origin", "")
        is_ours = bool(origin) and urlsplit(origin).netloc == request.headers.get("host")
    if not is_ours:
        raise HTTPException(403, "this request came from a foreign page")


def cookie_name(house: House) -> str:
    """The session's cookie; under TLS no other host and no plain page can set it."""
    return "__Host-dabyl" if house.is_tls else "dabyl"


def known(house: House, token: Token) -> Operator:
    """Whom a token names, and whether it speaks for an authority."""
    operator = token.operator()
    return replace(operator, authority=operator.receiver in house.authorities)


Seer = Annotated[Operator, Depends(Needs(May.SEE))]
Claimer = Annotated[Operator, Depends(Needs(May.CLAIM))]
Stepper = Annotated[Operator, Depends(Needs(May.STEP))]
Shelver = Annotated[Operator, Depends(Needs(May.SHELVE))]
Responder = Annotated[Operator, Depends(Needs(May.RESPOND))]
Tester = Annotated[Operator, Depends(Needs(May.TEST))]
Resender = Annotated[Operator, Depends(Needs(May.RESEND))]
Inspector = Annotated[Operator, Depends(Needs(May.SEE_QUARANTINE))]
Viewer = Annotated[Operator, Depends(Needs(May.SEE_EVIDENCE))]
Auditor = Annotated[Operator, Depends(Needs(May.SEE_ACCESS))]
Reliever = Annotated[Operator, Depends(Needs(May.TAKE_OVER))]
AuditReader = Annotated[Operator, Depends(Needs(May.SEE_AUDIT))]
PeopleKeeper = Annotated[Operator, Depends(Needs(May.MANAGE_PEOPLE))]
ReportReader = Annotated[Operator, Depends(Needs(May.SEE_REPORTS))]
ShiftHolder = Annotated[Operator, Depends(Needs(May.HAND_OVER))]
Watcher = Annotated[Operator, Depends(Needs(May.WATCH_WALL))]
Armer = Annotated[Operator, Depends(Needs(May.ARM))]
Speaker = Annotated[Operator, Depends(Needs(May.SPEAK))]
OPEN = [Depends(Everyone())]
