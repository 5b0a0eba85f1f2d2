"""Refusals: who was refused what, gathered so that nobody fills the audit by being refused."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

import structlog
from fastapi import Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from gateway.domain.deed import Deed, Why
from gateway.domain.errors import Alarmed, Claimed, Foreign, NotYours, Refusal, Stale
from gateway.domain.operator import Operator
from gateway.store import audit
from gateway.store.audit import Audited
from gateway.store.database import StoreError, Urgency
from gateway.web import auth, reception
from gateway.web.house import House
from gateway.web.reception import Refused

SOON_S = 1.0
"""The first is written so soon …"""
EVERY_S = 9.0
"""… and what comes after it so much later, together."""
ROOM = 32
"""So many rows at one time at most; whoever comes beyond is counted as one of many."""
OTHERS = "…"
_KINDS: Mapping[type[Refusal], Why] = {
    Foreign: Why.FOREIGN_DISTRICT,
    Stale: Why.STALE_VERSION,
    Claimed: Why.TAKEN,
    Alarmed: Why.ALARM_OPEN,
    NotYours: Why.FORBIDDEN,
}
_AT_THE_DOOR: Mapping[reception.Why, Why] = {
    reception.Why.FAILED: Why.SIGN_IN_FAILED,
    reception.Why.SPENT: Why.SIGN_IN_FAILED,
    reception.Why.STRANGER: Why.SIGN_IN_FAILED,
    reception.Why.FOREIGN: Why.CROSS_SITE,
    reception.Why.PLAIN: Why.PLAIN_HTTP,
    reception.Why.THROTTLED: Why.THROTTLED,
}
"""Who is told to come again, because of us or of another place, was refused nothing."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Who:
    why: Why
    name: str
    role: str
    address: str
    district: str | None
    key: str
    """Of what."""


@dataclass(slots=True)
class _Often:
    count: int
    since: datetime
    last: str


class Refusals:
    """What was refused and is not written yet; bounded, also while the store is away."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._found: dict[_Who, _Often] = {}
        self._wake = asyncio.Event()

    def add(
        self,
        why: Why,
        request: Request,
        *,
        operator: Operator | None = None,
        name: str = "",
        key: str = "",
    ) -> None:
        """Remember one; `name` where nobody is signed in and somebody claims to be."""
        who = _Who(
            why,
            (name if operator is None else operator.name)[:80],
            "" if operator is None else operator.role.value,
            "" if request.client is None else request.client.host,
            next(iter(operator.districts)) if operator and len(operator.districts) == 1 else None,
            key[:120],
        )
        said = f"{request.method} {request.url.path}"[:200]
        self._count(who, _Often(1, self._house.clock.now(), said))
        self._wake.set()

    async def run(self) -> None:
        """Write them down, together, until cancelled."""
        while True:
            await self._wake.wait()
            await self._house.clock.sleep(SOON_S)
            await self.write()
            await self._house.clock.sleep(EVERY_S)

    async def write(self) -> None:
        """Write down what is there; what the store does not take now is kept for the next time."""
        found, self._found = self._found, {}
        self._wake.clear()
        if not found:
            return
        gateway, now = self._house.desk.teller.gateway, self._house.clock.now()
        rows = [_row(who, often, gateway) for who, often in found.items()]

        def transact(connection: Connection) -> None:
            for row in rows:
                audit.note(connection, row, now)

        try:
            await self._house.database.write(transact, Urgency.EVENT)
        except StoreError as error:
            log.debug("refusals wait for the store", why=str(error))
            for who, often in found.items():
                self._count(who, often)
            self._wake.set()

    def _count(self, who: _Who, often: _Often) -> None:
        if who not in self._found and len(self._found) >= ROOM - len(Why):
            who = _Who(who.why, OTHERS, "", "", None, "")
        known = self._found.setdefault(who, _Often(0, often.since, ""))
        known.count += often.count
        known.since = min(known.since, often.since)
        known.last = often.last


async def note(request: Request, error: Exception) -> Why | None:
    """Remember that refusal, if it is one that is audited; why it was."""
    house: House = request.app.state.house
    why = _why(request, house, error)
    if why is None:
        return None
    refusals: Refusals = request.app.state.refusals
    key = str(getattr(error, "key", "") or getattr(error, "alarm", ""))
    if isinstance(error, Refused):
        refusals.add(why, request, name=error.name, key=key)
    else:
        refusals.add(why, request, operator=await _operator(request, house), key=key)
    return why


def _why(request: Request, house: House, error: Exception) -> Why | None:
    if isinstance(error, Refusal):
        return _KINDS.get(type(error))
    status = error.status_code if isinstance(error, HTTPException) else 0
    if isinstance(error, Refused):
        return _AT_THE_DOOR.get(error.why)
    if status == HTTPStatus.FORBIDDEN and not auth.is_sealed(request):
        return Why.PLAIN_HTTP
    if status == HTTPStatus.FORBIDDEN:
        return Why.CROSS_SITE if _is_foreign(request, house) else Why.FORBIDDEN
    shown = auth.shown_by(request, house)
    if status != HTTPStatus.UNAUTHORIZED or shown is None:
        return None  # a stranger, or a page that was opened first: counted all the same
    return Why.EXPIRED_SESSION if shown.is_session else Why.UNKNOWN_TOKEN


def _is_foreign(request: Request, house: House) -> bool:
    """Whether it came from a page of somebody else's."""
    shown = auth.shown_by(request, house)
    if shown is not None and not shown.is_session:
        return False
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return False
    return not auth.is_from_us(request)


async def _operator(request: Request, house: House) -> Operator | None:
    """Who asked; the doorman knows them for a while."""
    shown = auth.shown_by(request, house)
    doorman: auth.Doorman = request.app.state.doorman
    try:
        return None if shown is None else await doorman.operator(shown)
    except (StoreError, TimeoutError):
        return None


def _row(who: _Who, often: _Often, gateway: str) -> Audited:
    return Audited(
        who=who.name,
        role=who.role,
        what=Deed.REFUSED,
        key=who.key,
        district=who.district,
        gateway=gateway,
        data={
            "why": who.why,
            "count": often.count,
            "since": often.since,
            "address": who.address,
            "request": often.last,
        },
    )
