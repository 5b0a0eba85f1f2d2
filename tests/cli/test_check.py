"""`dabyl check`: what it finds, and what it leaves as it was."""

import asyncio
import re
from pathlib import Path

import aiomqtt
import msgspec
import pytest

from gateway.cli.checks import mosquitto_conf
from gateway.cli.checks.finding import Verdict
from gateway.store import schema
from tests.cli.shell import SETTINGS, Shell
from tests.harness.mosquitto import Mosquitto

DEPLOYED = Path(__file__).resolve().parents[2] / "deploy" / "mosquitto" / "dabyl.conf"


def _traps(path: Path) -> dict[str, str]:
    return {
        found.what: found.why
        for found in mosquitto_conf.all_of(path)
        if found.verdict is Verdict.WRONG
    }


def test_our_own_broker_configuration_holds_no_trap() -> None:
    assert [found.verdict for found in mosquitto_conf.all_of(DEPLOYED)] == [Verdict.OK]


@pytest.mark.parametrize(
    ("option", "instead", "trap"),
    [
        ("max_queued_messages", "", "max_queued_messages"),
        ("max_queued_messages", "max_queued_messages 1000", "max_queued_messages"),
        ("autosave_interval", "", "autosave_interval"),
        ("autosave_interval", "autosave_interval 1800", "autosave_interval"),
        ("persistence", "persistence false", "persistence"),
        ("max_packet_size", "max_packet_size 4096", "max_packet_size"),
        ("use_username_as_clientid", "", "listener 8883"),
        ("allow_anonymous", "allow_anonymous true", "listener 8883"),
        ("acl_file", "", "listener 8883"),
    ],
)
def test_a_trap_in_the_broker_configuration_is_found(
    tmp_path: Path, option: str, instead: str, trap: str
) -> None:
    file = tmp_path / "mosquitto.conf"
    whole = re.sub(r"^autosave_on_changes true$", "", DEPLOYED.read_text(), flags=re.MULTILINE)
    file.write_text(re.sub(rf"^{option} .*$", instead, whole, flags=re.MULTILINE))
    assert f"mosquitto {trap}" in _traps(file)


def test_a_door_opened_for_one_listener_is_open_at_all_unless_they_are_kept_apart(
    tmp_path: Path,
) -> None:
    file = tmp_path / "mosquitto.conf"
    whole = DEPLOYED.read_text() + "listener 1883 127.0.0.1\nallow_anonymous true\n"
    file.write_text(whole)
    assert set(_traps(file)) == {"mosquitto listener 1883"}
    file.write_text(whole.replace("per_listener_settings true", "per_listener_settings false"))
    assert set(_traps(file)) > {f"mosquitto listener {port}" for port in (8883, 8884, 8885)}


def test_debians_own_configuration_is_full_of_traps(tmp_path: Path) -> None:
    file = tmp_path / "mosquitto.conf"
    file.write_text("persistence true\npersistence_location /var/lib/mosquitto/\nlistener 1883\n")
    assert {"mosquitto max_queued_messages", "mosquitto autosave_interval"} < set(_traps(file))


def test_a_check_without_broker_and_centre_says_so_and_is_one(shell: Shell) -> None:
    said = shell.run("check")
    assert said.code == 1
    assert "WRONG  brokers: no [[broker]]" in said.out
    assert "WRONG  receiver centre: secret_file" in said.out
    assert said.err.count("\n") == 1


def test_a_receiver_that_is_wrong_is_told_once_and_without_a_programs_words(shell: Shell) -> None:
    shell.write("centre.secret", "no secret")
    assert (
        "WRONG  receiver centre: line 1 of its secret file is not whsec_" in shell.run("check").out
    )
    shell.write("centre.secret", "whsec_" + "A" * 43 + "=")
    said = shell.run("check").out
    assert "http://127.0.0.1:9/alarms does not answer (Connection refused);" in said


def test_a_key_file_that_others_can_read_is_wrong(shell: Shell) -> None:
    shell.write("seal.key", "x")
    (shell.folder / "seal.key").chmod(0o644)
    assert "chmod 600" in shell.run("check").out


def test_a_broker_that_answers_is_ok_and_its_weakness_is_told(
    shell: Shell, broker: Mosquitto
) -> None:
    shell.write("dabyl.toml", f'{SETTINGS}\n[[broker]]\nurl = "{broker.url}"\n')
    said = shell.run("check")
    assert "login as gateway-g1-alarm and gateway-g1-event" in said.out
    assert "weak   broker" in said.out
    assert said.out.count("unanswered messages at once") <= 1
    assert "it takes any client id" in said.out
    assert "lets in whoever gives no name" in said.out


@pytest.mark.parametrize("may_hear", [True, False])
def test_a_broker_at_which_the_canary_cannot_hear_itself_is_wrong(
    shell: Shell, tmp_path: Path, *, may_hear: bool
) -> None:
    acl = tmp_path / "acl"
    right = "readwrite dabyl/v1/#" if may_hear else "readwrite dabyl/v1/+/alarm"
    acl.write_text(f"pattern {right}\n")
    made = Mosquitto(tmp_path / "walled", lines=[f"acl_file {acl}"])

    async def check() -> str:
        async with made:
            shell.write("dabyl.toml", f'{SETTINGS}\n[[broker]]\nurl = "{made.url}"\n')
            return (await asyncio.to_thread(shell.run, "check")).out

    said = asyncio.run(check())
    assert ("the path can be proven" in said) is may_hear
    assert ("give the gateway readwrite dabyl/v1/#" in said) is not may_hear


async def test_a_check_loses_nothing_that_waits_for_the_gateway(
    shell: Shell, broker: Mosquitto
) -> None:
    def client(name: str) -> aiomqtt.Client:
        return aiomqtt.Client(
            "127.0.0.1", broker.port, identifier=name, username=name, clean_session=False
        )

    async with client("gateway-g1-alarm") as gateway:
        await gateway.subscribe("dabyl/v1/+/alarm", qos=1)
    async with client("b-1") as button:
        await button.publish("dabyl/v1/b-1/alarm", b"help", qos=1)
    shell.write("dabyl.toml", f'{SETTINGS}\n[[broker]]\nurl = "{broker.url}"\n')
    assert "login as" in (await asyncio.to_thread(shell.run, "check")).out
    async with client("gateway-g1-alarm") as gateway, asyncio.timeout(5):
        assert (await anext(aiter(gateway.messages))).payload == b"help"


def test_an_archive_that_is_gone_is_found(shell: Shell) -> None:
    row = {"day": 20_000, "gateway": "g1", "first": 1, "last": 9, "hash": bytes(32)}
    shell.store(lambda c: c.execute(schema.archives.insert(), row).close())
    found = _passages(shell)
    assert found["verdict"] == "WRONG"
    assert "2024-10-04.db: put their backup back" in found["why"]
    folder = shell.folder / "dabyl.db-passages"
    folder.mkdir()
    (folder / "2024-10-04.db").touch()
    found = _passages(shell)
    assert (found["verdict"], found["why"]) == ("ok", f"1 archives in {folder}")


def _passages(shell: Shell) -> dict[str, str]:
    checked = msgspec.json.decode(shell.run("check", "--json").out, type=list[dict[str, str]])
    (found,) = (one for one in checked if one["what"] == "passages")
    return found
