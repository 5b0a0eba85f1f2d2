"""Stills over the API: given only to whoever sees their alarm, and each time written down first."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Path, Response
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from gateway.domain.deed import Deed
from gateway.domain.errors import Foreign, Unknown
from gateway.domain.operator import Operator
from gateway.domain.stills import Fate
from gateway.store import access, audit, deliveries, evidence
from gateway.store.access import Access
from gateway.store.database import Urgency
from gateway.store.evidence import Sight
from gateway.web import auth, paging, shown, still_shapes
from gateway.web.house import Here, House

CONTENT_TYPES = {"image/jpeg": "jpg", "image/png": "png"}
"""Nothing that a browser could run is ever called by its name."""
KEPT_BY_BROWSER_S = 3600
AGAIN_S = 10
router = APIRouter(prefix="/api/v1/evidence", tags=["evidence"])
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the still")]


@router.get(
    "/{sha256}",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "the still"}},
)
async def see_still(
    house: Here,
    operator: auth.Viewer,
    sha256: Digest,
    if_none_match: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """A still by its digest; who is given it is written down. 410: it was, and is too old."""
    sight = await _sight(house, operator, sha256)
    if sight.fate is not Fate.KEPT:
        raise HTTPException(410, "it was kept as long as was asked for, and is gone")
    known = sight.content_type in CONTENT_TYPES
    kind = sight.content_type if known else "application/octet-stream"
    headers = _headers(sha256, CONTENT_TYPES.get(kind, "bin"))
    is_known = if_none_match is not None and headers["ETag"] in if_none_match
    body = b"" if is_known else await _bytes(house, sha256)
    if body is None:
        raise HTTPException(410, "its bytes cannot be found any more, or are not what they were")
    await _note(house, operator, sha256, sight)
    if is_known:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=kind)


@router.get("/{sha256}/access", response_model=still_shapes.AccessPage)
async def list_access(
    house: Here,
    operator: auth.Auditor,
    sha256: Digest,
    limit: paging.Limit = 100,
    cursor: paging.Cursor = None,
) -> Response:
    """Who was given that still, and when, the newest first."""
    await _sight(house, operator, sha256)
    before = paging.place("access", cursor, int)
    found = await house.database.read(lambda c: access.listed(c, sha256, limit + 1, before))
    page = found[:limit]
    goes_on = paging.cursor("access", page[-1].id) if len(found) > limit else None
    return shown.answer(still_shapes.AccessPage(items=page, next=goes_on))


async def _bytes(house: House, sha256: str) -> bytes | None:
    try:
        return await house.still(sha256)
    except OSError as error:  # it hangs, or fails: that is not for ever, as 410 is
        why = "the disk of stills does not answer"
        raise HTTPException(503, why, {"Retry-After": str(AGAIN_S)}) from error


async def _sight(house: House, operator: Operator, sha256: str) -> Sight:
    """The alarm by which this operator may see it; one whose still is kept before others.

    Raises:
        Unknown: there is none; what is not theirs does not exist for them.
    """
    found = await house.database.read(partial(_seen, operator, sha256))
    if found is None:
        raise Unknown("still", sha256)
    return found


def _seen(operator: Operator, sha256: str, connection: Connection) -> Sight | None:
    known = evidence.sights(connection, sha256)
    theirs = (one for one in known if operator.sees(one.district))
    for one in sorted(theirs, key=lambda one: one.fate is not Fate.KEPT):
        if operator.is_person or _was_told(connection, operator.receiver, one):
            return one
    if known:
        raise Foreign("still", sha256)
    return None


def _was_told(connection: Connection, receiver: str | None, one: Sight) -> bool:
    return receiver is not None and deliveries.was_told(connection, receiver, one.alarm)


async def _note(house: House, operator: Operator, sha256: str, sight: Sight) -> None:
    now, gateway = house.clock.now(), house.desk.teller.gateway
    one = Access(
        at=now,
        who=operator.name,
        role=operator.role.value,
        sha256=sha256,
        alarm=sight.alarm,
        gateway=gateway,
    )
    deed = audit.by(
        operator,
        Deed.EVIDENCE_SEEN,
        sha256,
        {"alarm": sight.alarm},
        district=sight.district,
        gateway=gateway,
    )

    def transact(connection: Connection) -> None:
        access.note(connection, one)
        audit.note(connection, deed, now)

    await house.database.write(transact, Urgency.EVENT)


def _headers(sha256: str, ending: str) -> dict[str, str]:
    return {
        "ETag": f'"{sha256}"',
        # Not in a shared cache, and not for whoever signs in after this one.
        "Cache-Control": f"private, max-age={KEPT_BY_BROWSER_S}",
        "Vary": "Cookie, Authorization",
        "Content-Disposition": f'inline; filename="{sha256[:12]}.{ending}"',
    }
