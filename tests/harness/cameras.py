"""Simulated cameras in a process of their own, driven by their control."""

import asyncio
import contextlib
import sys
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import aiohttp

from tests.harness import ports

STARTS_WITHIN_S = 60.0
TRIES = 5
USER, PASSWORD = "dabyl", "simulated"
HOST = "127.0.0.1"


class Farm:
    """So many cameras, `camera-1` at the first port and so on."""

    def __init__(
        self, count: int, *, tls: bool = False, is_quiet: bool = False, options: Sequence[str] = ()
    ) -> None:
        """`is_quiet`: what they complain of while they are made to fail is not shown."""
        self.count, self.tls, self._options = count, tls, [*options]
        self._stderr = asyncio.subprocess.DEVNULL if is_quiet else None
        self.port = 0
        self._control = ""
        self._process: asyncio.subprocess.Process | None = None
        self._session: aiohttp.ClientSession | None = None

    @property
    def names(self) -> list[str]:
        """Of all cameras."""
        return [f"camera-{number + 1}" for number in range(self.count)]

    def port_of(self, name: str) -> int:
        """Where that camera listens."""
        return self.port + int(name.rpartition("-")[2]) - 1

    @property
    def pid(self) -> int:
        """Of the process."""
        assert self._process is not None
        return self._process.pid

    async def __aenter__(self) -> Self:
        """Start them; a port that somebody took meanwhile asks for others."""
        for _ in range(TRIES):
            if await self._started():
                self._session = aiohttp.ClientSession()
                return self
        raise AssertionError("the simulated cameras do not start")

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End them."""
        if self._session is not None:
            await self._session.close()
        await self._end()

    async def break_(
        self, name: str, quirk: str, value: float | str | None = None, **only: object
    ) -> None:
        """Be difficult; `call` and `times` narrow it."""
        await self._post(f"{name}/break", {"quirk": quirk, "value": value, **only})

    async def mend(self, name: str) -> None:
        """Be as others again."""
        await self._post(f"{name}/mend", {})

    async def do(self, name: str, deed: str, part: int | None = None) -> None:
        """Let something happen to it, or to all whose names fit (`*`)."""
        row: dict[str, object] = {"deed": deed}
        await self._post(f"{name}/do", row if part is None else {**row, "part": part})

    async def show(self, name: str) -> dict[str, Any]:
        """How it is, and what was done to it."""
        assert self._session is not None
        async with self._session.get(f"{self._control}/{name}") as answer:
            found: dict[str, Any] = await answer.json()
            return found

    async def summary(self) -> dict[str, Any]:
        """The same in figures, for all."""
        assert self._session is not None
        async with self._session.get(self._control.replace("/cameras", "/summary")) as answer:
            found: dict[str, Any] = await answer.json()
            return found

    async def _post(self, path: str, body: Mapping[str, object]) -> None:
        assert self._session is not None
        async with self._session.post(f"{self._control}/{path}", json=body) as answer:
            assert answer.status < 300, await answer.text()

    async def _started(self) -> bool:
        self.port, control = ports.free_row(self.count), ports.free()
        self._control = f"http://{HOST}:{control}/cameras"
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "simulators.camera", "--cameras", str(self.count)),
            *("--port", str(self.port), "--control", f"{HOST}:{control}"),
            *(["--tls"] if self.tls else []),
            *self._options,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=self._stderr,
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(STARTS_WITHIN_S):
            async for line in self._process.stdout:
                if line.startswith(b"control:"):
                    return True
        await self._end()
        return False

    async def _end(self) -> None:
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()
