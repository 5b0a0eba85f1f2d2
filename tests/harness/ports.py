"""Free ports on the loopback."""

import random
import socket

# Below the range from which Linux takes the near end of outgoing connections, so that none of
# those can take a port between its choice here and the server's bind.
_LOWEST, _HIGHEST = 20_000, 32_000
_LOWEST_OF_A_ROW = 10_000
# Rows lie apart from single ports: cameras go away and come back, and nobody may sit there then.
_dice = random.SystemRandom()


def free() -> int:
    """A port on 127.0.0.1 that nobody listens on."""
    while True:
        port = _dice.randrange(_LOWEST, _HIGHEST)
        if _is_free(port):
            return port


def free_row(count: int) -> int:
    """The first of so many ports in a row on 127.0.0.1 that nobody listens on."""
    first = _dice.randrange(_LOWEST_OF_A_ROW, _LOWEST - count)
    length = 0
    while length < count:
        if _is_free(first + length):
            length += 1
        else:
            first, length = first + length + 1, 0
        if first + count > _LOWEST:
            first, length = _LOWEST_OF_A_ROW, 0
    return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
