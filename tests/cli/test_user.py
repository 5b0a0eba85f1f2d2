"""`dabyl user`: people come by name; their passwords are in no option, no log and no listing."""

import re
from pathlib import Path

import msgspec
import pytest

from gateway import passwords
from gateway.domain.operator import Role
from gateway.store import people
from gateway.store.people import Person
from tests.cli.shell import SETTINGS, Said, Shell

PASSWORD = "мысық терезеде ұйықтап жатыр"


def add(shell: Shell, *words: str, name: str = "Aigerim", password: str = PASSWORD) -> Said:
    file = shell.write("password.txt", password + "\n")
    return shell.run("user", "add", name, "--role", "dispatcher", "--password-file", file, *words)


def kept(shell: Shell, name: str = "aigerim") -> Person:
    found = shell.store(lambda connection: people.get(connection, name))
    assert found is not None
    return found


def test_a_person_is_let_in_with_the_password_of_a_file(shell: Shell) -> None:
    said = add(shell, "--district", "Talgar", "--shown", "Айгерім Н.")
    assert said.code == 0, said.err
    assert "aigerim is a dispatcher now, and sees Talgar" in said.err
    person = kept(shell)
    assert (person.shown, person.role, person.districts) == (
        "Айгерім Н.",
        Role.DISPATCHER,
        ("Talgar",),
    )
    assert passwords.fits(person.hash, PASSWORD)
    assert PASSWORD not in said.out + said.err
    assert "no school is in district 'Talgar' yet" in said.err


def test_a_password_is_made_and_printed_once_when_that_is_asked_for(shell: Shell) -> None:
    said = shell.run("user", "add", "admin", "--role", "admin", "--generate")
    made = said.out.strip()
    assert re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", made)
    assert made not in said.err
    assert passwords.fits(kept(shell, "admin").hash, made)


def test_nobody_is_asked_where_there_is_no_terminal(shell: Shell) -> None:
    said = shell.run("user", "add", "aigerim", "--role", "dispatcher")
    assert said.code == 2
    assert "--password-file FILE" in said.err


@pytest.mark.parametrize("password", ["short", "dispatcher-aigerim-1", "йцукенгшщзхъ123"])
def test_a_weak_password_is_refused_with_its_reason(shell: Shell, password: str) -> None:
    said = add(shell, password=password)
    assert said.code == 1
    assert "this password will not do: it" in said.err
    assert password not in said.err


@pytest.mark.parametrize(
    "words",
    [
        ["add", "Айгерім", "--role", "dispatcher", "--generate"],
        ["add", "a b", "--role", "dispatcher", "--generate"],
        ["add", "x", "--role", "machine", "--generate"],
        ["add", "x", "--role", "device", "--generate"],
        ["add", "x", "--role", "admin", "--subject", "17"],
        ["add", "x", "--role", "admin", "--generate", "--password-file", "f"],
        ["change", "x", "--district", "Medeu", "--all-districts"],
    ],
)
def test_what_makes_no_sense_is_wrong_use(shell: Shell, words: list[str]) -> None:
    assert shell.run("user", *words).code == 2


def test_a_name_is_given_once_among_people_and_keys(shell: Shell) -> None:
    add(shell)
    assert "somebody called 'aigerim' already" in add(shell).err
    assert shell.run("token", "add", "aigerim", "--role", "admin").code == 1
    shell.run("token", "add", "duty", "--role", "admin")
    assert add(shell, name="duty").code == 1


def test_a_person_is_disabled_enabled_and_given_a_new_password(shell: Shell) -> None:
    add(shell)
    assert shell.run("user", "disable", "Aigerim").code == 0
    assert kept(shell).disabled_at is not None
    assert shell.run("user", "enable", "aigerim").code == 0
    assert kept(shell).disabled_at is None
    made = shell.run("user", "password", "aigerim", "--generate").out.strip()
    assert passwords.fits(kept(shell).hash, made)
    for verb in (["disable"], ["enable"], ["password", "--generate"], ["change"]):
        said = shell.run("user", verb[0], "nobody", *verb[1:])
        assert said.code == 1
        assert "`dabyl user list` shows who there is" in said.err


def test_what_a_person_is_changes_and_what_is_not_said_stays(shell: Shell) -> None:
    add(shell, "--district", "Talgar", "--shown", "A.")
    assert shell.run("user", "change", "aigerim", "--role", "supervisor").code == 0
    now = kept(shell)
    assert (now.role, now.districts, now.shown) == (Role.SUPERVISOR, ("Talgar",), "A.")
    shell.run("user", "change", "aigerim", "--all-districts", "--shown", "B.")
    assert (kept(shell).districts, kept(shell).shown) == ((), "B.")


def test_a_person_who_signs_in_elsewhere_needs_no_password_here(shell: Shell) -> None:
    oidc = '\n[oidc]\nissuer = "https://id.example"\nclient_id = "dabyl"\n'
    (shell.folder / "dabyl.toml").write_text(SETTINGS + oidc)
    said = shell.run("user", "add", "aigerim", "--role", "dispatcher", "--subject", "17")
    assert said.code == 0, said.err
    person = kept(shell)
    assert (person.hash, person.issuer, person.subject) == (None, "https://id.example", "17")


def test_everybody_is_listed_without_a_word_of_their_passwords(shell: Shell) -> None:
    assert "`dabyl user add` lets a person in" in shell.run("user", "list").out
    add(shell, "--district", "Talgar")
    said = shell.run("user", "list", "--json")
    (row,) = msgspec.json.decode(said.out, type=list[dict[str, object]])
    assert row["name"] == "aigerim"
    assert row["districts"] == ["Talgar"]
    assert (row["sessions"], row["last_seen_at"]) == (0, None)
    assert "argon2" not in said.out + shell.run("user", "list").out


def test_a_file_of_a_password_that_is_not_there_is_named(shell: Shell) -> None:
    missing = str(Path(shell.folder) / "nowhere.txt")
    said = shell.run("user", "add", "a", "--role", "admin", "--password-file", missing)
    assert said.code == 1
    assert "nowhere.txt" in said.err
