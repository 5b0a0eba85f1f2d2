"""`dabyl journal`: what is wrong with a chain is named in words, by itself or by the centre."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import Connection, delete, update

from adapters.signal import Lane
from gateway.domain.event import Event
from gateway.store import journal, retention, schema, sealed
from gateway.store.journal import Head
from gateway.store.retention import Cut
from gateway.store.signing import Signer
from tests.cli.shell import AT, Shell
from tests.domain.making import event

ROWS = 5


def _event(number: int) -> Event:
    return event("panic.pressed", id=f"event-{number}", at=AT)


@pytest.fixture
def record(shell: Shell) -> str:
    """A journal of five rows, and the file of a centre that was told of each."""

    def fill(connection: Connection) -> list[Head]:
        heads = [Head()]
        for number in range(1, ROWS + 1):
            heads.append(journal.append(connection, "g1", Lane.ALARM, [_event(number)], heads[-1]))
        return heads[1:]

    lines = [_record(head) for head in shell.store(fill)]
    return shell.write("centre.jsonl", "\n".join([*lines, '{"body": "no json"}']) + "\n")


def _record(head: Head, verdict: str = "accepted", **more: object) -> str:
    anchor = {"gateway": "g1", "number": head.number, "hash": head.hash.hex(), **more}
    return json.dumps({"verdict": verdict, "body": json.dumps({"data": {"journal": anchor}})})


def test_a_whole_journal_is_whole(shell: Shell, record: str) -> None:
    said = shell.run("journal", "verify", "--against", record)
    assert said.code == 0
    assert "5 rows compared, 1 unreadable or unsigned left out" in said.out
    assert said.out.endswith("the journal is whole\n")


def test_an_empty_journal_proves_nothing(shell: Shell) -> None:
    said = shell.run("journal", "verify")
    assert (said.code, said.out) == (0, "the journal is empty: nothing is proven\n")


def test_a_changed_row_is_found_by_the_chain_itself(shell: Shell, record: str) -> None:
    assert record
    rows = schema.journal_alarm
    change = update(rows).where(rows.c.number == 3).values(device="b-2")
    shell.store(lambda connection: connection.execute(change).rowcount)
    said = shell.run("journal", "verify")
    assert said.code == 1
    assert said.out.startswith("BAD g1, alarm lane: 2 rows, head 2")
    assert "g1, alarm lane, row 3: changed: row 3 was changed: it does not say" in said.err


def test_a_cut_tail_is_found_only_against_the_centre(shell: Shell, record: str) -> None:
    rows = schema.journal_alarm
    cut = delete(rows).where(rows.c.number > 3)
    shell.store(lambda connection: connection.execute(cut).rowcount)
    assert shell.run("journal", "verify").code == 0
    said = shell.run("journal", "verify", "--against", record)
    assert said.code == 1
    assert "the receiver was told of row 5, the journal ends at row 3 (2 told rows" in said.err


def test_a_program_is_told_the_same(shell: Shell, record: str) -> None:
    rows = schema.journal_alarm
    cut = delete(rows).where(rows.c.number > 3)
    shell.store(lambda connection: connection.execute(cut).rowcount)
    said = shell.run("journal", "verify", "--against", record, "--json")
    found = json.loads(said.out)
    (fault,) = found["faults"]
    assert (said.code, found["whole"], fault["what"], fault["row"]) == (1, False, "cut off", 5)
    assert [(one["gateway"], one["rows"]) for one in found["chains"]] == [("g1", 3)]
    assert found["against"] == {"records": 6, "unread": 1, "compared": 3, "dropped": 0}


def test_what_the_centre_could_not_trust_accuses_nobody(shell: Shell, record: str) -> None:
    forged = _record(Head(number=99), verdict="unsigned")
    with open(record, "a", encoding="utf-8") as file:  # noqa: PTH123 - a path as the shell has it
        file.write(forged + "\n")
    assert shell.run("journal", "verify", "--against", record).code == 0


def test_a_file_without_notices_proves_nothing(shell: Shell) -> None:
    said = shell.run("journal", "verify", "--against", shell.write("empty.jsonl", "\n"))
    assert said.code == 1
    assert "none of its 0 lines" in said.err


def _dropped(shell: Shell, signer: Signer, rows: int) -> None:
    """Retention took the oldest."""
    late = AT + timedelta(days=2)
    cut = Cut(signer=signer, lane=Lane.ALARM, before=late, now=late)
    shell.store(lambda connection: retention.drop_slice(connection, cut, rows))


def _own(shell: Shell) -> Signer:
    return Signer(sealed.key_from(shell.folder / "sign.key"))


@pytest.mark.usefixtures("record")
def test_the_public_key_alone_checks_what_retention_signed(shell: Shell) -> None:
    public = shell.run("journal", "key").out.strip()
    _dropped(shell, _own(shell), 2)
    (shell.folder / "sign.key").unlink()
    assert "not signed by this installation" in shell.run("journal", "verify").err
    said = shell.run("journal", "verify", "--key", public)
    assert (said.code, "3 rows behind row 2 (retention)" in said.out) == (0, True)
    assert shell.run("journal", "verify", "--key", _own(shell).public).code == 1


def test_the_public_key_is_printed_as_other_tools_read_it(shell: Shell) -> None:
    said = shell.run("journal", "key", "--pem")
    assert said.out.startswith("-----BEGIN PUBLIC KEY-----\n")
    assert said.out.endswith("-----END PUBLIC KEY-----\n")
    assert (shell.folder / "sign.key").stat().st_mode & 0o777 == 0o600


def test_a_key_that_is_none_is_refused(shell: Shell) -> None:
    said = shell.run("journal", "verify", "--key", "ed25519:abc")
    assert said.code == 1
    assert "is no public key" in said.err


def test_a_key_that_the_centre_was_never_told_of_is_named(shell: Shell, record: str) -> None:
    _dropped(shell, _own(shell), 2)
    other = Signer(sealed.key_from(shell.folder / "other.key")).public
    with open(record, "a", encoding="utf-8") as file:  # noqa: PTH123 - a path as the shell has it
        file.write(_record(Head(), key=other) + "\n")
    said = shell.run("journal", "verify", "--against", record)
    assert said.code == 1
    assert f"never told of our key {_own(shell).public}" in said.err
    assert "not signed by this installation" in said.err


def test_the_key_that_the_centre_was_told_of_is_trusted(shell: Shell, record: str) -> None:
    _dropped(shell, _own(shell), 2)
    with open(record, "a", encoding="utf-8") as file:  # noqa: PTH123 - a path as the shell has it
        file.write(_record(Head(), key=_own(shell).public) + "\n")
    said = shell.run("journal", "verify", "--against", record)
    assert said.code == 0
    assert "4 rows compared, 1 told rows dropped by their age" in said.out


def test_the_signing_key_lies_beside_the_seal_where_nothing_else_is_said(shell: Shell) -> None:
    (shell.folder / "state").mkdir()
    more = '[keys]\nseal_file = "state/seal.key"\ncard_file = "state/card.key"\n'
    settings = shell.folder / "dabyl.toml"
    settings.write_text(settings.read_text() + more)
    assert shell.run("journal", "key").code == 0
    assert (shell.folder / "state" / "sign.key").exists()
