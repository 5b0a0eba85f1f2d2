"""`dabyl alarm` and `dabyl delivery`: a person's steps, straight on the database."""

import getpass

from gateway.domain.event import Affected
from gateway.domain.site import SiteId
from tests.cli.shell import SETTINGS, Shell

ONE, OTHER = "aaaa" + "1" * 28, "aabb" + "2" * 28


def test_an_alarm_is_listed_taken_and_closed(shell: Shell) -> None:
    shell.raise_alarm(ONE)
    assert "UNACKNOWLEDGED" in shell.run("alarm", "list").out
    taken = shell.run("alarm", "claim", ONE[:6])
    assert f"cli:{getpass.getuser()}" in taken.out
    closed = shell.run("alarm", "close", ONE, "--disposition", "false", "--note", "бала басты")
    assert closed.code == 0
    assert shell.run("alarm", "list").out == "no open alarms\n"
    assert "бала басты" in shell.run("alarm", "show", ONE[:6]).out


def test_an_alarm_of_a_whole_school_says_how_many_it_concerns(shell: Shell) -> None:
    many = Affected(devices=3, of_devices=4)
    shell.raise_alarm(ONE, kind="site.silent", site=SiteId("s1"), affected=many)
    assert "3 of 4 devices" in shell.run("alarm", "list").out
    assert "affected    3 of 4 devices" in shell.run("alarm", "show", ONE).out


def test_each_step_is_owed_to_the_receivers_and_left_to_the_gateway(shell: Shell) -> None:
    shell.raise_alarm(ONE)
    shell.run("alarm", "claim", ONE)
    shell.run("alarm", "close", ONE, "--disposition", "confirmed", "--note", "a fight")
    owed = shell.run("delivery", "list", "--state", "waiting")
    assert "dabyl.alarm.acknowledged" in owed.out
    assert "dabyl.alarm.closed" in owed.out


def test_an_id_that_fits_two_alarms_is_refused(shell: Shell) -> None:
    shell.raise_alarm("aaaa" + "3" * 28)
    shell.raise_alarm(ONE)
    said = shell.run("alarm", "claim", "aaaa")
    assert said.code == 1
    assert "2 alarms begin with" in said.err
    assert "too short" in shell.run("alarm", "claim", "a").err


def test_an_alarm_that_is_closed_stays_closed(shell: Shell) -> None:
    shell.raise_alarm(OTHER)
    shell.run("alarm", "close", OTHER, "--disposition", "test")
    said = shell.run("alarm", "claim", OTHER)
    assert (said.code, said.err.count("\n")) == (1, 1)


def test_an_alarm_that_was_closed_by_mistake_is_taken_back(shell: Shell) -> None:
    shell.raise_alarm(OTHER)
    shell.run("alarm", "close", OTHER, "--disposition", "test")
    assert shell.run("alarm", "reopen", OTHER).code == 2
    back = shell.run("alarm", "reopen", OTHER[:6], "--reason", "қате жол")
    assert (back.code, f"cli:{getpass.getuser()}" in back.out) == (0, True)
    assert "ACKNOWLEDGED" in shell.run("alarm", "list").out
    assert "қате жол" in shell.run("alarm", "show", OTHER).out
    assert "dabyl.alarm.reopened" in shell.run("delivery", "list", "--state", "waiting").out
    again = shell.run("alarm", "reopen", OTHER, "--reason", "once more")
    assert (again.code, "is not possible" in again.err) == (1, True)


def test_whoever_the_ladder_had_called_is_told_of_a_step_at_the_command_line(shell: Shell) -> None:
    called = '[[receiver]]\nname = "duty"\nurl = "http://127.0.0.1:9/duty"\n'
    called += 'secret_file = "duty.secret"\n[escalation]\nreceiver = "duty"\n'
    called += '[[route]]\nreceiver = "centre"\n'
    shell.write("dabyl.toml", SETTINGS + called)
    shell.raise_alarm(ONE, escalation=3)
    assert shell.run("alarm", "claim", ONE).code == 0
    owed = shell.run("delivery", "list", "--state", "waiting", "--json").json
    assert isinstance(owed, list)
    told = [one["type"] for one in owed if one["receiver"] == "duty"]
    assert told == ["dabyl.alarm.acknowledged"]


def test_a_closing_without_a_disposition_is_wrong_use(shell: Shell) -> None:
    assert shell.run("alarm", "close", ONE).code == 2
    assert shell.run("alarm", "close", ONE, "--disposition", "tired").code == 2


def test_only_a_dead_letter_is_sent_again(shell: Shell) -> None:
    said = shell.run("delivery", "resend", "7")
    hint = "`dabyl delivery list --state dead` shows them"
    assert (said.code, said.err) == (1, f"dabyl: no dead letter '7'; {hint}\n")
