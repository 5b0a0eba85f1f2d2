"""Waiting for something to come true, with a limit: never for luck."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")

_PAUSE_S = 0.01


class NotInTimeError(AssertionError):
    """What was waited for did not come true."""

    def __init__(self, what: str, within_s: float, last: object) -> None:
        super().__init__(f"not within {within_s:g} s: {what} (last seen: {last!r})")


@overload
async def until(
    condition: Callable[[], Awaitable[T]], *, within_s: float = 10.0, what: str
) -> T: ...


@overload
async def until(condition: Callable[[], T], *, within_s: float = 10.0, what: str) -> T: ...


async def until(condition: Callable[[], object], *, within_s: float = 10.0, what: str) -> object:
    """The first truthy answer of a plain or awaitable condition, asked every 10 ms.

    Raises:
        NotInTimeError: the condition was still not true after `within_s` seconds.
    """
    limit = time.monotonic() + within_s
    while True:
        answer = condition()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return answer
        if time.monotonic() > limit:
            raise NotInTimeError(what, within_s, answer)
        await asyncio.sleep(_PAUSE_S)
