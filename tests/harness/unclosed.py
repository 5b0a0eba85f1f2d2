"""What was left open, as Python itself complains of it."""

import asyncio
import gc
import warnings
from collections.abc import Coroutine


def after(work: Coroutine[object, object, None]) -> list[str]:
    """What nobody has closed once that was done and its loop is gone."""
    gc.collect()
    asyncio.run(work)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        gc.collect()
    return [str(one.message) for one in seen if one.category is ResourceWarning]
