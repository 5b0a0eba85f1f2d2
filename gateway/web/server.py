"""The server: every route joined, under one shield, denied unless a right is declared."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib import resources
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.staticfiles import StaticFiles

from gateway.domain.operator import May
from gateway.web import (
    alarms,
    audit,
    audit_page,
    auth,
    console,
    consoles,
    docs,
    doors,
    elsewhere,
    evidence,
    exports,
    figures,
    handover,
    health,
    live,
    own_password,
    papers,
    problem,
    records,
    report,
    session,
    shield,
    sites,
    staff,
    staff_page,
    status,
    wall,
    windows,
)
from gateway.web.checking import Checking
from gateway.web.house import House
from gateway.web.hub import Hub
from gateway.web.reception import Reception
from gateway.web.refusals import Refusals

API_VERSION = "1"
# They are asked in this order. The stream before the alarms: it is no alarm's id.
ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    live.router,
    alarms.router,
    consoles.router,
    papers.router,
    windows.router,
    sites.router,
    records.router,
    evidence.router,
    audit.router,
    audit_page.router,
    exports.router,
    figures.router,
    handover.router,
    wall.router,
    session.router,
    staff.router,
    staff_page.router,
    doors.router,
    own_password.router,
    elsewhere.router,
    status.router,
    docs.router,
    console.router,
    report.router,
)


class Undeclared(Exception):
    """A route says neither which right it needs nor that it is open to everyone."""


def create_app(house: House) -> FastAPI:
    """The application on that house. Its hub runs while its lifespan does (`app.state.hub`).

    Raises:
        Undeclared: a route was written without its right.
    """

    @asynccontextmanager
    async def live_hub(app: FastAPI) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            running = [
                group.create_task(app.state.hub.run()),
                group.create_task(app.state.refusals.run()),
            ]
            yield
            app.state.hub.close()
            for one in running:
                one.cancel()

    app = FastAPI(
        title="Dabyl",
        version=API_VERSION,
        summary="Alarms of schools, and what is done about them",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=live_hub,
        redirect_slashes=False,
    )
    app.state.house, app.state.hub = house, Hub(house)
    app.state.doorman, app.state.reception = auth.Doorman(house), Reception()
    app.state.signs = consoles.Signs()
    app.state.refusals, app.state.checking = Refusals(house), Checking()
    problem.install(app)
    for _ in rights():
        pass  # every route was asked, and none refused to answer
    # Joined as they are: `include_router` would build each of them anew at the first question,
    # with every model of it, and hold up whatever else this loop has to do, a press among it.
    for router in ROUTERS:
        app.router.routes.extend(router.routes)
    static = Path(str(resources.files("gateway.web").joinpath("static")))
    app.mount("/static", StaticFiles(directory=static))
    app.add_middleware(shield.Shield, is_tls=house.is_tls)
    return app


def rights() -> Iterator[tuple[APIRoute, May | None]]:
    """Every route with the right it needs; None: it is open to everyone, and says so.

    Raises:
        Undeclared: one says neither, or both.
    """
    for router in ROUTERS:
        for route in router.routes:
            if not isinstance(route, APIRoute):
                raise Undeclared(str(route))
            found = [one.call for one in route.dependant.dependencies]
            needs = [one for one in found if isinstance(one, auth.Needs)]
            is_open = any(isinstance(one, auth.Everyone) for one in found)
            if len(needs) + is_open != 1:
                raise Undeclared(f"{route.methods} {route.path}")
            yield route, needs[0].right if needs else None
