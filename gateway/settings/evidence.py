"""The section `[evidence]`: stills of the cameras near an alarm."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from gateway.settings.base import Section


class Evidence(Section):
    """Stills of the cameras near an alarm."""

    enabled: bool = True
    priorities: tuple[Annotated[int, Field(ge=0, le=2)], ...] = (0, 1)
    cameras: Annotated[int, Field(ge=1, le=64)] = 8
    """Of one alarm at most so many."""
    at_once: Annotated[int, Field(ge=1, le=64)] = 16
    """Cameras asked at the same time; each answer may take 5 MiB of memory meanwhile."""
    rolling: bool = False
    """Whether cameras that look at a panic button are asked every 5 s, for what was before."""
    rolling_mib: Annotated[int, Field(ge=1, le=4096)] = 64
    folder: Path | None = None
    """Default: `evidence` beside a SQLite file; with PostgreSQL in the database itself."""
    limit_mib: Annotated[int, Field(ge=10, le=10_485_760)] = 10_240
    reserve_mib: Annotated[int, Field(ge=0, le=1_048_576)] = 1024
    """So much of the folder's disk is left to others."""
