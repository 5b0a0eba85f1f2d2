"""deploy/mosquitto keeps what the contract says about who may speak as whom."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest

from tests.harness import waiting
from tests.harness.deployed_broker import DeployedBroker

pytestmark = pytest.mark.servers

_AUTOSAVE_S = 5


@pytest.fixture
async def deployed(tmp_path: Path) -> AsyncIterator[DeployedBroker]:
    site = DeployedBroker(
        tmp_path / "site",
        devices=["button-1", "button-2"],
        gateways=["gateway-g1-alarm", "gateway-g1-event"],
    )
    async with site.broker:
        yield site


async def _hear(client: aiomqtt.Client) -> str:
    async with asyncio.timeout(5):
        message = await anext(aiter(client.messages))
    return f"{message.topic} {bytes(message.payload or b'').decode()}"


async def test_a_device_cries_and_hears_its_receipt_and_the_beacon(
    deployed: DeployedBroker,
) -> None:
    async with deployed.gateway("gateway-g1-alarm") as gateway, deployed.device("button-1") as me:
        await gateway.subscribe("dabyl/v1/+/alarm", qos=1)
        await me.subscribe([("dabyl/v1/button-1/receipt", 1), ("dabyl/v1/_gateway/#", 0)])
        await me.publish("dabyl/v1/button-1/alarm", b"help", qos=1)
        assert await _hear(gateway) == "dabyl/v1/button-1/alarm help"
        await gateway.publish("dabyl/v1/button-1/receipt", b"stored", qos=1)
        assert await _hear(me) == "dabyl/v1/button-1/receipt stored"
        await gateway.publish("dabyl/v1/_gateway/g1", b"here")
        assert await _hear(me) == "dabyl/v1/_gateway/g1 here"


async def test_a_thief_does_not_get_a_session_by_saying_its_client_id(
    deployed: DeployedBroker,
) -> None:
    async with deployed.gateway("gateway-g1-alarm") as gateway, deployed.device("button-1") as me:
        await me.subscribe("dabyl/v1/button-1/receipt", qos=1)
        async with deployed.device("button-2", says_it_is="button-1"):
            await gateway.publish("dabyl/v1/button-1/receipt", b"stored", qos=1)
            assert await _hear(me) == "dabyl/v1/button-1/receipt stored"
    assert "as button-2 (" in deployed.broker.log()


@pytest.mark.parametrize("topic", ["alarm", "event", "state", "reply", "receipt", "command"])
async def test_a_device_is_not_heard_when_it_speaks_as_another(
    deployed: DeployedBroker, topic: str
) -> None:
    async with deployed.gateway("gateway-g1-alarm") as gateway, deployed.device("button-2") as liar:
        await gateway.subscribe("dabyl/v1/#", qos=1)
        await liar.publish(f"dabyl/v1/button-1/{topic}", b"lie", qos=1)
        await liar.publish("dabyl/v1/_gateway/g1", b"lie", qos=1)
        await liar.publish("dabyl/v1/button-2/receipt", b"lie", qos=1)
        await liar.publish("dabyl/v1/button-2/alarm", b"truth", qos=1)
        assert await _hear(gateway) == "dabyl/v1/button-2/alarm truth"


@pytest.mark.parametrize("wanted", ["button-1/receipt", "+/receipt", "button-1/#", "#"])
async def test_a_device_does_not_hear_what_is_said_to_another(
    deployed: DeployedBroker, wanted: str
) -> None:
    async with deployed.gateway("gateway-g1-alarm") as gateway, deployed.device("button-2") as spy:
        await spy.subscribe("dabyl/v1/button-2/receipt", qos=1)
        await spy.subscribe(f"dabyl/v1/{wanted}", qos=1)
        await gateway.publish("dabyl/v1/button-1/receipt", b"secret", qos=1)
        await gateway.publish("dabyl/v1/button-1/alarm", b"secret", qos=1)
        await gateway.publish("dabyl/v1/button-2/receipt", b"own", qos=1)
        assert await _hear(spy) == "dabyl/v1/button-2/receipt own"


async def test_a_gateway_presses_its_canary_and_hears_the_press_and_its_receipt(
    deployed: DeployedBroker,
) -> None:
    async with deployed.gateway("gateway-g1-alarm") as gateway:
        await gateway.subscribe([("dabyl/v1/+/alarm", 1), ("dabyl/v1/canary-a/receipt", 1)])
        await gateway.publish("dabyl/v1/canary-a/alarm", b"proof", qos=1)
        assert await _hear(gateway) == "dabyl/v1/canary-a/alarm proof"
        await gateway.publish("dabyl/v1/canary-a/receipt", b"stored", qos=1)
        assert await _hear(gateway) == "dabyl/v1/canary-a/receipt stored"


async def test_a_device_cannot_speak_or_listen_as_a_canary(deployed: DeployedBroker) -> None:
    async with deployed.gateway("gateway-g1-alarm") as gateway, deployed.device("button-2") as liar:
        await gateway.subscribe("dabyl/v1/+/alarm", qos=1)
        await liar.subscribe([("dabyl/v1/canary-a/receipt", 1), ("dabyl/v1/button-2/receipt", 1)])
        await liar.publish("dabyl/v1/canary-a/alarm", b"proof", qos=1)
        await liar.publish("dabyl/v1/button-2/alarm", b"truth", qos=1)
        assert await _hear(gateway) == "dabyl/v1/button-2/alarm truth"
        await gateway.publish("dabyl/v1/canary-a/receipt", b"stored", qos=1)
        await gateway.publish("dabyl/v1/button-2/receipt", b"own", qos=1)
        assert await _hear(liar) == "dabyl/v1/button-2/receipt own"


async def test_nobody_gets_in_without_a_name(deployed: DeployedBroker) -> None:
    with pytest.raises(aiomqtt.MqttError):
        await deployed.device(None).__aenter__()


async def test_a_device_with_a_certificate_is_who_the_certificate_says(
    deployed: DeployedBroker,
) -> None:
    async with (
        deployed.gateway("gateway-g1-alarm") as gateway,
        deployed.certified_device("turnstile-7") as gate,
    ):
        await gateway.subscribe("dabyl/v1/#", qos=1)
        await gate.publish("dabyl/v1/whatever/alarm", b"lie", qos=1)
        await gate.publish("dabyl/v1/turnstile-7/alarm", b"forced", qos=1)
        assert await _hear(gateway) == "dabyl/v1/turnstile-7/alarm forced"


async def test_a_gateway_is_nobody_where_devices_knock(deployed: DeployedBroker) -> None:
    with pytest.raises(aiomqtt.MqttError):
        await deployed.device("gateway-g1-alarm").__aenter__()


async def test_a_device_is_nobody_where_gateways_knock(deployed: DeployedBroker) -> None:
    with pytest.raises(aiomqtt.MqttError):
        await deployed.gateway("button-1").__aenter__()


async def test_a_gateway_needs_its_certificate_beside_its_password(
    deployed: DeployedBroker,
) -> None:
    with pytest.raises(aiomqtt.MqttError):
        await deployed.gateway("gateway-g1-alarm", certificate=False).__aenter__()


async def test_a_queue_outlives_a_killed_broker_once_it_was_saved(
    deployed: DeployedBroker,
) -> None:
    async with deployed.gateway("gateway-g1-alarm") as gateway:
        await gateway.subscribe("dabyl/v1/+/alarm", qos=1)
    async with deployed.device("button-1") as button:
        await button.publish("dabyl/v1/button-1/alarm", b"help", qos=1)
    await waiting.until(deployed.has_saved, within_s=3 * _AUTOSAVE_S, what="the broker saved")
    await deployed.broker.kill()
    await deployed.broker.start()
    async with deployed.gateway("gateway-g1-alarm") as gateway:
        assert await _hear(gateway) == "dabyl/v1/button-1/alarm help"
