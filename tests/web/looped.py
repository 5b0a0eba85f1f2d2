"""One event loop for all of the web's tests of a worker, and with it one driver of the browser.

To start the driver anew costs half a second of a processor, and there are hundreds of these tests.
"""

import asyncio
from typing import Any

import pytest
import pytest_asyncio

MARK = pytest.mark.asyncio(loop_scope="session")
fixture = pytest_asyncio.fixture(loop_scope="session")
"""For whatever async fixture a test of the web asks for."""


async def end_all_but(before: set[asyncio.Task[Any]]) -> None:
    """Cancel what runs besides, except for the driver's own."""
    besides = asyncio.all_tasks() - before - {asyncio.current_task()}
    left = [one for one in besides if "playwright" not in repr(one.get_coro())]
    for one in left:
        one.cancel()
    await asyncio.gather(*left, return_exceptions=True)
