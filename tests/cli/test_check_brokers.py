"""`dabyl check` at a broker: it disturbs no gateway that lives, and tells what devices can do."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest

from gateway.cli.checks import caller, device_door
from gateway.clock import SystemClock
from gateway.store import tenure
from tests.cli.shell import SETTINGS, Shell
from tests.harness import process, waiting
from tests.harness.deployed_broker import DeployedBroker
from tests.harness.mosquitto import Mosquitto


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_door, "LISTEN_S", 1.0)
    monkeypatch.setattr(caller, "TAKEN_OVER_WITHIN_S", 0.5)


def _broker(url: str, more: str = "") -> str:
    return f'{SETTINGS}\n[[broker]]\nname = "a"\nurl = "{url}"\n{more}\n'


async def _checked(shell: Shell, *more: str) -> str:
    return (await asyncio.to_thread(shell.run, "check", *more)).out


@pytest.fixture
async def deployed(tmp_path: Path) -> AsyncIterator[DeployedBroker]:
    site = DeployedBroker(
        tmp_path / "site",
        devices=["check-1", "button-1"],
        gateways=["gateway-g1-alarm", "gateway-g1-event"],
        secret="lines",
    )
    async with site.broker:
        yield site


def _as_device(shell: Shell, name: str, url: str) -> list[str]:
    shell.write("device.password", name[::-1])
    return ["--as-device", name, "--password-file", "device.password", "--at", url]


def _deployed(shell: Shell, deployed: DeployedBroker) -> None:
    certificate, key = deployed.gateway_pair
    shell.write("broker.password", "lines")
    shell.write(
        "dabyl.toml",
        _broker(
            f"mqtts://127.0.0.1:{deployed.gateways_port}",
            f'ca_file = "{deployed.ca_file}"\ncert_file = "{certificate}"\nkey_file = "{key}"\n'
            'password_file = "broker.password"',
        ),
    )


async def test_the_broker_that_we_ship_lets_a_device_do_nothing_that_it_must_not(
    shell: Shell, deployed: DeployedBroker
) -> None:
    _deployed(shell, deployed)
    login = _as_device(shell, "check-1", f"mqtts://127.0.0.1:{deployed.devices_port}")
    said = await _checked(shell, *login, "--take-over")
    assert f"ok     devices at 127.0.0.1:{deployed.devices_port}: login as check-1" in said
    assert "no device can end another's session" in said
    assert "asked for the session gateway-g1-alarm and was not given it" in said
    assert "check-1 may speak only for itself" in said
    assert "certificate broker a: ends on" in said
    assert "WRONG  devices" not in said


async def test_a_gateway_without_its_certificate_is_told_what_is_missing(
    shell: Shell, deployed: DeployedBroker
) -> None:
    url = f"mqtts://127.0.0.1:{deployed.gateways_port}"
    shell.write("dabyl.toml", _broker(url, f'ca_file = "{deployed.ca_file}"'))
    assert "it may ask for cert_file and key_file" in await _checked(shell)


async def test_a_broker_that_keeps_nothing_apart_is_told_by_a_device_and_nothing_is_taken(
    shell: Shell, broker: Mosquitto
) -> None:
    shell.write("dabyl.toml", _broker(broker.url))
    async with _session(broker, "gateway-g1-alarm") as gateway:
        await gateway.subscribe("dabyl/v1/+/alarm", qos=1)
        async with _session(broker, "button-1") as button:
            await button.publish("dabyl/v1/button-1/state", b"well", qos=1, retain=True)
        url = f"sqlite:///{shell.folder / 'dabyl.db'}"
        async with tenure.hold(url, "g1", SystemClock()):
            said = await _checked(shell, *_as_device(shell, "check-1", broker.url))
            await gateway.publish("dabyl/v1/x", b"", qos=1)  # its session stands
    assert "can end the gateway's session" in said
    assert "check-1 may write on dabyl/v1/check-nobody/none" in said
    assert "hears what others say (dabyl/v1/button-1/state)" in said
    assert "login as gateway" not in said


async def test_a_session_that_a_device_is_given_is_told_only_where_that_was_asked_for(
    shell: Shell, broker: Mosquitto
) -> None:
    shell.write("dabyl.toml", _broker(broker.url))
    async with _session(broker, "gateway-g1-alarm") as gateway:
        await gateway.subscribe("dabyl/v1/+/alarm", qos=1)
    login = _as_device(shell, "check-1", broker.url)
    assert "was given the session" not in await _checked(shell, *login)
    assert "check-1 was given the session gateway-g1-alarm" in await _checked(
        shell, *login, "--take-over"
    )
    async with _session(broker, "button-1") as button:
        await button.publish("dabyl/v1/button-1/alarm", b"help", qos=1)
    async with _session(broker, "gateway-g1-alarm") as gateway, asyncio.timeout(5):
        assert (await anext(aiter(gateway.messages))).payload == b"help"


async def test_a_gateway_that_runs_is_asked_and_not_put_out(
    tmp_path: Path, broker: Mosquitto
) -> None:
    async with process.Dabyl(tmp_path / "dabyl", brokers=[broker.url]) as dabyl:
        await waiting.until(lambda: dabyl.log().count("broker connected") == 2, what="both lanes")
        label = f"127.0.0.1-{broker.port}"
        _, said = await dabyl.run("check")
        assert "ok     gateway: g1 runs" in said
        assert f"ok     broker {label}: g1 holds both its sessions there" in said
        assert "ok     open files" in said or "weak   open files" in said
        assert "broker lost" not in dabyl.log()
        _, said = await dabyl.run("check", "--take-over")
        assert f"ok     broker {label}: login as gateway-g1-alarm" in said
        await waiting.until(lambda: "broker lost" in dabyl.log(), what="it was put out")
        await waiting.until(lambda: dabyl.log().count("broker connected") == 4, what="it is back")


async def test_a_gateway_of_another_installation_is_not_taken_for_ours(
    tmp_path: Path, shell: Shell, broker: Mosquitto
) -> None:
    async with process.Dabyl(tmp_path / "dabyl", brokers=[broker.url]) as other:
        address = f'[http]\nlisten = "127.0.0.1:{other.port}"\n'
        shell.write("dabyl.toml", _broker(broker.url, address))
        said = await _checked(shell)
        assert f"weak   gateway: a gateway answers at {other.url}, but none holds g1" in said
        assert "its login was not tried" in said
        assert "g1 runs" not in said


async def test_a_gateway_that_runs_without_its_broker_is_told(
    tmp_path: Path, broker: Mosquitto
) -> None:
    async with process.Dabyl(tmp_path / "dabyl", brokers=[broker.url]) as dabyl:
        await broker.stop()
        await waiting.until(lambda: dabyl.log().count("broker lost") == 2, what="both lost")
        _, said = await dabyl.run("check")
        assert "does not answer (Connection refused); `systemctl status" in said


async def test_two_gateways_of_one_name_are_told(shell: Shell, broker: Mosquitto) -> None:
    shell.write("dabyl.toml", _broker(broker.url))
    stop = asyncio.Event()
    rival = asyncio.create_task(_rival(broker, stop))
    login = _as_device(shell, "check-1", broker.url)
    try:
        said = await _checked(shell, *login)
    finally:
        stop.set()
        await rival
    assert "somebody else is gateway g1 there" in said
    assert "another gateway named g1 speaks there" in said


async def _rival(broker: Mosquitto, stop: asyncio.Event) -> None:
    """A gateway of our name on another host: it comes back whenever it is put out."""
    while not stop.is_set():
        try:
            async with _session(broker, "gateway-g1-alarm") as other:
                while not stop.is_set():
                    await other.publish("dabyl/v1/_gateway/g1", b"{}")
                    await asyncio.sleep(0.1)
        except aiomqtt.MqttError:
            await asyncio.sleep(0.1)


def _session(broker: Mosquitto, name: str) -> aiomqtt.Client:
    return aiomqtt.Client(
        "127.0.0.1", broker.port, identifier=name, username=name, clean_session=False
    )
