"""The one place where code is loaded late: verbs, simulators and the embedded broker, by name."""

import importlib
from typing import Any


def load(module: str) -> Any:  # noqa: ANN401 - a module known only by its name
    """The module of that name, imported now."""
    return importlib.import_module(module)
