"""The real servers on this machine, or the reason why a test cannot run."""

import os
import shutil
from pathlib import Path

import pytest

# Debian puts servers where a plain user's PATH does not look, PostgreSQL by version.
_FOLDERS = ["/usr/sbin", *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))]


def find(program: str) -> str:
    """The path of a program; where it is missing the test is skipped, and with CI=true it fails."""
    path = shutil.which(program) or shutil.which(program, path=os.pathsep.join(_FOLDERS))
    if path:
        return path
    reason = f"{program} is not installed; `make test` installs it"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
