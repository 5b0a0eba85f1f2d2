"""The whole line sealed: broker as deployed, TLS, passwords, the gateway's certificate."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest

from tests.harness.deployed_broker import DeployedBroker
from tests.harness.process import Dabyl

pytestmark = pytest.mark.servers

GATEWAYS = ["gateway-g1-alarm", "gateway-g1-event"]


@pytest.fixture
async def sealed(tmp_path: Path) -> AsyncIterator[DeployedBroker]:
    """The deployed broker, running; both sessions of the gateway with one password."""
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    made = DeployedBroker(folder, devices=["button-1"], gateways=GATEWAYS, secret="open sesame")
    async with made.broker:
        yield made


def _broker(made: DeployedBroker, folder: Path, secret: str) -> str:
    certificate, key = made.gateway_pair
    password = folder / "broker.password"
    password.write_text(secret)
    return (
        f'[[broker]]\nurl = "mqtts://127.0.0.1:{made.gateways_port}"\n'
        f'ca_file = "{made.ca_file}"\ncert_file = "{certificate}"\nkey_file = "{key}"\n'
        f'password_file = "{password}"\n'
    )


async def test_a_press_is_receipted_over_the_line_as_it_is_deployed(
    sealed: DeployedBroker, tmp_path: Path
) -> None:
    more = _broker(sealed, tmp_path, "open sesame")
    dabyl = Dabyl(tmp_path / "dabyl", brokers=[], more=more)
    await dabyl.start()
    try:
        async with sealed.device("button-1") as button, asyncio.timeout(10):
            await button.subscribe("dabyl/v1/button-1/receipt", qos=1)
            press = {"id": "0123456789abcdef", "kind": "panic.pressed"}
            await button.publish("dabyl/v1/button-1/alarm", json.dumps(press), qos=1)
            receipt = await _first(button)
    finally:
        await dabyl.stop()
    assert (receipt["id"], receipt["by"], receipt["copies"]) == ("0123456789abcdef", "g1", 1)


async def test_a_gateway_with_a_wrong_broker_password_ends_with_one_line(
    sealed: DeployedBroker, tmp_path: Path
) -> None:
    more = _broker(sealed, tmp_path, "a slip")
    code, said = await Dabyl(tmp_path / "dabyl", brokers=[], more=more).run("run")
    lines = [line for line in said.splitlines() if line.startswith("dabyl:")]
    assert code == 1
    assert len(lines) == 1
    assert "login was refused" in lines[0]
    assert "Traceback" not in said


async def _first(client: aiomqtt.Client) -> dict[str, object]:
    async for message in client.messages:
        found: dict[str, object] = json.loads(bytes(message.payload))
        return found
    raise AssertionError
