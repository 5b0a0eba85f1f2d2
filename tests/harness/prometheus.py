"""Debian's Prometheus on a free loopback port, in a folder of its own."""

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

from tests.harness import ports, programs, servers, waiting


class Prometheus:
    """A Prometheus with a given configuration, asked over its API."""

    def __init__(self, folder: Path, configuration: str) -> None:
        """Files that the configuration names by a relative path lie in the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "prometheus.yml").write_text(configuration)
        self.port = ports.free()
        command: Sequence[str] = [
            programs.find("prometheus"),
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]
        self._server = servers.Server(command, log=folder / "prometheus.log", cwd=folder)
        self._client = httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=10)

    async def query(self, expression: str) -> list[Any]:
        """What an expression gives now.

        Raises:
            AssertionError: it is no expression.
        """
        answer = await self._client.get("/api/v1/query", params={"query": expression})
        content = answer.json()
        assert content["status"] == "success", f"{expression}: {content.get('error')}"
        found: list[Any] = content["data"]["result"]
        return found

    async def firing(self) -> set[str]:
        """The names of the alerts that fire."""
        answer = await self._client.get("/api/v1/alerts")
        alerts = answer.json()["data"]["alerts"]
        return {one["labels"]["alertname"] for one in alerts if one["state"] == "firing"}

    async def __aenter__(self) -> Self:
        self._server.start()
        await waiting.until(self._is_ready_or_dead, within_s=30, what="prometheus is ready")
        if not self._server.alive():
            raise servers.DidNotStartError("prometheus", self._server.log())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()
        await asyncio.to_thread(self._server.end, signal.SIGTERM)

    async def _is_ready_or_dead(self) -> bool:
        if not self._server.alive():
            return True
        try:
            answer = await self._client.get("/-/ready")
        except httpx2.TransportError:
            return False
        return answer.status_code == httpx2.codes.OK
