"""The files of the project, as git knows them."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def files(*patterns: str) -> list[Path]:
    """Tracked files, and new ones that .gitignore does not leave out; all, or those that match."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    names = sorted(filter(None, listed.split("\0")))
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def name(path: Path) -> str:
    """How the project calls a file."""
    return path.relative_to(ROOT).as_posix()


def text(path: Path) -> str:
    """What stands in it; of pictures and the like, nothing."""
    body = path.read_bytes()
    return "" if b"\0" in body else body.decode(errors="replace")
