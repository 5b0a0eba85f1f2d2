"""Interfaces: this machine's own IPv4 addresses, one of each network card that has one."""

import fcntl
import socket
import struct
from contextlib import suppress

_ASK_ADDRESS = 0x8915
"""SIOCGIFADDR, see netdevice(7)."""
_NAME_BYTES = 15
_ADDRESS = slice(20, 24)


def own() -> list[str]:
    """The address of each card that has one, the loopback's last."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        for _, name in socket.if_nameindex():
            wanted = struct.pack("256s", name.encode()[:_NAME_BYTES])
            with suppress(OSError):  # a card without an address
                answer = fcntl.ioctl(line.fileno(), _ASK_ADDRESS, wanted)
                found.append(socket.inet_ntoa(answer[_ADDRESS]))
    return sorted(set(found), key=lambda one: (one.startswith("127."), one))
