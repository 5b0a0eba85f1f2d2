"""The session over the API: begun with a token or a password, looked at, ended."""

from fastapi import APIRouter, Request, Response

from gateway.store import entry
from gateway.store.database import Urgency
from gateway.web import auth, entering, schemas, shapes, shown
from gateway.web.house import Here

router = APIRouter(prefix="/api/v1/session", tags=["session"])


@router.post("", dependencies=auth.OPEN, response_model=shapes.Me)
async def open_session(request: Request, house: Here, body: schemas.SignIn) -> Response:
    """Show a token, or a name and a password, get an HttpOnly SameSite=Strict cookie."""
    if body.name is not None and body.password is not None:
        entered = await entering.by_password(request, house, body.name, body.password)
    else:
        entered = await entering.by_secret(request, house, body.token or "", once=False)
    answer = shown.answer(shown.me(entered.operator))
    return entering.with_cookie(answer, house, entered.session)


@router.get("", response_model=shapes.Me)
async def see_session(operator: auth.Seer) -> Response:
    """Who you are here."""
    return shown.answer(shown.me(operator))


@router.delete("", status_code=204)
async def close_session(request: Request, house: Here, operator: auth.Seer) -> Response:
    """Sign out."""
    credential = auth.shown_by(request, house)
    if credential is not None and credential.is_session:
        secret, now, gateway = credential.secret, house.clock.now(), house.desk.teller.gateway
        await house.database.write(
            lambda c: entry.leave(c, secret, operator, now, gateway), Urgency.STEP
        )
        request.app.state.doorman.forget()
    response = Response(status_code=204)
    response.delete_cookie(auth.cookie_name(house), path="/", secure=house.is_tls)
    return response
