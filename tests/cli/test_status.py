"""`dabyl status`: the store's counts, and whether they agree, whether anything runs or not."""

from sqlalchemy import text

from adapters.signal import Lane
from gateway.store import journal, outbox
from gateway.store.journal import Head
from tests.cli.shell import AT, Shell
from tests.domain.making import event


def _fill(shell: Shell) -> None:
    events = [event("panic.pressed", id=f"e{n}", at=AT) for n in range(3)]
    shell.store(lambda c: journal.append(c, "g1", Lane.ALARM, events, Head()))


def test_an_empty_store_agrees(shell: Shell) -> None:
    said = shell.run("status")
    assert said.code == 0
    assert said.out.endswith("the counts agree\n")


def test_what_is_journalled_is_told_to_people_and_programs(shell: Shell) -> None:
    _fill(shell)
    said = shell.run("status")
    assert (said.code, "g1       alarm  1      3" in said.out) == (0, True)
    found = shell.run("status", "--json").json
    assert isinstance(found, dict)
    (one,) = found["journal"]
    assert (one["lane"], one["first"], one["last"], found["agree"]) == ("alarm", 1, 3, True)


def test_a_notice_that_is_nowhere_is_named(shell: Shell) -> None:
    shell.store(lambda c: outbox.make_room(c, "g1", {"centre": 2}))
    said = shell.run("status")
    assert said.code == 1
    assert "g1 to centre: of 2 notices owed 2 are unaccounted for" in said.err
    shell.store(lambda c: c.execute(text("DELETE FROM sequences")).close())
    assert shell.run("status").code == 0
