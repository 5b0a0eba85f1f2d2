"""How the centre behaves: well, or in one of the ways real receivers misbehave."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Behaviour(StrEnum):
    """What the centre does with a request."""

    OK = "ok"
    STATUS = "status"
    SLOW = "slow"
    HANG = "hang"
    DRIP = "drip"
    REFUSE = "refuse"
    RESET = "reset"
    FORGET = "forget"
    BUSY = "busy"
    REDIRECT = "redirect"
    PROXY_PAGE = "proxy_page"
    GARBAGE = "garbage"


class Garbage(StrEnum):
    """The sorts of an answer 200 that proves nothing."""

    NO_JSON = "no_json"
    WRONG_ID = "wrong_id"
    HALF = "half"
    ENDLESS = "endless"


Seconds = Annotated[float, Field(ge=0, le=3600)]


class Mode(BaseModel):
    """A behaviour, and the requests it is for: all, one key, one alarm, or the next so many.

    `slow` takes the alarm at once and answers after `seconds`, or at random up to `to_seconds`.
    `known` is how a notice that came again is answered.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Behaviour = Behaviour.OK
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    retry_after: str | int | None = None
    seconds: Seconds = 1.0
    to_seconds: Seconds | None = None
    garbage: Garbage = Garbage.NO_JSON
    known: Literal[200, 409] = 409
    id: str | None = None
    alarm: str | None = None
    next: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _names_a_status(self) -> Self:
        if self.mode is Behaviour.STATUS and self.status is None:
            raise ValueError("mode status needs a status")
        return self


class Switch:
    """The mode that is set, and how many requests it is still for."""

    def __init__(self) -> None:
        self.mode = Mode()
        self._left: int | None = None

    def set(self, mode: Mode) -> None:
        """Behave so from the next request on."""
        self.mode = mode
        self._left = mode.next

    def take(self, key: str) -> Mode:
        """Decide how to behave towards the request with this key, and count it."""
        mode = self.mode
        meant = mode.id in {None, key} and mode.alarm in {None, key.rpartition(":")[0]}
        if not meant or self._left == 0:
            return Mode(known=mode.known)
        if self._left is not None:
            self._left -= 1
        return mode
