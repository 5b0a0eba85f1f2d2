"""The same thing with some of its fields changed, whichever kind of class it is made of."""

import dataclasses
from typing import Any, TypeVar

from msgspec import Struct, structs

T = TypeVar("T")


def replace(one: T, **more: Any) -> T:  # noqa: ANN401 - fields of every type
    """A copy with those fields changed."""
    if isinstance(one, Struct):
        return structs.replace(one, **more)
    changed: T = dataclasses.replace(one, **more)  # type: ignore[type-var]  # it is a dataclass
    return changed
