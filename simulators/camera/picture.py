"""The still of a camera: a drawn corridor with its name, its time and a running number."""

import functools
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from PIL import Image, ImageDraw, ImageFont

SIZE: Final = (640, 360)
COMMENT: Final = "dabyl"
_FLOOR, _WALL, _FAR, _LINE = (96, 92, 84), (168, 172, 166), (120, 124, 120), (70, 72, 70)
_PERSON, _BUTTON, _PRESSED, _INK = (52, 60, 92), (150, 24, 20), (255, 60, 40), (245, 245, 235)
_COVERED: Final = (18, 18, 20)
_STEPS: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What stands before the lens, and what is written over it."""

    name: str
    at: datetime
    number: int
    black: bool = False
    covered: bool = False
    pressed: bool = False
    moving: bool = False


def jpeg(seen: Seen) -> bytes:
    """Draw a still as JPEG; its comment holds name, time and number for machines to read."""
    empty = seen.black or seen.covered
    dark = (0, 0, 0) if seen.black else _COVERED
    image = Image.new("RGB", SIZE, dark) if empty else _place()
    draw = ImageDraw.Draw(image)
    if not empty:
        _draw_people(draw, seen)
    if not seen.black:
        _write(draw, seen)
    out = io.BytesIO()
    stamp = seen.at.isoformat(timespec="milliseconds")
    comment = f"{COMMENT} {seen.name} {stamp} {seen.number}".encode()
    image.save(out, "JPEG", quality=70, comment=comment)
    return out.getvalue()


def _place() -> Image.Image:
    return _corridor().copy()


@functools.cache
def _corridor() -> Image.Image:
    image = Image.new("RGB", SIZE, _WALL)
    draw = ImageDraw.Draw(image)
    width, height = SIZE
    far = (250, 110, 390, 210)
    draw.polygon([(0, height), (width, height), far[2:], (far[0], far[3])], fill=_FLOOR)
    draw.rectangle(far, fill=_FAR, outline=_LINE)
    for corner, end in (
        ((0, 0), far[:2]),
        ((width, 0), (far[2], far[1])),
        ((0, height), (far[0], far[3])),
        ((width, height), far[2:]),
    ):
        draw.line([corner, end], fill=_LINE, width=2)
    draw.rectangle((70, 120, 150, 300), fill=_FAR, outline=_LINE, width=2)
    draw.rectangle((520, 150, 556, 192), fill=(230, 226, 214), outline=_LINE, width=2)
    return image


def _draw_people(draw: ImageDraw.ImageDraw, seen: Seen) -> None:
    draw.ellipse((528, 158, 548, 178), fill=_PRESSED if seen.pressed else _BUTTON)
    if seen.pressed:
        _draw_person(draw, 490, 1.3)
        draw.line([(500, 190), (534, 170)], fill=_PERSON, width=9)
    elif seen.moving or seen.number % 3 == 0:
        step = seen.number % _STEPS
        _draw_person(draw, 200 + 10 * step, 0.7 + 0.02 * step)


def _draw_person(draw: ImageDraw.ImageDraw, x: int, size: float) -> None:
    head, body, foot = 18 * size, 90 * size, 300
    draw.ellipse((x - head, foot - body - 2 * head, x + head, foot - body), fill=_PERSON)
    draw.rounded_rectangle(
        (x - head, foot - body, x + head, foot), radius=int(head / 2), fill=_PERSON
    )


@functools.cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(20)


def _write(draw: ImageDraw.ImageDraw, seen: Seen) -> None:
    font = _font()
    draw.rectangle((0, 0, SIZE[0], 30), fill=(0, 0, 0))
    draw.text((10, 4), f"{seen.name}", font=font, fill=_INK)
    time = seen.at.strftime("%Y-%m-%d %H:%M:%S")
    draw.text((SIZE[0] - 215, 4), time, font=font, fill=_INK)
    draw.text((10, SIZE[1] - 30), f"No. {seen.number}", font=font, fill=_INK)
