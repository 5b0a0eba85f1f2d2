"""The audit over the API: read by whoever may, edited by nobody, its end signed on request."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from gateway.domain.deed import Deed
from gateway.domain.operator import May, Operator
from gateway.store import audit, audit_checkpoints, audit_views
from gateway.store.audit_checkpoints import Checkpoint
from gateway.store.audit_views import Sought
from gateway.store.database import Urgency
from gateway.web import audit_shapes, auth, paging, shown
from gateway.web.house import Here

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])
_Text = Annotated[str | None, Query(max_length=120)]


def wanted(
    who: _Text = None,
    what: Deed | None = None,
    key: _Text = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> Sought:
    """Which rows a query asks for."""
    return Sought(who=_given(who), what=what, key=_given(key), since=since, until=until)


Wanted = Annotated[Sought, Depends(wanted)]
Reader = Annotated[Operator, Depends(auth.Needs(May.SEE_AUDIT))]


@router.get("", response_model=audit_shapes.AuditPage)
async def list_audit(
    house: Here,
    operator: Reader,
    sought: Wanted,
    limit: paging.Limit = 100,
    cursor: paging.Cursor = None,
) -> Response:
    """Who did what, the newest first; of your districts, and what you did yourself."""
    before = paging.place("audit", cursor, int)
    own = seen_by(operator, sought)
    found = await house.database.read(lambda c: audit_views.listed(c, own, limit + 1, before))
    page = found[:limit]
    goes_on = paging.cursor("audit", page[-1].number) if len(found) > limit else None
    return shown.answer(audit_shapes.AuditPage(items=page, next=goes_on))


@router.get("/checkpoint", response_model=Checkpoint)
async def sign_end(house: Here, operator: Reader) -> Response:
    """A signed word of where the audit ends now: keep it, and `dabyl audit verify` compares."""
    signer, now = house.signer, house.clock.now()
    if signer is None:
        raise HTTPException(503, "nothing can be signed here")
    deed = audit.by(operator, Deed.CHECKPOINT, gateway=house.desk.teller.gateway)

    def transact(connection: Connection) -> Checkpoint:
        made = audit_checkpoints.of_end(connection, signer, now)
        audit.note(connection, replace(deed, key=str(made.number)), now)
        return made

    made = await house.database.write(transact, Urgency.EVENT)
    answer = shown.answer(made)
    name = f"dabyl-audit-{made.number}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def seen_by(operator: Operator, sought: Sought) -> Sought:
    """The same, of what that operator may see."""
    if not operator.districts:
        return sought
    return replace(sought, districts=operator.districts, also=operator.name)


def _given(text: str | None) -> str | None:
    """What was asked for, as any database takes it."""
    return (text or "").replace("\0", "").strip() or None
