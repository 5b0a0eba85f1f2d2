"""What one MQTT session needs to know."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass

from adapters.signal import Lane

RECEIVE_MAXIMUM = {Lane.ALARM: 2048, Lane.EVENT: 512}
"""The window is the back-pressure: the broker keeps what does not fit.

Of passages two commits' work fits, so that some are on their way while others are stored. Of
presses more: a device that says 20,000 a second is counted in heaps, and with a smaller window each
commit could take only so many of it, while all others wait behind."""
UNTOLD_WINDOW = 20
"""So many a broker of MQTT 3.1.1 may send unanswered, for it does not say: Mosquitto's default."""
SESSION_EXPIRY_S = 7 * 24 * 3600
KEEPALIVE_S = 10
CONNECT_TIMEOUT_S = 5.0
SUBSCRIBE_TIMEOUT_S = 60.0
"""A resumed session is given all that was under way first; only behind that comes the answer."""
OUTGOING_LIMIT = 1000
"""Pieces that wait for a slow broker; beyond, no order is sent, and whoever gave it repeats it."""
RECEIPT_LIMIT_BYTES = 4 * 1024 * 1024
"""So much may wait for a broker that does not read; whose receipt is not sent asks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings:
    """One broker, one lane."""

    link: str
    lane: Lane
    host: str
    port: int
    version: int = 5
    gateway: str
    """The gateway's name; the session is `gateway-<name>-<lane>`."""
    own_device: str | None = None
    """A device of the gateway's own, on the alarm lane: it presses here, and hears its receipts."""
    username: str | None = None
    password: Callable[[], str | None] = lambda: None
    """Read at every connect, so that a changed password file counts."""
    tls: Callable[[], ssl.SSLContext | None] = lambda: None
    shared: bool = False
    """Whether passages, check-ins and replies are shared with other gateways."""

    @property
    def is_5(self) -> bool:
        """Whether MQTT 5 is spoken; else 3.1.1."""
        return self.version == 5  # noqa: PLR2004 - its name

    @property
    def identifier(self) -> str:
        """The client id, and the user name unless another is set."""
        return f"gateway-{self.gateway}-{self.lane}"
