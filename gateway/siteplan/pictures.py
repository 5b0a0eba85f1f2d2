"""The folder of plans: pictures of floors that the operator of the system laid there."""

from pathlib import Path

LIMIT_BYTES = 4 * 1024 * 1024
"""An evacuation plan of 3,000 pixels fits; a console must not wait for more."""


class TooLarge(OSError):
    """A picture that is larger than any page should load."""


def read(folder: Path, name: str) -> bytes | None:
    """The bytes of that picture; None: there is no such file below the folder.

    Raises:
        OSError: it cannot be read, or is too large.
    """
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        return None
    if path.stat().st_size > LIMIT_BYTES:
        raise TooLarge(f"{name} is larger than {LIMIT_BYTES // 2**20} MiB: scale it down")
    return path.read_bytes()
