"""The section of cameras: how their links are held."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from gateway.settings.base import ADDRESS, Section


class Cameras(Section):
    """How the links of cameras are held."""

    starts_per_s: Annotated[int, Field(ge=1, le=1000)] = 100
    """So many are called in a second: thousands that come back at once are no storm."""
    handshakes: Annotated[int, Field(ge=1, le=500)] = 40
    hold_s: Annotated[int, Field(ge=5, le=30)] = 30
    """Longer, and a camera that is well would seem late to supervision."""
    stills_every_s: Annotated[int, Field(ge=0, le=86400)] = 600
    stills_at_once: Annotated[int, Field(ge=1, le=50)] = 4
    push_listen: Annotated[str, Field(pattern=ADDRESS)] | None = None
    push_url: str = ""

    @model_validator(mode="after")
    def _is_whole(self) -> "Cameras":
        parts = urlsplit(self.push_url)
        if self.push_listen is not None and (parts.scheme != "http" or not parts.hostname):
            raise ValueError("push_listen needs push_url: http://host:port, as cameras reach it")
        return self
