"""Sheets: what the operator gives the console of their own, read once at the start."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.domain.outline import SIZE_LIMIT, BadOutline, Outline, read
from gateway.settings import WrongSettings
from gateway.settings.console import Console


def outline(config: Console) -> Outline | None:
    """The schematic map, where there is one.

    Raises:
        WrongSettings: the file cannot be read, or is no outline.
    """
    path = config.outline_file
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            return read(file.read(SIZE_LIMIT + 1))
    except OSError as error:
        raise WrongSettings(f"console.outline_file: {path} cannot be read: {error}") from None
    except BadOutline as error:
        raise WrongSettings(f"console.outline_file: {path} cannot be drawn: {error}") from None


def zone(name: str) -> ZoneInfo:
    """The zone in which days begin.

    Raises:
        WrongSettings: nobody knows it.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise WrongSettings(f"time_zone {name!r} is not known; use Asia/Almaty") from None
