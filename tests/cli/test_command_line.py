"""The command as such: help without waiting, one line for an error, three exit codes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway import cli
from tests.cli.shell import Shell

_HEAVY = ("sqlalchemy", "pydantic", "uvicorn", "aiohttp", "amqtt", "structlog", "simulators")


def _python(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_help_loads_nothing_that_only_a_verb_needs(tmp_path: Path) -> None:
    said = _python(
        "import sys; from gateway import cli; cli.ended(['--help']);"
        f"print([name for name in {_HEAVY!r} if name in sys.modules])",
        tmp_path,
    )
    assert said.stdout.endswith("[]\n")


def test_what_was_loaded_is_never_walked_again_and_the_collector_works_on(tmp_path: Path) -> None:
    said = _python(
        "import gc, sys; from gateway.cli import late; late.load('gateway.cli.run');"
        "print(gc.isenabled(), gc.get_freeze_count() > 50_000, len(gc.get_objects()) < 20_000,"
        " 'alembic' in sys.modules)",
        tmp_path,
    )
    assert said.stdout == "True True True False\n"


@pytest.mark.parametrize("verb", cli.VERBS)
def test_every_verb_explains_itself(shell: Shell, verb: str) -> None:
    said = shell.run(verb, "--help")
    assert said.code == 0
    assert said.out.startswith(f"Usage: dabyl {verb}")


@pytest.mark.parametrize(
    "words", [["nothing"], ["site"], ["site", "import"], ["alarm", "list", "--limit", "x"], ["-x"]]
)
def test_wrong_use_is_one_line_and_two(shell: Shell, words: list[str]) -> None:
    said = shell.run(*words)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert said.err.startswith("dabyl: ")
    assert "--help" in said.err


@pytest.mark.parametrize("verb", [["run"], ["check"], ["site", "list"], ["migrate"]])
def test_missing_settings_are_one_line_that_says_where_they_come_from(
    verb: list[str], tmp_path: Path
) -> None:
    words = ["dabyl", "--config", "nowhere.toml", *verb]
    said = _python(
        f"import sys; sys.argv = {words!r}; from gateway import cli; cli.main()", tmp_path
    )
    assert said.returncode == 1
    assert said.stderr == (
        "dabyl: no configuration at nowhere.toml; name one with --config or DABYL_CONFIG\n"
    )


def test_an_unknown_key_in_the_settings_is_named(shell: Shell) -> None:
    shell.write("dabyl.toml", '[installation]\nid = "x"\n[databse]\nurl = "sqlite:///a.db"\n')
    said = shell.run("site", "list")
    assert said.code == 1
    assert "databse is not a setting" in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[http]\nlisten = "8080"\n', "http.listen: '8080' is not host:port"),
        ('[gateway]\nname = "G 1"\n', "gateway.name: 'G 1' is not a name of a-z, 0-9 and -"),
    ],
)
def test_a_value_of_the_wrong_shape_is_told_without_a_pattern(
    shell: Shell, text: str, line: str
) -> None:
    shell.write("dabyl.toml", f'[installation]\nid = "x"\n{text}')
    said = shell.run("site", "list")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert line in said.err
    assert "pattern" not in said.err


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["device", "show", "b-9"], "no device 'b-9'; `dabyl device list` shows them"),
        (["alarm", "show", "abcd"], "no alarm 'abcd'; `dabyl alarm list` shows them"),
        (["delivery", "resend", "7"], "`dabyl delivery list --state dead` shows them"),
    ],
)
def test_who_names_what_is_not_there_is_told_where_to_look(
    shell: Shell, words: list[str], line: str
) -> None:
    said = shell.run(*words)
    assert said.code == 1
    assert line in said.err


@pytest.mark.parametrize("group", ["device", "database", "journal"])
def test_a_groups_help_cuts_no_sentence_short(shell: Shell, group: str) -> None:
    assert "..." not in shell.run(group, "--help").out.partition("Commands:")[2]


def test_a_database_that_is_not_ours_is_refused_in_one_line(shell: Shell) -> None:
    shell.write("dabyl.db", "this is no database, and it is long enough to be looked at" * 20)
    for verb in (["site", "list"], ["migrate"], ["run"]):
        said = shell.run(*verb)
        assert (said.code, said.err.count("\n")) == (1, 1)
        assert "database" in said.err


def test_a_database_that_does_not_answer_is_one_line(shell: Shell) -> None:
    shell.write(
        "dabyl.toml",
        '[installation]\nid = "x"\n[gateway]\nname = "g1"\n'
        '[database]\nurl = "postgresql://nobody@127.0.0.1:9/dabyl"\n',
    )
    said = shell.run("alarm", "list")
    assert (said.code, said.err.count("\n")) == (1, 1)


def test_migrate_says_what_it_did_and_does_nothing_twice(shell: Shell) -> None:
    assert "migrated from an empty database" in shell.run("migrate").out
    assert "already" in shell.run("migrate").out


@pytest.mark.parametrize("noun", ["site", "device", "alarm", "delivery", "token"])
def test_every_listing_is_json_when_asked(shell: Shell, noun: str) -> None:
    said = shell.run(noun, "list", "--json")
    assert said.code == 0
    assert said.json == []


def test_a_scenario_that_is_not_there_is_wrong_use(shell: Shell) -> None:
    said = shell.run("simulate", "no_such_day", "--broker", "mqtt://127.0.0.1:1")
    assert said.code == 2
    assert "quiet_day" in said.err
