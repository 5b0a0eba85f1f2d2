"""deploy/README.md, typed into a bare machine: what comes of it, and what systemd makes of it."""

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator

import pytest

from tests.harness.booted import Booted
from tests.house import tree

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CHOICES = """
echo '127.0.0.1 broker-a.example dabyl.example' >> /etc/hosts
sed -i 's|my-region|test-region|; s|https://centre.example|http://127.0.0.1:9095|; /centre-ca/d' \\
    /etc/dabyl/dabyl.toml
systemd-run --quiet --unit=centre --property=LoadCredential=secrets:/etc/dabyl/secrets \\
    sh -c '/opt/dabyl/venv/bin/dabyl centre --listen 127.0.0.1:9095 --control 127.0.0.1:9096 \\
        --secret-file $CREDENTIALS_DIRECTORY/secrets_centre.secret'
mosquitto_passwd -b /etc/mosquitto/devices.passwords button-1 pressed
systemctl reload mosquitto
until curl --silent --fail http://127.0.0.1:9096/records >/dev/null; do sleep 0.1; done
"""
"""What the operator chooses: names, a centre (here a simulated one), a first device."""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Booted]:
    """A bare machine into which the README was typed to its end; the network stays away."""
    booted = Booted(tmp_path_factory.mktemp("booted"), code=tree.ROOT)
    asyncio.run(booted.start())
    try:
        booted.typed("mkdir -p /opt/dabyl; ln -s /srv/code /opt/dabyl/source")
        program, *settled, check, start, people, watch = _BLOCK.findall(
            tree.text(tree.ROOT / "deploy" / "README.md")
        )
        install = re.sub(r"^apt-get .*\n", "", program).strip()
        booted.typed(f"{install} --venv /srv/venv")
        booted.typed("\n".join([*settled, _CHOICES]))
        _, said = booted.run("bash", "-c", check)
        # In there everything lies in memory, and it sees that.
        wrong = re.findall(r"^WRONG +(\w+)", said, re.MULTILINE)
        assert wrong == ["disk"], said
        booted.typed(start)
        booted.typed(people)
        booted.typed(watch)
        yield booted
    finally:
        asyncio.run(booted.end())


def _until(condition: Callable[[], bool], what: str, within_s: float = 30.0) -> None:
    limit = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < limit, f"not within {within_s:g} s: {what}"
        time.sleep(0.1)


def _shown(machine: Booted, what: str) -> str:
    return machine.said("systemctl", "show", "--property", what, "--value", "dabyl").strip()


def _asked(machine: Booted, path: str) -> str:
    return machine.said("curl", "--silent", "--insecure", f"https://127.0.0.1:8443{path}")


def _is_running(machine: Booted, but: str) -> bool:
    state, pid = _shown(machine, "ActiveState"), _shown(machine, "MainPID")
    return state == "active" and pid not in {"0", but}


def test_whoever_types_the_readme_gets_a_gateway_that_listens(machine: Booted) -> None:
    assert _shown(machine, "StatusText") == "listening at https://0.0.0.0:8443"
    assert _shown(machine, "User") == "dabyl"
    _until(lambda: json.loads(_asked(machine, "/readyz"))["brokers"] == {"a": True}, "connected")


def test_a_press_goes_through_all_of_it_to_the_centre(machine: Booted) -> None:
    body = '{"id": "01JDABYLUNDERSYSTEMD000001", "kind": "panic.pressed"}'
    press = f"""mosquitto_pub -h broker-a.example -p 8883 --cafile /etc/dabyl/brokers-ca.crt -q 1 \\
        -u button-1 -P pressed -t dabyl/v1/button-1/alarm -m '{body}'"""
    machine.typed(press)
    records = "http://127.0.0.1:9096/records?limit=100"
    _until(lambda: "button-1" in machine.said("curl", "--silent", records), "the centre has it")


def test_the_process_can_still_be_watched_under_all_its_protection(machine: Booted) -> None:
    series = _asked(machine, "/metrics")
    assert "\nprocess_open_fds " in series
    assert "\nprocess_resident_memory_bytes " in series
    for use in ("http", "broker"):
        assert f'dabyl_certificate_expiry_timestamp_seconds{{use="{use}"}}' in series


def test_prometheus_watches_it_as_it_is_shipped(machine: Booted) -> None:
    query = "http://127.0.0.1:9090/api/v1/query?query=up%7Bjob=%22dabyl%22%7D"

    def is_up() -> bool:  # while it reads its log it answers 503, and not in JSON
        code, said = machine.run("curl", "--silent", "--fail", "--globoff", query)
        if code != 0:
            return False
        return [one["value"][1] for one in json.loads(said)["data"]["result"]] == ["1"]

    _until(is_up, "Prometheus hears the gateway")


def test_a_killed_broker_is_started_again_and_found_again(machine: Booted) -> None:
    before = machine.said("systemctl", "show", "--property=MainPID", "--value", "mosquitto")
    machine.said("systemctl", "kill", "--signal=KILL", "mosquitto")

    def is_back() -> bool:
        now = machine.said("systemctl", "show", "--property=MainPID", "--value", "mosquitto")
        lives = "dabyl_broker_connections_total"
        made = re.search(
            rf'^{lives}{{broker="a"}} (\S+)$', _asked(machine, "/metrics"), re.MULTILINE
        )
        return now not in {before, "0\n"} and made is not None and float(made[1]) >= 4

    _until(is_back, "the gateway has connected again")
    limit = machine.said("systemctl", "show", "--property=LimitNOFILE", "--value", "mosquitto")
    assert limit.strip() == "65536"


def test_a_killed_gateway_is_started_again(machine: Booted) -> None:
    before = _shown(machine, "MainPID")
    machine.said("systemctl", "kill", "--signal=KILL", "dabyl")
    _until(lambda: _is_running(machine, before), "another one runs")


def test_a_gateway_that_hangs_is_ended_says_where_it_hung_and_is_started_again(
    machine: Booted,
) -> None:
    before = _shown(machine, "MainPID")
    machine.said("kill", "-STOP", before)
    _until(lambda: _is_running(machine, before), "another one runs")
    said = machine.said("journalctl", "--unit=dabyl", f"_PID={before}", "--output=cat")
    assert "most recent call first" in said


def test_a_gateway_ends_in_good_order_when_it_is_stopped(machine: Booted) -> None:
    machine.said("systemctl", "stop", "dabyl")
    assert (_shown(machine, "Result"), _shown(machine, "ExecMainStatus")) == ("success", "0")
