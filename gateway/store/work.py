"""Work: a plain function that runs within one transaction, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")
Work = Callable[[Connection], T]


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """What the work gave, committed on so many machines."""

    found: T
    copies: int = 1
