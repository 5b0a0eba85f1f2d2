"""`dabyl journal verify`: a chain that was cut or changed is found, by itself or by the centre."""

import json

import pytest
from sqlalchemy import Connection, delete, update

from adapters.signal import Lane
from gateway.domain.event import Event
from gateway.domain.kind import KINDS
from gateway.domain.site import NOWHERE
from gateway.store import journal, schema
from gateway.store.journal import Head
from tests.cli.shell import AT, Shell

ROWS = 5


def _event(number: int) -> Event:
    return Event(
        device="b-1",
        kind=KINDS["panic.pressed"],
        lane=Lane.ALARM,
        id=f"event-{number}",
        digest=bytes(16),
        link="demo",
        received_at=AT,
        data={},
        body=b"{}",
        place=NOWHERE,
    )


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


def _record(head: Head, verdict: str = "accepted") -> str:
    anchor = {"gateway": "g1", "number": head.number, "hash": head.hash.hex()}
    return json.dumps({"verdict": verdict, "body": json.dumps({"data": {"journal": anchor}})})


def test_a_whole_journal_is_whole(shell: Shell, record: str) -> None:
    said = shell.run("journal", "verify", "--against", record)
    assert said.code == 0
    assert "5 rows compared" in said.out
    assert said.out.endswith("the journal is whole\n")


def test_a_changed_row_is_found_by_the_chain_itself(shell: Shell, record: str) -> None:
    assert record
    rows = schema.journal_alarm
    change = update(rows).where(rows.c.number == 3).values(device="b-2")
    shell.store(lambda connection: connection.execute(change).rowcount)
    said = shell.run("journal", "verify")
    assert said.code == 1
    assert "g1, alarm lane, row 3: changed" in said.err


def test_a_cut_tail_is_found_only_against_the_centre(shell: Shell, record: str) -> None:
    rows = schema.journal_alarm
    cut = delete(rows).where(rows.c.number > 3)
    shell.store(lambda connection: connection.execute(cut).rowcount)
    assert shell.run("journal", "verify").code == 0
    said = shell.run("journal", "verify", "--against", record)
    assert said.code == 1
    assert "cut off: the receiver was told of row 5, the journal ends at 3" in said.err


def test_a_chain_that_was_written_anew_is_found_only_against_the_centre(
    shell: Shell, record: str
) -> None:
    def forge(connection: Connection) -> None:
        connection.execute(delete(schema.journal_alarm))
        journal.append(connection, "g1", Lane.ALARM, [_event(n + 10) for n in range(5)], Head())

    shell.store(forge)
    assert shell.run("journal", "verify").code == 0
    said = shell.run("journal", "verify", "--against", record)
    assert said.code == 1
    assert "row 1: rewritten" in said.err


def test_what_the_centre_could_not_trust_accuses_nobody(shell: Shell, record: str) -> None:
    forged = _record(Head(number=99), verdict="unsigned")
    with open(record, "a", encoding="utf-8") as file:  # noqa: PTH123 - a path as the shell has it
        file.write(forged + "\n")
    assert shell.run("journal", "verify", "--against", record).code == 0


def test_a_file_without_notices_proves_nothing(shell: Shell) -> None:
    said = shell.run("journal", "verify", "--against", shell.write("empty.jsonl", "\n"))
    assert said.code == 1
    assert "none of its 0 lines" in said.err
