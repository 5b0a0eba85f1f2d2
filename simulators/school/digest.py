"""A story that a person can follow: the first happenings singly, the flood as a count."""

from collections import Counter
from datetime import datetime

from simulators.story import Happening, Tell

SINGLY = 40  # happenings told one by one in each span
PASSAGES_SINGLY = 8  # of these, so that pupils do not drown a cry
PASSAGES = frozenset({"passage.granted", "passage.denied"})
SPAN_S = 10.0


class Digest:
    """A teller that counts what would be too much to read."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._told: Counter[bool] = Counter()
        self._untold: Counter[str] = Counter()

    def __call__(self, happening: Happening) -> None:
        """Tell it, or count it; the narrator is never interrupted."""
        kind = happening.facts.get("kind") or happening.facts.get("lamp")
        passage = kind in PASSAGES
        limit = PASSAGES_SINGLY if passage else SINGLY
        if happening.device is None or self._told[passage] < limit:
            self._told[passage] += happening.device is not None
            self._tell(happening)
        else:
            self._untold[f"{happening.what.replace('_', ' ')} {kind or ''}".strip()] += 1

    def end_span(self, at: datetime) -> None:
        """Tell the counts, and begin again."""
        if self._untold:
            counts = ", ".join(f"{count:,} x {what}" for what, count in self._untold.most_common())
            facts = {what: count for what, count in self._untold.items() if count}
            self._tell(Happening(at=at, what="more", words=f"… and {counts}", facts={**facts}))
        self._told.clear()
        self._untold.clear()
