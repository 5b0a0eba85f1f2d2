"""A camera that speaks ONVIF, and breaks as cameras do: `Camera(character, Place())`, `start()`."""

from simulators.camera.camera import Camera, Place
from simulators.camera.doorkeeper import Account, Level
from simulators.camera.fleet import Fleet
from simulators.camera.machine import Character, Input
from simulators.camera.makes import MAKES, Make
from simulators.camera.quirks import Quirk
from simulators.camera.spelling import Happening

__all__ = [
    "MAKES",
    "Account",
    "Camera",
    "Character",
    "Fleet",
    "Happening",
    "Input",
    "Level",
    "Make",
    "Place",
    "Quirk",
]
