"""Which code a figure was measured with."""

import hashlib
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_CODE = ("adapters", "gateway", "simulators", "tests", "deploy", "pyproject.toml", "*.lock")
"""What a figure can depend on; a commit of the documents alone changes none."""


def commit() -> str:
    """The last commit that touched any code, with a digest of what is not committed."""
    head = _git("log", "-1", "--format=%h", "--", *_CODE)
    changed = _git("diff", "HEAD", "--", *_CODE)
    new = _git("ls-files", "--others", "--exclude-standard", "--", *_CODE)
    if not changed and not new:
        return head
    whole = changed + "".join(
        f"{name}\n{(ROOT / name).read_bytes().hex()}" for name in new.splitlines()
    )
    return f"{head}+{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()
