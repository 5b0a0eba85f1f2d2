"""Work in the foreground until it is done, its time is over, or somebody says stop."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine

_STOPS = (signal.SIGINT, signal.SIGTERM)


def play(work: Coroutine[object, object, None], seconds: float | None = None) -> None:
    """Do it; Ctrl-C and SIGTERM end it in good order, and so does the end of its time."""
    asyncio.run(_until_told(work, seconds))


async def _until_told(work: Coroutine[object, object, None], seconds: float | None) -> None:
    loop = asyncio.get_running_loop()
    playing = loop.create_task(work)
    for number in _STOPS:
        loop.add_signal_handler(number, playing.cancel)
    try:
        await asyncio.wait([playing], timeout=seconds)
        playing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await playing
    finally:
        for number in _STOPS:
            loop.remove_signal_handler(number)
