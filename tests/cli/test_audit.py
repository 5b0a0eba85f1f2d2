"""`dabyl audit`: what was done at the command line, whether it is whole, and a copy of it."""

import csv
import io
import json
from pathlib import Path

from sqlalchemy import update

from gateway.store import schema
from tests.cli.shell import Shell
from tests.siteplan.files import GATE, text


def done(shell: Shell) -> None:
    """A few deeds of who types here."""
    shell.run("site", "import", shell.write("school.csv", text(GATE)), "--apply")
    shell.run("token", "add", "aigul", "--role", "dispatcher")
    shell.run("token", "revoke", "aigul")
    shell.raise_alarm("a" * 32)
    assert shell.run("alarm", "claim", "a" * 32).code == 0


def listed(shell: Shell, *words: str) -> list[dict[str, object]]:
    found = shell.run("audit", "list", "--json", *words).json
    assert isinstance(found, list)
    return found[::-1]


def test_what_is_done_at_the_command_line_is_in_the_audit(shell: Shell) -> None:
    done(shell)
    found = listed(shell)
    assert [(one["what"], one["key"]) for one in found] == [
        ("sites_imported", "school.csv"),
        ("token_added", "aigul"),
        ("token_revoked", "aigul"),
        ("claim", "a" * 32),
    ]
    assert all(str(one["who"]).startswith("cli:") for one in found)
    assert found[0]["data"] == {
        "file": "school.csv",
        "sites": 1,
        "zones": 1,
        "devices": 1,
        "moved": [],
    }
    assert [one["what"] for one in listed(shell, "--what", "claim")] == ["claim"]
    assert "token_revoked" in shell.run("audit", "list", "--key", "aigul").out


def test_the_registry_that_was_taken_along_is_told_of(shell: Shell) -> None:
    shell.run("site", "import", shell.write("school.csv", text(GATE)), "--apply")
    assert shell.run("site", "export", "--output", str(shell.folder / "out.csv")).code == 0
    (one,) = listed(shell, "--what", "export")
    assert (one["key"], one["data"]) == ("sites", {"rows": 1, "file": "out.csv"})


def test_an_import_that_is_only_tried_is_no_deed(shell: Shell) -> None:
    shell.run("site", "import", shell.write("school.csv", text(GATE)))
    assert listed(shell) == []


def test_a_whole_audit_is_told_from_one_that_was_touched(shell: Shell) -> None:
    assert "nothing is proven" in shell.run("audit", "verify").out
    done(shell)
    whole = shell.run("audit", "verify")
    assert (whole.code, "the audit is whole" in whole.out) == (0, True)
    rows = schema.audit
    shell.store(lambda c: c.execute(update(rows).where(rows.c.number == 2).values(key="eve")))
    touched = shell.run("audit", "verify")
    assert touched.code == 1
    assert "row 2 was changed" in touched.err
    said = shell.run("audit", "verify", "--json").json
    assert isinstance(said, dict)
    assert (said["whole"], said["head"]["number"]) == (False, 1)


def test_a_checkpoint_that_was_kept_is_met_again(shell: Shell) -> None:
    done(shell)
    kept = shell.folder / "kept.json"
    assert shell.run("audit", "checkpoint", "--output", str(kept)).code == 0
    exported = shell.folder / "audit.jsonl"
    assert shell.run("audit", "export", "--output", str(exported)).code == 0
    said = shell.run("audit", "verify", "--against", str(kept), "--against", str(exported))
    assert (said.code, "2 told rows met" in said.out) == (0, True)
    strange = json.loads(kept.read_text()) | {"number": 3}
    kept.write_text(json.dumps(strange))
    assert "was not signed by us" in shell.run("audit", "verify", "--against", str(kept)).err
    kept.write_text("nothing")
    assert "neither a checkpoint" in shell.run("audit", "verify", "--against", str(kept)).err


def test_all_of_it_is_taken_along_in_order_and_that_too_is_a_deed(shell: Shell) -> None:
    done(shell)
    path = shell.folder / "audit.jsonl"
    assert "5 rows in" in shell.run("audit", "export", "--output", str(path)).out
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [one["number"] for one in lines[:-1]] == [1, 2, 3, 4, 5]
    assert lines[-2]["what"] == "export"
    assert (lines[-1]["checkpoint"]["number"], lines[-1]["checkpoint"]["hash"]) == (
        *(5, lines[-2]["hash"]),
    )
    assert len(shell.run("audit", "export", "--after", "5").out.splitlines()) == 2


def test_a_sheet_of_it_holds_no_formula(shell: Shell) -> None:
    shell.run("token", "add", "=1+1", "--role", "auditor")
    path = Path(shell.folder / "audit.csv")
    shell.run("audit", "export", "--csv", "--output", str(path))
    rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    assert [one["key"] for one in rows] == ["'=1+1", "audit"]
