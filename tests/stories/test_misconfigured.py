"""What cannot be right is told at once: one line, exit code 1, no traceback."""

import sqlite3
from pathlib import Path

import pytest

from gateway.store.database import Urgency, open_database
from tests.harness import mosquitto, ports, process
from tests.stories import town as towns

pytestmark = pytest.mark.servers


def _dabyl(folder: Path, **more: str) -> process.Dabyl:
    return process.Dabyl(
        folder / "dabyl",
        brokers=[f"mqtt://127.0.0.1:{ports.free()}"],
        database=more.get("database", "sqlite:///dabyl.db"),
        more=more.get("more", ""),
    )


async def _ends(dabyl: process.Dabyl, *words: str) -> None:
    """It ends with code 1, and its last line, which says all of it, holds these words."""
    code, said = await dabyl.run("run", within_s=20)
    lines = [line for line in said.splitlines() if not line.startswith(("{", "20"))]
    assert code == 1, said
    assert len(lines) == 1, said
    assert "Traceback" not in said
    assert all(word in lines[0] for word in words), said


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('[[broker]]\nurl = "mqtt://broker.example:1883"', ("broker", "mqtts://")),
        ("[nonsense]\nkey = 1", ("nonsense", "not a setting")),
        ('[[route]]\nreceiver = "nobody"', ("nobody",)),
        (
            '[[receiver]]\nname = "centre"\nurl = "http://127.0.0.1:1/"\nsecret_file = "gone"',
            ("centre", "gone"),
        ),
        ("[[receiver]", ("dabyl.toml",)),
    ],
    ids=["plain-mqtt", "unknown-key", "route-to-nobody", "no-secret", "no-toml"],
)
async def test_wrong_settings_are_named(tmp_path: Path, more: str, words: tuple[str, ...]) -> None:
    await _ends(_dabyl(tmp_path, more=more), *words)


async def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    dabyl = _dabyl(tmp_path)
    dabyl.settings.unlink()
    await _ends(dabyl, "dabyl.toml", "--config")


async def test_somebody_elses_sqlite_file_is_not_touched(tmp_path: Path) -> None:
    dabyl = _dabyl(tmp_path)
    file = dabyl.folder / "dabyl.db"
    other = sqlite3.connect(file)
    other.execute("CREATE TABLE pupils (name TEXT)")
    other.commit()
    other.close()
    before = file.read_bytes()
    await _ends(dabyl, "pupils")
    assert file.read_bytes() == before


async def test_a_file_that_is_no_database_is_not_touched(tmp_path: Path) -> None:
    dabyl = _dabyl(tmp_path)
    file = dabyl.folder / "dabyl.db"
    file.write_text("these are my notes, and no database at all\n" * 100)
    await _ends(dabyl, "not a database")
    assert file.read_text().startswith("these are my notes")


async def test_somebody_elses_postgresql_database_is_not_touched(
    tmp_path: Path, database_url: str
) -> None:
    database = open_database(database_url)
    make = "CREATE TABLE pupils (name TEXT)"
    await database.write(lambda c: c.exec_driver_sql(make).close(), Urgency.STEP)
    await database.close()
    await _ends(_dabyl(tmp_path, database=database_url), "pupils")


async def test_an_unreachable_postgresql_is_named_without_its_password(tmp_path: Path) -> None:
    port = ports.free()
    url = f"postgresql://dabyl:hunter2@127.0.0.1:{port}/dabyl"
    dabyl = _dabyl(tmp_path, database=url)
    await _ends(dabyl, str(port))
    assert "hunter2" not in (await dabyl.run("run"))[1]


async def test_a_port_in_use_is_named(tmp_path: Path, broker: mosquitto.Mosquitto) -> None:
    dabyl = _dabyl(tmp_path)
    text = dabyl.settings.read_text()
    dabyl.settings.write_text(text.replace(f"127.0.0.1:{dabyl.port}", f"127.0.0.1:{broker.port}"))
    await _ends(dabyl, "in use", "http.listen")


async def test_a_wrong_broker_password_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    (folder / "passwords").touch(mode=0o600)
    lines = ("allow_anonymous false", f"password_file {folder / 'passwords'}")
    async with mosquitto.Mosquitto(folder, lines=lines) as broker:
        dabyl = process.Dabyl(tmp_path / "dabyl", brokers=[broker.url])
        await _ends(dabyl, "refused", "password")


async def test_a_second_gateway_of_the_same_name_does_not_start(
    tmp_path: Path, database: str
) -> None:
    async with towns.opened(tmp_path, database=database) as town:
        second = process.Dabyl(
            tmp_path / "second", brokers=[town.brokers[0].url], database=town.database
        )
        await _ends(second, "'g1'", "name")
        await town.devices.press("button-1")
