"""The shape of a scenario file: every key, its limits, and nothing else."""

from typing import Annotated, Self

import pydantic
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from simulators.acts import Deed, Denial, Direction
from simulators.character import DeviceClass

TIME = r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"
PANIC_KIND = r"^panic\.[a-z_]{1,40}$"


class Strict(BaseModel):
    """What a person wrote: a key that nobody knows is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RegionRow(Strict):
    """Which schools there are, and what hangs in each."""

    sites: int = Field(ge=1, le=9000)
    buttons: int = Field(default=4, ge=0, le=64)
    turnstiles: int = Field(default=1, ge=0, le=16)
    cameras: int = Field(default=0, ge=0, le=64)
    camera_host: str = "127.0.0.1"
    camera_first_port: int = Field(default=8900, ge=1, le=65535)
    camera_makes: Annotated[tuple[str, ...], Field(min_length=1, max_length=64)] = ("plain",)
    wired_buttons: bool = False
    device_class: DeviceClass = DeviceClass.A
    check_in_s: float = Field(default=30.0, ge=1)
    silent_buttons: str | None = None


class MorningRow(Strict):
    """Pupils who come before the bell."""

    bell_at: str = Field(pattern=TIME)
    pupils_per_turnstile: int = Field(ge=1, le=20_000)


class ActRow(Strict):
    """What happens, or what the narrator says, or both; `device` may hold * and ?."""

    at_s: float = Field(ge=0)
    say: str | None = None
    does: Deed | None = None
    device: str | None = None
    share: float = Field(default=1.0, gt=0, le=1)
    spread_s: float = Field(default=0.0, ge=0)
    kind: str | None = Field(default=None, pattern=PANIC_KIND)
    part: int | None = Field(default=None, ge=1, le=64)
    test: bool = False
    percent: int = Field(default=10, ge=0, le=100)
    card: str = Field(default="7700000001", min_length=1, max_length=64)
    direction: Direction = Direction.IN
    reason: Denial = Denial.OTHER
    quirk: str = Field(default="", max_length=200)

    @pydantic.model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.does is None) is not (self.device is None):
            raise PydanticCustomError("half_an_act", "`does` and `device` go together")
        if self.does is None and self.say is None:
            raise PydanticCustomError("empty_act", "an act needs `say`, or `does` and `device`")
        return self


class ScenarioFile(Strict):
    """A whole scenario file."""

    about: str
    starts_at: str = Field(default="12:00", pattern=TIME)
    speed: float = Field(default=1.0, gt=0, le=1000)
    seed: int = 1
    region: RegionRow
    morning: MorningRow | None = None
    act: Annotated[tuple[ActRow, ...], Field(max_length=10_000)] = ()
