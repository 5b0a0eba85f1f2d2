"""One request at a camera: what is asked, by whom, over which connection."""

from dataclasses import dataclass

from simulators.camera.machine import Machine
from simulators.camera.soap import Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What an answer needs to know; `connection` tells connections apart, `path` has its query."""

    machine: Machine
    asked: Asked
    path: str
    peer: str
    connection: int
