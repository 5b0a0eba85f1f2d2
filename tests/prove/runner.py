"""Running a proof: in a process of its own that ends, whatever happens, with all it started."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.prove import disk
from tests.prove.catalog import Proof
from tests.prove.found import Found, Size

ENDS_WITHIN_S = 30.0
_NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
"""With its first process all others of a process namespace end, and its mounts are gone."""


class NotProven(Exception):
    """The proof did not come to its end; how it ended."""


def namespaces() -> tuple[str, ...]:
    """What to start a proof through, so that nothing outlives it; nothing where not permitted."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return ()
    tried = subprocess.run([*_NAMESPACES, "true"], capture_output=True, check=False)
    return _NAMESPACES if tried.returncode == 0 else ()


def run(proof: Proof, size: Size, within_s: float) -> Found:
    """What the proof found.

    Raises:
        NotProven: it failed, or its time was over. KeyboardInterrupt: a person ended it.
    """
    with tempfile.TemporaryDirectory(prefix="dabyl-proof-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL is another user
        file = Path(folder) / "found.json"
        command = [
            *namespaces(),
            *(sys.executable, "-m", "tests.prove.child", proof.key, size, str(file)),
        ]
        apart = {disk.APART: "yes"} if namespaces() else {}
        environment = os.environ | {"TMPDIR": folder} | apart
        child = subprocess.Popen(command, env=environment, start_new_session=True)
        try:
            code = child.wait(within_s)
        except subprocess.TimeoutExpired:
            raise NotProven(f"not done within {within_s:g} s") from None
        finally:
            _end(child)
        if code or not file.exists():
            raise NotProven(f"ended with {code}")
        told = json.loads(file.read_text(encoding="utf-8"))
    if "failed" in told:
        raise NotProven(told["failed"])
    return Found.of(told)


def _end(child: "subprocess.Popen[bytes]") -> None:
    """In good order where that is possible; else with everything in its namespace or session."""
    if child.poll() is not None:
        return
    if not namespaces():
        child.send_signal(signal.SIGINT)
        try:
            child.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            pass
        else:
            return
    child.kill()
    child.wait()
