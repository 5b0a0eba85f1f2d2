"""The wire samples of cameras (tests/wire/onvif)."""

from pathlib import Path

_FOLDER = Path(__file__).parents[2] / "wire" / "onvif"


def sample(name: str) -> bytes:
    """One of them, as it would come."""
    return (_FOLDER / name).read_bytes()
