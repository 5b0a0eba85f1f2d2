"""Deadlines: a heap with one plan for each device; what is replaced is passed over."""

import heapq
from collections.abc import Iterator, Mapping


class Deadlines:
    """When to look at each device next; looking costs by what is due, not by what is there."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, str]] = []
        self._planned_s: dict[str, float] = {}

    def planned_s(self, device: str, otherwise_s: float) -> float:
        """When it is looked at."""
        return self._planned_s.get(device, otherwise_s)

    def plan_all(self, planned_s: Mapping[str, float]) -> None:
        """Look at these, and at nobody else."""
        self._planned_s = dict(planned_s)
        self._heap = [(s, device) for device, s in planned_s.items()]
        heapq.heapify(self._heap)

    def plan(self, device: str, s: float) -> None:
        """Look at it then, in place of what was planned."""
        self._planned_s[device] = s
        heapq.heappush(self._heap, (s, device))

    def hasten(self, device: str, s: float) -> None:
        """Look at it then, unless it is looked at sooner."""
        if s < self._planned_s.get(device, s):
            self.plan(device, s)

    def is_behind(self, now_s: float) -> bool:
        """Whether anything has come due."""
        return bool(self._heap) and self._heap[0][0] <= now_s

    def passed(self, now_s: float, limit: int) -> Iterator[str]:
        """Those whose time has come, at most so many; each must be planned anew."""
        for _ in range(limit):
            if not self.is_behind(now_s):
                return
            s, device = heapq.heappop(self._heap)
            if self._planned_s.get(device) == s:
                yield device
