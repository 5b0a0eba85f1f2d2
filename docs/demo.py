"""A demo that runs while its pictures are taken, and the people that it names."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.request import Request, urlopen

STARTS_WITHIN_S = 60.0
_PAGE = re.compile(r"live page\s+(http://[^/\s]+)")
_CENTRE = re.compile(r"centre\s+(http://\S+)")
_PERSON = re.compile(
    r"^\s*(?:people\s+)?(\w+)\s+(\S+)\s+(?:dispatcher|supervisor|auditor|admin)$", re.MULTILINE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """Where it is, and who may come in."""

    url: str
    centre: str
    """Where the simulated centre is told what to do."""
    passwords: Mapping[str, str]
    """By name."""


@contextmanager
def running() -> Iterator[Demo]:
    """A demo of its own, ended with the block."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as told:
        process = subprocess.Popen(
            [sys.executable, "-c", "from gateway.cli import main; main()", "demo", "--port", "0"],
            stdout=told,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            found = _told(process, told.fileno())
            _stay(found.centre)
            yield found
        finally:
            process.terminate()
            process.wait(timeout=20)


def _told(process: "subprocess.Popen[bytes]", told: int) -> Demo:
    ends = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < ends and process.poll() is None:
        said = os.pread(told, 65536, 0).decode("utf-8", "replace")
        page, people = _PAGE.search(said), _PERSON.findall(said)
        if page is not None and "schools" in said:
            centre = _CENTRE.search(said)
            return Demo(
                url=page[1], centre="" if centre is None else centre[1], passwords=dict(people)
            )
        time.sleep(0.1)
    raise SystemExit("the demo did not start")


def _stay(centre: str) -> None:
    """Let the centre answer and close nothing, or the pages would be empty before they are seen."""
    asked = Request(  # noqa: S310 - the demo's own, on this machine
        f"{centre}/respond",
        json.dumps({"after_s": 2, "states": ["accepted"]}).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    with urlopen(asked, timeout=5):  # noqa: S310 - likewise
        pass
