"""A real Prometheus with the configuration that we ship watches a real gateway, and tells."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.deploy.promql import AWAITED, asked
from tests.deploy.test_grafana import substituted
from tests.deploy.test_series import dashboard_queries
from tests.harness import ports, waiting
from tests.harness.prometheus import Prometheus
from tests.house import tree
from tests.stories.town import Town

pytestmark = pytest.mark.servers

_SHIPPED = tree.ROOT / "deploy" / "prometheus"
_ALWAYS = {"AlertingLives", "DevicesUnknown"}
"""The devices of a town only press: those that do not are never heard."""


def _configuration(gateway_port: int, own_port: int) -> str:
    """What we ship, with other addresses, and looked at more often."""
    text = tree.text(_SHIPPED / "prometheus.yml")
    for old, new in (
        (r"scheme: https\n +tls_config:\n +ca_file: \S+", "scheme: http"),
        (r"127\.0\.0\.1:8443", f"127.0.0.1:{gateway_port}"),
        (r"127\.0\.0\.1:9090", f"127.0.0.1:{own_port}"),
        (r"(_interval|_timeout): \ds", r"\1: 1s"),
    ):
        text, times = re.subn(old, new, text)
        assert times, f"{old} is not in the configuration any more"
    return text


@pytest.fixture
async def watcher(tmp_path: Path, town: Town) -> AsyncIterator[Prometheus]:
    """Prometheus with our rules as they are; only each `for` is cut to 2 s."""
    folder = tmp_path / "prometheus"
    folder.mkdir()
    rules = tree.text(_SHIPPED / "dabyl.rules.yml")
    (folder / "dabyl.rules.yml").write_text(re.sub(r"for: \d+[sm]", "for: 2s", rules))
    configuration = _configuration(town.dabyl.port, ports.free())
    async with Prometheus(folder, configuration) as running:
        await _calms(running)
        yield running


async def _tells(watcher: Prometheus, alert: str, within_s: float = 20) -> None:
    async def does() -> bool:
        return alert in await watcher.firing()

    await waiting.until(does, within_s=within_s, what=f"{alert} fires")


async def _calms(watcher: Prometheus) -> None:
    async def is_calm() -> bool:
        scraped = await watcher.query('count_over_time(up{job="dabyl"}[5s]) > 2 and up == 1')
        return bool(scraped) and await watcher.firing() <= _ALWAYS

    await waiting.until(is_calm, within_s=30, what="it is calm")


async def test_the_operator_is_told_what_died_and_that_it_is_back(
    town: Town, watcher: Prometheus
) -> None:
    await town.centre.mode("refuse")
    for number in range(1, 5):
        await town.devices.press(f"button-{number}")
    await _tells(watcher, "ReceiverDown")
    await _tells(watcher, "OutboxOldP0")
    await town.centre.mode("ok")
    await _calms(watcher)
    await town.brokers[0].kill()
    await _tells(watcher, "BrokerDisconnected")
    await town.brokers[0].start()
    await _calms(watcher)
    await town.dabyl.kill()
    await _tells(watcher, "GatewayDown")
    await town.dabyl.start()
    await _calms(watcher)
    # The very first of its kind: a series that appeared at 1 would never have risen.
    await town.devices.publish("button-1", "alarm", b"help!")
    await _tells(watcher, "UnreadableAlarm")


async def test_a_dashboard_shows_something_on_each_of_its_panels_when_something_happens(
    town: Town, watcher: Prometheus
) -> None:
    async def life() -> None:
        for number in range(1, 100):
            await town.devices.press(f"button-{number}")
            await town.devices.publish("button-1", "event", b"nonsense")
            passage = {"direction": "in", "credential": str(number), "taken": True}
            body = {"id": f"passage-{number}", "kind": "passage.granted", "data": passage}
            await town.devices.publish("gate-1", "event", body)
            await town.devices.publish("gate-1", "alarm", body | {"id": f"misplaced-{number}"})
            await asyncio.sleep(0.5)

    living = asyncio.create_task(life())
    try:
        for query in dashboard_queries():
            if _may_be_empty(query):
                continue
            await waiting.until(
                lambda query=query: watcher.query(substituted(query)),  # type: ignore[misc]
                within_s=20,
                what=query,
            )
    finally:
        living.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await living


def _may_be_empty(query: str) -> bool:
    """What nobody exports yet, a certificate that this town has none of, alerts in calm."""
    names = {one.name for one in asked(query)}
    return bool(names & (AWAITED | {"dabyl_certificate_expiry_timestamp_seconds", "ALERTS"}))
