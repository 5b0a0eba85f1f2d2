"""Entering: whoever shows a token, a link or a password gets a session, or a reason why not."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from fastapi import Request, Response
from starlette.exceptions import HTTPException

from gateway import metrics, passwords
from gateway.domain import operator as operators
from gateway.domain import password as policy
from gateway.domain.operator import Operator
from gateway.domain.password import Weak
from gateway.store import entry, people
from gateway.store.database import StoreError, Urgency
from gateway.store.sessions import Holder, Session
from gateway.web import auth
from gateway.web.house import House
from gateway.web.reception import Reception, Refused, Why

LASTS = timedelta(hours=14)
"""A dispatcher's shift of twelve hours, with the handing over at both its ends."""


class WeakPassword(HTTPException):
    """A new password that will not do."""

    def __init__(self, weak: Weak) -> None:
        super().__init__(422, f"this password will not do: {weak.value}")
        self.weak = weak


class Way(StrEnum):
    """How somebody wants to come in."""

    PASSWORD = "password"  # noqa: S105 - the name of a way
    TOKEN = "token"  # noqa: S105 - likewise
    LINK = "link"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """Who came in, and the secret of their session."""

    operator: Operator
    session: str


async def by_secret(request: Request, house: House, secret: str, *, once: bool) -> Entered:
    """With a person's token, or a one-time link, which is used up.

    Raises:
        Refused: they do not come in.
    """

    async def attempt(session: Session) -> Holder | None:
        return await house.database.write(
            lambda c: entry.enter(c, secret, session, once=once), Urgency.STEP
        )

    return await _counted(request, house, Way.LINK if once else Way.TOKEN, None, attempt)


async def by_password(request: Request, house: House, name: str, password: str) -> Entered:
    """With a name and its password.

    Raises:
        Refused: they do not come in.
    """
    account = name.strip().casefold()[: operators.NAME_LIMIT]
    reception: Reception = request.app.state.reception
    known = ""

    async def attempt(session: Session) -> Holder | None:
        nonlocal known
        is_name = operators.is_login(account)
        person = (await house.database.read(lambda c: people.get(c, account))) if is_name else None
        known = "" if person is None else person.name
        kept = None if person is None or person.disabled_at is not None else person.hash
        if not await reception.fits(kept, password) or person is None or kept is None:
            return None
        renewed = await reception.hashed(password) if passwords.is_dated(kept) else None
        return await house.database.write(
            lambda c: entry.enter_by_password(c, person, session, renewed), Urgency.STEP
        )

    try:
        return await _counted(request, house, Way.PASSWORD, account, attempt)
    except Refused as refused:
        refused.name = known
        raise


async def change_password(
    request: Request, house: House, operator: Operator, old: str, new: str
) -> Entered:
    """Give whoever knows the old password a new one; their other sessions end.

    Raises:
        Refused: it is not the old one; they have none here. WeakPassword: the new one is weak.
    """
    reception: Reception = request.app.state.reception

    async def attempt(session: Session) -> Holder | None:
        seen = await house.database.read(lambda c: people.get(c, operator.name))
        if seen is None or not await reception.fits(seen.hash, old):
            return None
        weak = policy.weakness(new, operator.name)
        if weak is not None:
            raise WeakPassword(weak)
        hashed = await reception.hashed(new)
        return await house.database.write(
            lambda c: entry.change_password(c, seen, session, hashed), Urgency.STEP
        )

    try:
        return await _counted(request, house, Way.PASSWORD, operator.name, attempt)
    except Refused as refused:
        refused.name = operator.name
        raise


async def from_elsewhere(request: Request, house: House, issuer: str, subject: str) -> Entered:
    """Vouched for by the organisation's own sign-in.

    Raises:
        Refused: nobody here is that one.
    """

    async def attempt(session: Session) -> Holder | None:
        found = await house.database.write(
            lambda c: entry.enter_from_elsewhere(c, issuer, subject, session), Urgency.STEP
        )
        if found is None:
            raise Refused(Why.STRANGER, f"nobody here is {subject!r} of {issuer}")
        return found

    return await _counted(request, house, Way.ELSEWHERE, None, attempt)


def with_cookie(response: Response, house: House, session: str) -> Response:
    """That answer, which brings the session to the browser."""
    response.set_cookie(
        auth.cookie_name(house),
        session,
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=house.is_tls,
        httponly=True,
        samesite="strict",
    )
    return response


async def _counted(
    request: Request,
    house: House,
    way: Way,
    account: str | None,
    attempt: Callable[[Session], Awaitable[Holder | None]],
) -> Entered:
    try:
        _admit(request, way)
        session = _session(request, house, way)
        entered = await _throttled(request, house, account, session, attempt)
    except Refused as refused:
        metrics.sign_ins.labels(way.value, refused.why.value).inc()
        raise
    metrics.sign_ins.labels(way.value, "entered").inc()
    return entered


def _admit(request: Request, way: Way) -> None:
    if not auth.is_sealed(request):
        raise Refused(Why.PLAIN, auth.PLAIN)
    is_browser = "origin" in request.headers or "sec-fetch-site" in request.headers
    # Who comes back from elsewhere comes from a foreign page; the state in the cookie is the proof.
    if is_browser and way is not Way.ELSEWHERE and not auth.is_from_us(request):
        raise Refused(Why.FOREIGN, auth.FOREIGN)


async def _throttled(
    request: Request,
    house: House,
    account: str | None,
    session: Session,
    attempt: Callable[[Session], Awaitable[Holder | None]],
) -> Entered:
    reception: Reception = request.app.state.reception
    throttle, address = reception.throttle, auth.address_of(request)
    wait_s = throttle.begin(address, account, house.clock.monotonic())
    if wait_s > 0:
        again = {"Retry-After": f"{wait_s:.0f}"}
        raise Refused(Why.THROTTLED, "too many failed sign-ins", again)
    try:
        holder = await attempt(session)
    except (StoreError, HTTPException):  # whoever it was, it was no guess
        throttle.forgive(address, account, house.clock.monotonic())
        raise
    if holder is None:
        why = Why.SPENT if account is None else Why.FAILED
        raise Refused(why, "nobody has this", {"WWW-Authenticate": "Bearer"})
    throttle.succeed(address, account, house.clock.monotonic())
    return Entered(operator=auth.known(house, holder), session=session.secret)


def _session(request: Request, house: House, way: Way) -> Session:
    begins = house.clock.now()
    return Session(
        secret=secrets.token_urlsafe(32),
        began_at=begins,
        until=begins + LASTS,
        address=auth.address_of(request),
        instead_of=request.cookies.get(auth.cookie_name(house)),
        way=way.value,
        gateway=house.desk.teller.gateway,
    )
