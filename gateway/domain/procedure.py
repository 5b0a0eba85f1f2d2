"""Procedures: what a person does about an alarm, step by step, by its kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from gateway.domain.site import Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One thing to do; ticked, it is a line of the alarm's time line under its id."""

    id: str
    text: Names
    calls: bool = False
    """It telephones the site, which a silent cry forbids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """The steps for some kinds of alarms, in order."""

    kinds: tuple[str, ...]
    """Each may hold `*`."""
    is_for_tests: bool = False
    """For what comes within a test window, and only for that."""
    is_for_silent: bool = False
    """Only for what nothing at the site may betray."""
    steps: tuple[Instruction, ...] = ()

    def hushed(self) -> tuple[Instruction, ...]:
        """Those that do not telephone the site."""
        return tuple(one for one in self.steps if not one.calls)


def fitting(
    procedures: Sequence[Procedure], kind: str, *, test: bool, silent: bool
) -> Procedure | None:
    """The first that fits an alarm of that kind; None: nobody wrote one."""
    return next(
        (
            one
            for one in procedures
            if one.is_for_tests == test
            and (silent or not one.is_for_silent)
            and any(fnmatchcase(kind, glob) for glob in one.kinds)
        ),
        None,
    )
