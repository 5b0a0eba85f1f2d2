"""What one camera link needs to know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

HOLD_S = 30.0
"""So long the camera may keep a PullMessages open that has nothing to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSetting:
    """A wired contact of the camera, or of a relay box."""

    part: int
    """Which part of the device it is for the registry; 1–64."""
    normally_closed: bool = False
    """Whether the loop is closed at rest: then an open one is the press, and so is a cut wire."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSettings:
    """One camera, as a person approved it."""

    device: str
    """Its id in the registry, which is its link's name too."""
    host: str
    port: int = 80
    tls: bool = False
    username: str | None = None
    password: Callable[[], str | None] = lambda: None
    """Asked at every login, so that a changed one counts."""
    pin: str | None = None
    """SHA-256 of its certificate, hexadecimal, as learnt at commissioning."""
    serial: str | None = None
    """What it said it is when it was commissioned; another one gets no login."""
    inputs: Mapping[str, InputSetting] = field(default_factory=dict)
    """By the input's token."""
    input_kind: str | None = None
    """What an input means that is not among them; None: nothing is known to be wired to it."""
    hold_s: float = HOLD_S
    pushes: bool = False
    """Whether it is asked to push its events as well: some tell only half of them by pull."""

    @property
    def base(self) -> str:
        """The only address that we speak with."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"
