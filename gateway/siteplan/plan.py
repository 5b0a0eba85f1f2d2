"""What a site file says, and the limits of each word in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import ErrorDetails

from gateway.domain.kind import find
from gateway.domain.site import Device, Site, Zone

TOLD_MISTAKES = 50
_DEVICE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SITE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_OURS = ("gateway", "canary")
PICTURES = frozenset({".svg", ".png", ".jpg", ".jpeg", ".webp"})


class WrongFile(Exception):
    """A site file that cannot be used, with every mistake found in it (the first fifty told)."""

    def __init__(self, file: str, mistakes: Sequence[str]) -> None:
        more = len(mistakes) - TOLD_MISTAKES
        self.file = file
        self.mistakes = [*mistakes[:TOLD_MISTAKES], *([f"… and {more} more"] if more > 0 else [])]
        counted = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__(f"{file}: {counted}, nothing was imported: {'; '.join(mistakes[:1])}")
        self.counted = f"{file}: {counted}, nothing was imported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a site file says; a field that its format cannot say is not among `…_fields`."""

    sites: tuple[Site, ...] = ()
    zones: tuple[Zone, ...] = ()
    devices: tuple[Device, ...] = ()
    site_fields: frozenset[str]
    zone_fields: frozenset[str]
    device_fields: frozenset[str]


class Strict(BaseModel):
    """What a person wrote: trimmed, and a key that nobody knows is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    raise ValueError("holds a character that cannot be printed")


def _site_id(text: str) -> str:
    if _SITE.fullmatch(text):
        return text
    raise ValueError(f"{text!r} is no site id: letters, digits, '-', '_' and '.', at most 64")


def _device_id(text: str) -> str:
    if text.startswith(_OURS):
        raise ValueError(f"{text!r} may not begin with gateway or canary: those names are ours")
    if _DEVICE.fullmatch(text):
        return text
    raise ValueError(f"{text!r} is no device id: small letters, digits and '-', at most 40")


def _input_kind(text: str) -> str:
    if find(text) is not None:
        return text
    raise ValueError(f"{text!r} is no kind of event")


def _lines(text: str) -> str:
    if all(line.isprintable() for line in text.split("\n")):
        return text
    raise ValueError("holds a character that cannot be printed")


def _picture(text: str) -> str:
    path = PurePosixPath(text)
    is_below = not path.is_absolute() and ".." not in path.parts and "\\" not in text
    if not text or (is_below and path.suffix.lower() in PICTURES):
        return text
    raise ValueError(
        f"{text!r} is no plan: a file below the folder of plans, {', '.join(sorted(PICTURES))}"
    )


Text = Annotated[str, AfterValidator(_printable), StringConstraints(max_length=500)]
Notes = Annotated[str, AfterValidator(_lines), StringConstraints(max_length=2000)]
"""Text of several lines."""
Picture = Annotated[
    str, AfterValidator(_printable), AfterValidator(_picture), StringConstraints(max_length=200)
]
_Part = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
At = tuple[_Part, _Part]
District = Annotated[str, AfterValidator(_printable), StringConstraints(max_length=120)]
ZoneName = Annotated[str, AfterValidator(_printable), StringConstraints(max_length=64)]
Host = Annotated[str, AfterValidator(_printable), StringConstraints(max_length=253)]
InputToken = Annotated[
    str, AfterValidator(_printable), StringConstraints(min_length=1, max_length=64)
]
SiteWord = Annotated[str, AfterValidator(_site_id)]
DeviceWord = Annotated[str, AfterValidator(_device_id)]
InputKind = Annotated[str, AfterValidator(_input_kind)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Port = Annotated[int, Field(ge=1, le=65535)]


def mistake(error: ErrorDetails) -> str:
    """One mistake in words: the field, and what is wrong with it."""
    names = [part for part in error["loc"] if isinstance(part, str)]
    name = ".".join(part for part in names if part not in {"site", "zone", "device"}) or ".".join(
        names[-1:]
    )
    if error["type"] == "extra_forbidden":
        return f"{name}: no such key; look for a slip in its name"
    if error["type"] == "missing":
        return f"{name} is missing"
    if error["type"] == "value_error":
        what = error["msg"].removeprefix("Value error, ")
        return f"{name}: {what}" if name else what
    return f"{name}: {error['input']!r}: {error['msg'][0].lower()}{error['msg'][1:]}"
