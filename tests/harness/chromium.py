"""Debian's Chromium without a window, started once for many tests: each opens a context in it."""

import contextlib
import os
import signal
import tempfile
import time
from pathlib import Path

from tests.harness import programs, servers

_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"),
    *("--no-first-run", "--disable-extensions", "--disable-background-networking"),
    # Whoever connects would wait for its first page too.
    *("--no-startup-window", "--disable-component-update", "--disable-sync"),
    # A page that nobody looks at must run as one that somebody does.
    *("--disable-background-timer-throttling", "--disable-renderer-backgrounding"),
    *("--disable-backgrounding-occluded-windows", "--mute-audio", "--remote-debugging-port=0"),
    # As where Playwright starts it: a scroll bar takes no width, colours are the screen's own.
    *("--hide-scrollbars", "--force-color-profile=srgb", "--disable-breakpad"),
)
_STARTS_WITHIN_S = 30.0


class Chromium:
    """A browser to be connected to over its debugging port."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(
            prefix="dabyl-chromium-", ignore_cleanup_errors=True
        )
        self._port = Path(self._folder.name) / "profile" / "DevToolsActivePort"
        self._port.parent.mkdir()
        command = [programs.find("chromium"), *_FLAGS, f"--user-data-dir={self._port.parent}"]
        log = Path(self._folder.name) / "chromium.log"
        self._server = servers.Server(command, log=log, cwd=Path(self._folder.name))
        self.url = ""
        """Where `connect_over_cdp` connects to."""

    def start(self) -> None:
        """Start it, and wait until it may be connected to."""
        self._server.start()
        limit = time.monotonic() + _STARTS_WITHIN_S
        while not (self._port.exists() and len(lines := self._port.read_text().split()) > 1):
            if not self._server.alive() or time.monotonic() > limit:
                raise servers.DidNotStartError("chromium", self._server.log())
            time.sleep(0.02)
        self.url = f"ws://127.0.0.1:{lines[0]}{lines[1]}"

    @property
    def pid(self) -> int:
        """Of its first process, which leads the group of all others."""
        return self._server.pid

    def stop(self) -> None:
        """End it, and forget its profile."""
        group = self.pid
        self._server.end(signal.SIGTERM)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)  # those it left behind still write
        self._folder.cleanup()
