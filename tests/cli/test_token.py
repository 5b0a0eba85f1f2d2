"""`dabyl token`: keys, shown once."""

import re

import pytest

from gateway.store import operators
from tests.cli.shell import Shell
from tests.siteplan.files import GATE, text


def test_a_key_is_printed_once_and_only_its_digest_is_kept(shell: Shell) -> None:
    said = shell.run("token", "add", "aigul", "--role", "dispatcher", "--district", "Talgar")
    key = said.out.strip()
    assert re.fullmatch(r"dabyl_[A-Za-z0-9_-]{43}", key)
    assert key not in said.err
    known = shell.store(lambda connection: operators.token_of(connection, key))
    assert known is not None
    assert (known.name, known.districts) == ("aigul", ("Talgar",))
    assert key.encode() not in b"".join(f.read_bytes() for f in shell.folder.glob("dabyl.db*"))


def test_a_district_without_a_school_is_told_for_it_may_be_a_slip(shell: Shell) -> None:
    said = shell.run("token", "add", "aigul", "--role", "dispatcher", "--district", "Talgra")
    assert said.code == 0
    assert "no school is in district 'Talgra' yet" in said.err


def test_a_name_is_given_once(shell: Shell) -> None:
    shell.run("token", "add", "aigul", "--role", "admin")
    said = shell.run("token", "add", "aigul", "--role", "admin")
    assert said.code == 1
    assert "choose another name" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ["--role", "machine"],
        ["--role", "machine", "--receiver", "nobody"],
        ["--role", "device"],
        ["--role", "admin", "--receiver", "centre"],
        ["--role", "king"],
    ],
)
def test_a_key_that_makes_no_sense_is_wrong_use(shell: Shell, words: list[str]) -> None:
    assert shell.run("token", "add", "x", *words).code == 2


def test_a_device_gets_a_key_only_when_it_is_registered(shell: Shell) -> None:
    words = ("token", "add", "button", "--role", "device", "--device", "b-1")
    assert "import it first" in shell.run(*words).err
    shell.run("site", "import", shell.write("school.csv", text(GATE)), "--apply")
    assert shell.run(*words).code == 0


def test_a_revoked_key_opens_nothing(shell: Shell) -> None:
    key = shell.run("token", "add", "centre", "--role", "machine", "--receiver", "centre").out
    assert shell.run("token", "revoke", "centre").code == 0
    assert shell.store(lambda connection: operators.token_of(connection, key.strip())) is None
    assert shell.run("token", "revoke", "centre").code == 1
