"""Free ports on the loopback."""

import random
import socket

# Below the range from which Linux takes the near end of outgoing connections, so that none of
# those can take a port between its choice here and the server's bind.
_LOWEST, _HIGHEST = 20_000, 32_000
_dice = random.SystemRandom()


def free() -> int:
    """A port on 127.0.0.1 that nobody listens on."""
    while True:
        port = _dice.randrange(_LOWEST, _HIGHEST)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
