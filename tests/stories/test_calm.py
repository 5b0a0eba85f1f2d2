"""In calm nothing is delivered; a centre that takes nothing any more is seen all the same."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from gateway import app, attest, metrics, settings
from gateway.store import migrate
from tests.harness import waiting
from tests.simulators import centre as centres
from tests.stories import town as towns


def _age_s() -> float:
    return (
        metrics.REGISTRY.get_sample_value("dabyl_supervision_age_seconds", {"receiver": "c"}) or 0
    )


async def test_a_centre_that_takes_no_supervision_any_more_grows_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attest, "SUPERVISION_S", 1.0)
    async with centres.started(tmp_path) as centre:
        (tmp_path / "c.secret").write_bytes((tmp_path / "centre.secret").read_bytes())
        file = tmp_path / "dabyl.toml"
        text = towns.receiver(tmp_path, "c", centre.alarms_url)
        file.write_text(f'[installation]\nid = "calm"\n[http]\nlisten = "127.0.0.1:0"\n{text}')
        found = settings.load(file, {})
        await asyncio.to_thread(migrate.prepare, found.database.address())
        gateway = asyncio.create_task(app.run(found))
        try:
            await waiting.until(lambda: centre.get("/records"), what="it was told of us")
            await waiting.until(lambda: 0 < _age_s() < 2, what="it takes our supervision")
            await centre.mode("refuse")
            await waiting.until(lambda: _age_s() > 3, what="it takes it no more")
            await centre.mode("ok")
            await waiting.until(lambda: _age_s() < 1, what="it takes it again")
        finally:
            gateway.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await gateway
