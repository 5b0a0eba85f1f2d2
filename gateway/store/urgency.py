"""Urgency: who goes first where writes must queue."""

from enum import IntEnum


class Urgency(IntEnum):
    """Who goes first where writes must queue."""

    ALARM = 0
    STEP = 1
    """A person's step, a settled delivery."""
    EVENT = 2
    BULK = 3
