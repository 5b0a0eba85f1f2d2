"""The throttle: who guesses must wait, by address and by account, and keeps nobody else out."""

import ipaddress
from collections import OrderedDict

FAILURES = 10
"""Failed sign-ins of one address, or of one account, at a time …"""
FORGIVEN_S = 6.0
"""… of which one is forgiven each so long."""
ROOM = 4096


class Throttle:
    """Counts failed sign-ins; bounded, the oldest goes first.

    An account is counted apart for each address from which its holder came in before: guesses made
    elsewhere slow those who guess, and never keep a dispatcher from the desk.
    """

    def __init__(self) -> None:
        self._failed: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._trusted: OrderedDict[str, None] = OrderedDict()

    def begin(self, address: str, account: str | None, now: float) -> float:
        """How long to wait before a try; 0: now, and it counts as failed until taken back."""
        keys = self._keys(address, account)
        wait_s = max(self._wait_s(key, now) for key in keys)
        if wait_s <= 0:
            for key in keys:
                self._put(key, now, self._count(key, now) + 1)
        return max(0.0, wait_s)

    def forgive(self, address: str, account: str | None, now: float) -> None:
        """It was no failure of theirs: it is taken back."""
        for key in self._keys(address, account):
            self._put(key, now, self._count(key, now) - 1)

    def succeed(self, address: str, account: str | None, now: float) -> None:
        """It was right: taken back, and from this address the account is counted apart."""
        self.forgive(address, account, now)
        if account is None:
            return
        pair = _pair(account, network(address))
        self._failed.pop(pair, None)
        self._trusted[pair] = None
        self._trusted.move_to_end(pair)
        if len(self._trusted) > ROOM:
            self._trusted.popitem(last=False)

    def _keys(self, address: str, account: str | None) -> tuple[str, ...]:
        where = network(address)
        if account is None:
            return (f"address {where}",)
        pair = _pair(account, where)
        return (f"address {where}", pair if pair in self._trusted else f"account {account}")

    def _wait_s(self, key: str, now: float) -> float:
        return (self._count(key, now) - FAILURES + 1) * FORGIVEN_S

    def _count(self, key: str, now: float) -> float:
        since, count = self._failed.get(key, (now, 0.0))
        return max(0.0, count - (now - since) / FORGIVEN_S)

    def _put(self, key: str, now: float, count: float) -> None:
        self._failed.pop(key, None)
        if count > 0:
            self._failed[key] = (now, count)
        if len(self._failed) > ROOM:
            self._failed.popitem(last=False)


def network(address: str) -> str:
    """Whose address that is: of IPv6 the /64 that one household or office gets."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def _pair(account: str, where: str) -> str:
    return f"account {account} at {where}"
