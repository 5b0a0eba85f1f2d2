"""People over the API: an admin lets them in, changes what they are, and ends it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from gateway import passwords
from gateway.domain.deed import Deed
from gateway.domain.errors import Unknown
from gateway.domain.operator import NAME_LIMIT, Operator
from gateway.store import audit, people, sessions
from gateway.store.database import Urgency
from gateway.store.operators import NameTaken
from gateway.store.people import Person
from gateway.web import auth, schemas, shown
from gateway.web.house import Here, House
from gateway.web.reception import Reception

router = APIRouter(prefix="/api/v1/people", tags=["people"])
Name = Annotated[str, Path(max_length=NAME_LIMIT)]
Edit = Callable[[Connection, Person], tuple[Deed, dict[str, object]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """Somebody who signs in by name."""

    name: str
    shown: str
    role: str
    districts: Sequence[str]
    """Empty: every district."""
    created_at: datetime
    disabled_at: datetime | None
    seen_at: datetime | None
    """When they were last here, of the sessions that are not over."""
    elsewhere: bool
    """Whether they may come in by their organisation's own sign-in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """Everybody of your districts, by name."""

    items: Sequence[PersonView]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A person and the password that was made for them; it is said this once."""

    person: PersonView
    password: str


@router.get("", response_model=PersonPage)
async def list_people(house: Here, operator: auth.PeopleKeeper) -> Response:
    """Everybody of your districts, by name."""
    return shown.answer(PersonPage(items=await everybody(house, operator)))


@router.post("", status_code=201, response_model=Given)
async def add_person(
    request: Request, house: Here, operator: auth.PeopleKeeper, body: schemas.AddPerson
) -> Response:
    """Let somebody in, with a password that is made and said once; 409 where the name is taken."""
    return shown.answer(await add(request, house, operator, body), 201)


@router.post("/{name}/change", response_model=PersonView)
async def change_person(
    house: Here, operator: auth.PeopleKeeper, name: Name, body: schemas.ChangePerson
) -> Response:
    """Say anew what they are, and where; it counts at once."""
    return shown.answer(await change(house, operator, name, body))


@router.post("/{name}/password", response_model=Given)
async def renew_password(
    request: Request, house: Here, operator: auth.PeopleKeeper, name: Name
) -> Response:
    """Make them a new password, said this once; their sessions end."""
    return shown.answer(await renew(request, house, operator, name))


@router.post("/{name}/disable", response_model=PersonView)
async def disable_person(
    request: Request, house: Here, operator: auth.PeopleKeeper, name: Name
) -> Response:
    """Let them in no more; their sessions end. Not oneself: somebody must be able to undo it."""
    return shown.answer(await let(request, house, operator, name, is_in=False))


@router.post("/{name}/enable", response_model=PersonView)
async def enable_person(
    request: Request, house: Here, operator: auth.PeopleKeeper, name: Name
) -> Response:
    """Let them in again."""
    return shown.answer(await let(request, house, operator, name, is_in=True))


async def everybody(house: House, operator: Operator) -> list[PersonView]:
    """Those whom this admin keeps."""
    now = house.clock.now()

    def look(connection: Connection) -> list[PersonView]:
        known = [one for one in people.listed(connection) if operator.keeps(one.districts)]
        return [_view(connection, one, now) for one in known]

    return await house.database.read(look)


async def add(
    request: Request, house: House, operator: Operator, asked: schemas.AddPerson
) -> Given:
    """Let somebody in.

    Raises:
        HTTPException: 403, another district's; 409, the name is taken.
    """
    _require_own(operator, asked.districts)
    made, now = passwords.made(), house.clock.now()
    reception: Reception = request.app.state.reception
    person = Person(
        name=asked.name,
        shown=asked.shown,
        role=asked.role,
        districts=tuple(asked.districts),
        hash=await reception.hashed(made),
        created_at=now,
        password_at=now,
    )

    def transact(connection: Connection) -> PersonView:
        people.add(connection, person)
        said = {"role": person.role.value, "districts": person.districts}
        _note(connection, house, operator, Deed.PERSON_ADDED, person.name, said)
        return _view(connection, person, now)

    try:
        return Given(person=await house.database.write(transact, Urgency.STEP), password=made)
    except NameTaken:
        raise HTTPException(409, "there is somebody called so already") from None


async def change(
    house: House, operator: Operator, name: str, asked: schemas.ChangePerson
) -> PersonView:
    """Say anew what they are, and where."""
    _require_own(operator, asked.districts)
    if name == operator.name and asked.role is not operator.role:
        raise HTTPException(409, "nobody takes their own role away: another admin does it")

    def edit(connection: Connection, _: Person) -> tuple[Deed, dict[str, object]]:
        people.change(connection, name, asked.role, asked.districts, asked.shown)
        return Deed.PERSON_CHANGED, {"role": asked.role.value, "districts": asked.districts}

    return await _edited(house, operator, name, edit)


async def renew(request: Request, house: House, operator: Operator, name: str) -> Given:
    """Make them a new password."""
    made, reception = passwords.made(), request.app.state.reception
    hashed, now = await reception.hashed(made), house.clock.now()

    def edit(connection: Connection, _: Person) -> tuple[Deed, dict[str, object]]:
        people.set_password(connection, name, hashed, now)
        return Deed.PASSWORD_CHANGED, {}

    person = await _edited(house, operator, name, edit)
    request.app.state.doorman.forget()
    return Given(person=person, password=made)


async def let(
    request: Request, house: House, operator: Operator, name: str, *, is_in: bool
) -> PersonView:
    """Let them in, or no more."""
    if name == operator.name:
        raise HTTPException(409, "nobody shuts themselves out: another admin does it")
    at = None if is_in else house.clock.now()

    def edit(connection: Connection, _: Person) -> tuple[Deed, dict[str, object]]:
        people.disable(connection, name, at)
        return (Deed.PERSON_CHANGED, {"enabled": True}) if is_in else (Deed.PERSON_DISABLED, {})

    person = await _edited(house, operator, name, edit)
    request.app.state.doorman.forget()
    return person


async def _edited(house: House, operator: Operator, name: str, edit: Edit) -> PersonView:
    now = house.clock.now()

    def transact(connection: Connection) -> PersonView:
        before = people.get(connection, name, hold=True)
        if before is None or not operator.keeps(before.districts):
            raise Unknown("person", name)
        what, data = edit(connection, before)
        _note(connection, house, operator, what, name, data)
        return _view(connection, people.get(connection, name) or before, now)

    return await house.database.write(transact, Urgency.STEP)


def _require_own(operator: Operator, districts: Sequence[str]) -> None:
    if not operator.keeps(districts):
        raise HTTPException(403, "an admin of some districts lets people into those alone")


def _note(
    connection: Connection,
    house: House,
    operator: Operator,
    what: Deed,
    name: str,
    data: Mapping[str, object],
) -> None:
    gateway, now = house.desk.teller.gateway, house.clock.now()
    audit.note(connection, audit.by(operator, what, name, data, gateway=gateway), now)


def _view(connection: Connection, one: Person, now: datetime) -> PersonView:
    used = sessions.of(connection, one.name, now)
    return PersonView(
        name=one.name,
        shown=one.shown or one.name,
        role=one.role.value,
        districts=one.districts,
        created_at=one.created_at,
        disabled_at=one.disabled_at,
        seen_at=max((use.seen_at for use in used if use.seen_at), default=None),
        elsewhere=one.subject is not None,
    )
