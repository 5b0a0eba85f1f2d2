"""Clocks: whether most cameras agree with each other against our own clock; then it is ours. Pure.

A clock of ours that was set must not become a trouble of each of eleven thousand cameras.
"""

from collections.abc import Collection

LIMIT_S, RIGHT_S = 5.0, 3.0
"""Between both it stays what it was."""
AGREE_S = 2.0
WITNESSES = 3
"""Fewer cameras say nothing about our clock."""
STEADY_S = 2.0
"""So long a clock is off before it is said: by then supervision knows whether ours jumped."""
QUIET_S = 60.0
"""After any doubt of ours, until each camera's clock was held against ours anew."""


def against_ours(offsets_s: Collection[float], before: int) -> int:
    """Which way most cameras are off alike (1: ahead, 0: none); `before`: as it was found last."""
    if len(offsets_s) < WITNESSES:
        return 0
    middle_s = sorted(offsets_s)[len(offsets_s) // 2]
    alike = sum(abs(one - middle_s) <= AGREE_S for one in offsets_s)
    limit_s = RIGHT_S if before else LIMIT_S
    if 2 * alike <= len(offsets_s) or abs(middle_s) <= limit_s:
        return 0
    return 1 if middle_s > 0 else -1
