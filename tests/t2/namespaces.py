"""A network of its own: each machine a namespace with its own address, on one bridge.

A port of the bridge is a machine's cable: pulled (the carrier goes), or dead (nothing passes, and
nobody is told). One way alone is cut in the machine itself, by a wrong neighbour.
"""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Self

import pytest

NOBODY = "02:00:00:00:00:66"
"""A hardware address that no machine has."""
_FORWARDING, _DEAD = "3", "0"


class NotPermittedError(Exception):
    """Namespaces cannot be made here."""


@dataclass(slots=True)
class Network:
    """The bridge, and who is on it."""

    prefix: str = field(default_factory=lambda: f"dt{secrets.token_hex(2)}")
    net: str = field(
        default_factory=lambda: f"10.{secrets.randbelow(100) + 100}.{secrets.randbelow(250)}"
    )
    hosts: dict[str, str] = field(default_factory=dict)
    """By name: its address."""

    def open(self) -> Self:
        """Make the bridge; this side of it is `.1`.

        Raises:
            NotPermittedError: who runs this may not, or the system cannot.
        """
        if os.geteuid() != 0 or shutil.which("ip") is None:
            raise NotPermittedError("network namespaces need root, and iproute2")
        try:
            _run("ip", "link", "add", self._bridge, "type", "bridge")
            _run("ip", "addr", "add", f"{self.net}.1/24", "dev", self._bridge)
            _run("ip", "link", "set", self._bridge, "up")
        except subprocess.CalledProcessError as error:
            raise NotPermittedError(f"namespaces cannot be made here: {error.stderr}") from error
        return self

    def close(self) -> None:
        """Take everything away."""
        for name in self.hosts:
            _try("ip", "netns", "del", self._space(name))
        _try("ip", "link", "del", self._bridge)

    def add(self, name: str, last: int) -> str:
        """A machine; its address."""
        address, space, port = f"{self.net}.{last}", self._space(name), self._port(name)
        self.hosts[name] = address
        _run("ip", "netns", "add", space)
        _run("ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", space)
        _run("ip", "link", "set", port, "master", self._bridge, "up")
        for words in (
            ("link", "set", "lo", "up"),
            ("addr", "add", f"{address}/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
        ):
            self._inside(name, "ip", *words)
        return address

    def within(self, name: str) -> list[str]:
        """What a command begins with that shall run on that machine."""
        return [_ip(), "netns", "exec", self._space(name)]

    def pull(self, name: str) -> None:
        """The cable is pulled: the carrier is gone."""
        _run("ip", "link", "set", self._port(name), "down")

    def plug(self, name: str) -> None:
        """And put back."""
        _run("ip", "link", "set", self._port(name), "up")

    def silence(self, name: str) -> None:
        """Nothing passes either way, and nobody is told."""
        _run("bridge", "link", "set", "dev", self._port(name), "state", _DEAD)

    def voice(self, name: str) -> None:
        """It passes again."""
        _run("bridge", "link", "set", "dev", self._port(name), "state", _FORWARDING)

    def deafen(self, speaker: str, listener: str) -> None:
        """What the one sends to the other gets lost; the other way it goes on."""
        wrong = ("neigh", "replace", self.hosts[listener], "lladdr", NOBODY, "dev", "eth0")
        self._inside(speaker, "ip", *wrong, "nud", "permanent")

    def undeafen(self, speaker: str, listener: str) -> None:
        """It gets through again."""
        self._inside(speaker, "ip", "neigh", "del", self.hosts[listener], "dev", "eth0")

    def _inside(self, name: str, *words: str) -> None:
        _run(*self.within(name), *words)

    @property
    def _bridge(self) -> str:
        return f"{self.prefix}-br"

    def _space(self, name: str) -> str:
        return f"{self.prefix}-{name}"

    def _port(self, name: str) -> str:
        return f"{self.prefix}-{name}"[:15]


@contextmanager
def network() -> Iterator[Network]:
    """A network that is gone at the end."""
    with ExitStack() as stack:
        made = Network()
        stack.callback(made.close)
        yield made.open()


def or_skip() -> None:
    """Where namespaces cannot be made: a test is skipped with the reason, with CI=true it fails."""
    try:
        with network():
            return
    except NotPermittedError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


def _ip() -> str:
    return shutil.which("ip") or "ip"


def _run(*words: str) -> None:
    subprocess.run([*words], check=True, capture_output=True, text=True)


def _try(*words: str) -> None:
    subprocess.run([*words], check=False, capture_output=True)
