"""What clients did to a camera, kept so that a test or a person can look at it."""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

KEPT: Final = 50
PEERS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One login tried: by which scheme, as whom, and why not if it was refused."""

    at: datetime
    scheme: str
    user: str
    why_not: str | None
    peer: str


@dataclass(slots=True)
class Record:
    """What clients did since the record was begun."""

    requests: Counter[str] = field(default_factory=Counter)
    peers: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    logins: deque[Login] = field(default_factory=lambda: deque(maxlen=KEPT))
    logins_tried: int = 0
    logins_refused: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    stills: int = 0
    told: int = 0
    pushed: Counter[str] = field(default_factory=Counter)
    both_schemes: int = 0
    plain_passwords: int = 0

    def asked(self, call: str, peer: str) -> None:
        """Count a request."""
        self.requests[call] += 1
        if peer in self.peers or len(self.peers) < PEERS:
            self.peers[peer] += 1

    def login(self, login: Login) -> None:
        """Keep a login."""
        self.logins.append(login)
        self.logins_tried += 1
        self.logins_refused += login.why_not is not None
