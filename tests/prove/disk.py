"""Disk: it is full and freed again, and it turns read-only; in mounts of a namespace of its own."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.prove import pressing
from tests.prove.found import Found, Ground
from tests.prove.pressing import Harm

APART = "DABYL_PROVE_APART"
"""Set by the runner in a mount namespace that ends with the proof."""
SMALL = "8m"
IMAGE_MIB = 48
FULL_S, FREE_S = 4.0, 3.0
READ_ONLY_S = 6.0
_PIECES = (65_536, 4096, 512)


class NotApart(Exception):
    """Mounting asks for root and a mount namespace of one's own."""


async def full(ground: Ground) -> Found:
    """Fill the last byte under SQLite, free it, and again."""
    times = ground.pick(short=1, long=12)
    how = ("-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs")
    with _mounted(*how, at=ground.folder / "store") as store:
        ballast = store / "ballast"

        async def do(harm: Harm) -> None:
            for number in range(times):
                await asyncio.to_thread(_fill, ballast)
                await harm.last(FULL_S)
                ballast.unlink()
                harm.say(f"full {number + 1} of {times}")
                await asyncio.sleep(FREE_S)

        return await pressing.while_(
            ground, do, "the disk full, and freed", url=f"sqlite:///{store / 'dabyl.db'}"
        )


async def read_only(ground: Ground) -> Found:
    """The file system fails and turns read-only; a person mends it and starts the gateway anew."""
    times = ground.pick(short=1, long=5)
    image = ground.folder / "image"
    await asyncio.to_thread(_format, image)
    how = ("-o", "loop,errors=remount-ro", str(image))
    with _mounted(*how, at=ground.folder / "store") as store:

        async def do(harm: Harm) -> None:
            for number in range(times):
                await asyncio.to_thread(_break, image)
                await harm.last(READ_ONLY_S)
                await harm.town.dabyl.stop()
                await asyncio.to_thread(_mend, image, store, how)
                await harm.town.dabyl.start()
                harm.say(f"read-only {number + 1} of {times}")
                await asyncio.sleep(FREE_S)

        return await pressing.while_(
            ground,
            do,
            "the file system turned read-only, and mended",
            url=f"sqlite:///{store / 'dabyl.db'}",
            asks_for_ways=False,  # a gateway that was stopped tells nobody anything
        )


@contextmanager
def _mounted(*how: str, at: Path) -> Iterator[Path]:
    if APART not in os.environ:
        raise NotApart
    at.mkdir()
    subprocess.run(["mount", *how, str(at)], check=True)
    try:
        yield at
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)


def _format(image: Path) -> None:
    with image.open("wb") as file:
        file.truncate(IMAGE_MIB * 2**20)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)


def _fill(ballast: Path) -> None:
    """Down to the last byte."""
    with ballast.open("wb", buffering=0) as file:
        for piece in _PIECES:
            try:
                while True:
                    file.write(b"\0" * piece)
            except OSError:
                continue


def _break(image: Path) -> None:
    """As an error of the disk would: the kernel turns the whole file system read-only."""
    listed = subprocess.run(
        ["losetup", "-j", str(image)], check=True, capture_output=True, text=True
    ).stdout
    loop = Path(listed.partition(":")[0]).name
    Path(f"/sys/fs/ext4/{loop}/trigger_fs_error").write_text("a proof\n", encoding="utf-8")


def _mend(image: Path, store: Path, how: tuple[str, ...]) -> None:
    subprocess.run(["umount", str(store)], check=True)
    done = subprocess.run(["e2fsck", "-p", str(image)], check=False, capture_output=True)
    assert done.returncode in {0, 1}, done.stdout  # 1: errors corrected
    subprocess.run(["mount", *how, str(store)], check=True)
