"""Who is asking, and what they may: a token or a session, and a right for every route."""

import asyncio
import hashlib
import ipaddress
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from gateway.domain.operator import May, Operator
from gateway.store import entry, sessions
from gateway.store.database import StoreError, Urgency
from gateway.store.sessions import Found, Holder
from gateway.web.house import Here, House

CACHED_S = 2.0
"""How long a revoked token may still open a door."""
LOOK_WITHIN_S = 1.0
"""A device that was known does not wait longer for a store that is away."""
CACHE_ROOM = 1024
FOREIGN = "this request came from a foreign page"
PLAIN = (
    "people sign in over https alone, except on the gateway itself; a proxy before it must be named"
    " in http.proxies and say X-Forwarded-Proto: https"
)
USED_EACH = timedelta(minutes=1)
"""How exactly it is known when a session was last used."""
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
        """Who that is; None: nobody, or no longer."""
        key = hashlib.sha256(f"{shown.is_session}{shown.secret}".encode()).digest()
        now = self._house.clock.monotonic()
        found = self._known.get(key)
        if found is not None and now - found[0] < CACHED_S:
            return found[1]
        speaker = None if found is None or not found[1].may(May.SPEAK) else found[1]
        try:
            async with asyncio.timeout(None if speaker is None else LOOK_WITHIN_S):
                holder = await self._look(shown)
        except (StoreError, TimeoutError):
            # While the store is away a device that we knew may cry all the same; nobody else.
            if speaker is None:
                raise
            return speaker
        self._known.pop(key, None)
        if holder is None:
            return None
        operator = known(self._house, holder)
        self._known[key] = (now, operator)
        if len(self._known) > CACHE_ROOM:
            self._known.popitem(last=False)
        return operator

    async def _look(self, shown: Shown) -> Holder | None:
        wall = self._house.clock.now()
        found = await self._house.database.read(
            lambda c: entry.look(c, shown.secret, wall, is_session=shown.is_session)
        )
        if found is None:
            return None
        if shown.is_session:
            await self._use(shown.secret, found)
        return found.holder

    async def _use(self, session: str, found: Found) -> None:
        now = self._house.clock.now()
        if found.seen_at is not None and now - found.seen_at < USED_EACH:
            return
        # Who waits for a page need not wait for this: the store may be busy with presses.
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(LOOK_WITHIN_S):
                await self._house.database.write(
                    lambda c: sessions.use(c, session, now), Urgency.EVENT
                )

    def forget(self) -> None:
        """Somebody signed out."""
        self._known.clear()


class Needs:
    """A route's dependency: the right that it takes."""

    def __init__(self, right: May) -> None:
        self.right = right

    async def __call__(self, request: Request, house: Here) -> Operator:
        """Who is asking, where that right is theirs."""
        operator = await asking(request, house)
        if operator is None:
            raise _unknown(request)
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
        HTTPException: 403, a session is used from a foreign page, or over an open line.
    """
    shown = shown_by(request, house)
    if shown is None:
        return None
    if shown.is_session:
        if not is_sealed(request):
            raise HTTPException(403, PLAIN)
        if request.method not in _SAFE and not is_from_us(request):
            raise HTTPException(403, FOREIGN)
    doorman: Doorman = request.app.state.doorman
    return await doorman.operator(shown)


def _unknown(request: Request) -> HTTPException:
    """A program is told; a person who opened a page is led to the door, and back from there."""
    is_page = request.method == "GET" and not request.url.path.startswith("/api/")
    if not is_page or "text/html" not in request.headers.get("accept", ""):
        return HTTPException(
            401, "show a token, or sign in", {"WWW-Authenticate": 'Bearer realm="dabyl"'}
        )
    return HTTPException(303, "sign in first", {"Location": way_in(request)})


def way_in(request: Request) -> str:
    """The door, from which it goes on to the page that was asked for."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    language = request.query_params.get("lang")
    query = {"next": asked} if asked != "/" else {}
    query |= {} if language is None else {"lang": language}
    return f"/signin?{urlencode(query)}" if query else "/signin"


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


def is_from_us(request: Request) -> bool:
    """Whether a browser's request comes from a page of ours."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.headers.get("host")


def is_sealed(request: Request) -> bool:
    """Whether nobody on the way reads along: TLS, here or at the declared proxy, or no way."""
    return request.url.scheme == "https" or is_local(address_of(request))


def address_of(request: Request) -> str:
    """From where it came; where a declared proxy stands between, from where it came to that."""
    return "" if request.client is None else request.client.host


def is_local(address: str) -> bool:
    """Whether that is this machine; a socket of the file system has no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return not address
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback)


def cookie_name(house: House) -> str:
    """The session's cookie; under TLS no other host and no plain page can set it."""
    return "__Host-dabyl" if house.is_tls else "dabyl"


def known(house: House, holder: Holder) -> Operator:
    """Whom a token or a session names, and whether it speaks for an authority."""
    operator = holder.operator()
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
Reopener = Annotated[Operator, Depends(Needs(May.REOPEN))]
Armer = Annotated[Operator, Depends(Needs(May.ARM))]
Speaker = Annotated[Operator, Depends(Needs(May.SPEAK))]
OPEN = [Depends(Everyone())]
