"""The one place where code is loaded late: verbs, simulators and the embedded broker, by name."""

import gc
import importlib
from typing import Any


def load(module: str) -> Any:  # noqa: ANN401 - a module known only by its name
    """The module of that name, imported now.

    What loading makes stays, a hundred thousand objects of it: the collector neither walks them
    meanwhile (a fifth of the time that a gateway needs to be ready again) nor ever after.
    """
    gc.disable()
    try:
        return importlib.import_module(module)
    finally:
        gc.freeze()
        gc.enable()
