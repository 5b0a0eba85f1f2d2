"""What is asked of the API: people's requests checked strictly, the centre's word leniently."""

from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    model_validator,
)

from gateway.domain.alarm import Disposition
from gateway.domain.operator import PEOPLE, Role, is_login
from gateway.domain.password import LONGEST
from gateway.domain.steps import NOTE_LIMIT, Response, ResponseState


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("a text may not hold NUL")
    return text


Text = Annotated[str, Field(min_length=1, max_length=NOTE_LIMIT), AfterValidator(_without_nul)]
Short = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_without_nul)]
Version = Annotated[int, Field(ge=1, lt=2**31)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Claim(_Strict):
    """Nothing needs to be said."""


class Acknowledge(_Strict):
    """I have seen it."""

    version: Version
    note: Text | None = None


class Note(_Strict):
    """A line in the time line."""

    note: Text


class Shelve(_Strict):
    """Hide it for a time."""

    version: Version
    until: AwareDatetime
    reason: Text


class Unshelve(_Strict):
    """Show it again."""

    version: Version


class Close(_Strict):
    """How it ended."""

    version: Version
    disposition: Disposition
    note: Text | None = None


class Reopen(_Strict):
    """It was closed by mistake, and why."""

    version: Version
    reason: Text


class TakeOver(_Strict):
    """I hold it now, in the place of whoever did."""

    version: Version


class Agree(_Strict):
    """I agree to the centre's closing."""

    version: Version


class Tick(_Strict):
    """A step of the procedure, by its name in the procedure's file; not `done`: after all not."""

    step: Short
    done: bool = True


class SignOfLife(_Strict):
    """How a console is: whether a shift was begun at it, and whether its sound runs."""

    armed: bool
    sound: bool


class OpenTests(_Strict):
    """A test window for named devices."""

    devices: Annotated[list[Short], Field(min_length=1, max_length=500)]
    minutes: Annotated[int, Field(ge=1, le=60)]
    expected: Annotated[int, Field(ge=1, le=100)] = 3
    reason: Text


class HandOver(_Strict):
    """To whom, and what they must know."""

    taker: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    note: Annotated[str, Field(max_length=NOTE_LIMIT), AfterValidator(_without_nul)] = ""


class SignIn(_Strict):
    """What is shown to get in: a token, or a name and a password."""

    token: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    name: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    password: Annotated[str, Field(min_length=1, max_length=LONGEST)] | None = None

    @model_validator(mode="after")
    def _is_one_way(self) -> "SignIn":
        by_name = self.name is not None and self.password is not None
        if (self.token is not None) == by_name or (self.name is None) != (self.password is None):
            raise ValueError("show a token, or a name and a password")
        return self


class NewPassword(_Strict):
    """The old one and the new."""

    old: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    new: Annotated[str, Field(min_length=1, max_length=LONGEST)]


def _login(text: str) -> str:
    login = text.strip().casefold()
    if not is_login(login):
        raise ValueError("a name is 1 to 64 of a-z, 0-9 and . _ - @")
    return login


def _of_people(role: Role) -> Role:
    if role not in PEOPLE:
        raise ValueError("people have no such role: make a token for it")
    return role


PeoplesRole = Annotated[Role, AfterValidator(_of_people)]
District = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_without_nul)]


class ChangePerson(_Strict):
    """What somebody is, and where; no districts: every one."""

    role: PeoplesRole
    districts: Annotated[list[District], Field(max_length=200)] = []
    shown: Annotated[str, Field(max_length=200), AfterValidator(_without_nul)] = ""


class AddPerson(ChangePerson):
    """Who comes in."""

    name: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_login)]


class CentreOperator(BaseModel):
    """Who at the centre."""

    id: Short | None = None
    name: Annotated[str, Field(max_length=200)] | None = None


class Respond(BaseModel):
    """What the centre says; fields we do not know are its own business."""

    id: Short
    state: ResponseState
    at: AwareDatetime | None = None
    operator: CentreOperator | None = None
    disposition: Disposition | None = None
    reference: Annotated[str, Field(max_length=200)] | None = None
    note: Annotated[str, Field(max_length=NOTE_LIMIT)] | None = None
    version: Version | None = None

    def said(self) -> Response:
        """As the domain's noun."""
        return Response(
            id=self.id,
            state=self.state,
            at=self.at,
            operator_id=None if self.operator is None else self.operator.id,
            operator_name=None if self.operator is None else self.operator.name,
            disposition=self.disposition,
            reference=self.reference,
            note=self.note,
            version=self.version,
        )
