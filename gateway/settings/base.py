"""What every section of the configuration stands on."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

ADDRESS = r"^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$"
NAME = r"^[a-z0-9][a-z0-9-]{0,39}$"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
Name = Annotated[str, Field(pattern=NAME)]


class WrongSettings(Exception):
    """The configuration cannot be used; the sentence names the key and what to do."""


def secret_in(path: Path | None, what: str) -> str | None:
    """What a secret file holds, without the blank around it; None where no file is named.

    Raises:
        WrongSettings: it cannot be read.
    """
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSettings(f"{what}: {path} cannot be read: {error}") from None


class Section(BaseModel):
    """One table of the file; a key it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
