"""Samples: one message of each topic that nobody knows, for a technician. One for the process."""

import re
from typing import Final

TOPICS: Final = 200
SAMPLE_BYTES: Final = 1024
_NUMBER: Final = re.compile(rb"[0-9A-Fa-f]*[0-9]{4,}[0-9A-Fa-f]*")
"""Card numbers and codes look so; so do times, of which nobody needs this one."""


class Samples:
    """By topic, without long numbers; the first that came of each, and no more topics than 200."""

    def __init__(self) -> None:
        self._samples: dict[str, bytes] = {}

    def wants(self, topic: str) -> bool:
        """Whether there is none of that topic yet, and room for one."""
        return topic not in self._samples and len(self._samples) < TOPICS

    def keep(self, topic: str, raw: bytes) -> None:
        """Keep a message as it came."""
        if self.wants(topic):
            self._samples[topic] = _NUMBER.sub(b"#", raw)[:SAMPLE_BYTES]

    def of(self, topic: str) -> bytes | None:
        """What such a message looks like; None: none was seen."""
        return self._samples.get(topic)
