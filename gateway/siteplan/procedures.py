"""The file of procedures, which the operator of the system writes; without one, ours."""

import tomllib
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from gateway.domain.procedure import Instruction, Procedure
from gateway.domain.site import Names
from gateway.siteplan.plan import Notes, Strict, WrongFile, mistake

OURS = "procedures.toml"
_Kind = Annotated[str, Field(pattern=r"^[a-z_.*?]{1,64}$")]


class _Step(Strict):
    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    kk: Notes = ""
    ru: Notes = ""
    en: Notes = ""
    calls: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.kk or self.ru or self.en:
            return self
        raise ValueError(f"step {self.id} says nothing: fill kk, ru or en")


class _Procedure(Strict):
    kinds: Annotated[tuple[_Kind, ...], Field(min_length=1, max_length=64)]
    tests: bool = False
    silent: bool = False
    step: Annotated[tuple[_Step, ...], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _is_distinct(self) -> Self:
        twice = [name for name, n in Counter(one.id for one in self.step).items() if n > 1]
        if twice:
            raise ValueError(f"the steps {', '.join(twice)} of {self.kinds[0]} are there twice")
        return self


class _File(Strict):
    procedure: Annotated[tuple[_Procedure, ...], Field(max_length=200)] = ()


def read(path: Path | None) -> tuple[Procedure, ...]:
    """What that file says; None: the procedures that come with the gateway.

    Raises:
        WrongFile: with every mistake in it.
        OSError: it cannot be read.
    """
    if path is None:
        text = resources.files("gateway.siteplan").joinpath(OURS).read_text("utf-8")
        return _parsed(text, OURS)
    try:
        return _parsed(path.read_text("utf-8-sig"), path.name)
    except UnicodeDecodeError:
        raise WrongFile(path.name, ["it is not UTF-8"]) from None


def _parsed(text: str, file: str) -> tuple[Procedure, ...]:
    try:
        found = _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise WrongFile(file, [str(error)]) from None
    except ValidationError as error:
        raise WrongFile(file, [mistake(one) for one in error.errors()]) from None
    return tuple(
        Procedure(
            kinds=one.kinds,
            is_for_tests=one.tests,
            is_for_silent=one.silent,
            steps=tuple(
                Instruction(
                    id=step.id, text=Names(kk=step.kk, ru=step.ru, en=step.en), calls=step.calls
                )
                for step in one.step
            ),
        )
        for one in found.procedure
    )
