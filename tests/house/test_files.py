"""Habits that no linter knows."""

import re

from tests.house import tree

_LONGEST_LINES = 300

# Text that is true of one machine only. (Written apart, so that this file does not find itself.)
_PLACES = re.compile(
    "|".join(
        [
            "/" + "work/",
            "/" + "root/",
            "/" + "opt/py",
            "/" + r"home/(?!dabyl\b)\w+/",
            "\\.py" + "env",
        ]
    )
)
_NOT_OURS = {"LICENSE"}
_LOCKS = ("requirements.lock", "requirements-dev.lock")


def test_no_file_of_code_is_longer_than_a_reader_bears() -> None:
    long = {
        tree.name(path): lines
        for path in tree.files("*.py", "*.js", "*.css", "*.html")
        if (lines := tree.text(path).count("\n")) > _LONGEST_LINES
    }
    assert not long


def test_no_file_names_a_place_of_one_machine() -> None:
    found = {
        tree.name(path): hits
        for path in tree.files()
        if path.name not in _NOT_OURS and (hits := _PLACES.findall(tree.text(path)))
    }
    assert not found


def test_locks_name_no_index_and_no_host() -> None:
    for lock in _LOCKS:
        body = (tree.ROOT / lock).read_text()
        assert not re.search(r"://|^-|index|find-links|trusted|@", body, re.MULTILINE), lock
        assert body.count("--hash=sha256:") > len(re.findall(r"^\w", body, re.MULTILINE)), lock


def test_npms_lock_pins_all_by_digest_and_names_no_host() -> None:
    for path in tree.files("*package-lock.json"):
        body = path.read_text()
        assert not re.search(r"://|resolved", body), tree.name(path)
        assert body.count('"integrity": "sha512-') == body.count('"node_modules/'), tree.name(path)


def test_every_package_in_a_lock_is_pinned_with_its_digests() -> None:
    for lock in _LOCKS:
        for entry in re.split(r"\n(?=[a-z])", (tree.ROOT / lock).read_text()):
            assert re.match(r"[a-z0-9.-]+==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", entry), entry


def test_a_developer_gets_the_very_packages_that_run() -> None:
    runtime, dev = (
        set(re.findall(r"^\S+==\S+", (tree.ROOT / lock).read_text(), re.MULTILINE))
        for lock in _LOCKS
    )
    assert runtime <= dev


def test_every_exemption_of_the_linter_gives_its_reason() -> None:
    settings = (tree.ROOT / "pyproject.toml").read_text()
    ignores = re.findall(r'^    "[A-Z]+\d*",.*$', settings, re.MULTILINE)
    assert ignores
    assert not [line for line in ignores if not re.search(r",\s+# \S+", line)]


def test_no_line_is_exempted_without_naming_the_rule() -> None:
    bare = re.compile(r"#\s*(noqa(?!: [A-Z])|type: ignore(?!\[))", re.IGNORECASE)
    found = {
        f"{tree.name(path)}:{number}"
        for path in tree.files("*.py")
        for number, line in enumerate(tree.text(path).splitlines(), 1)
        if bare.search(line)
    }
    assert not found


def test_no_import_hides_behind_a_type_check() -> None:
    word = "TYPE" + "_CHECKING"
    assert not [tree.name(path) for path in tree.files("*.py") if word in tree.text(path)]


def test_only_the_store_writes_sql() -> None:
    """Elsewhere a transaction is passed on to the store's functions, or a url is read: no more."""
    permitted = re.compile(r"from sqlalchemy(\.engine)? import (Connection|make_url)$")
    found = {
        f"{tree.name(path)}: {line}"
        for path in tree.files("gateway/*.py")
        if not tree.name(path).startswith("gateway/store/")
        for line in tree.text(path).splitlines()
        if re.match(r"\s*(from|import) sqlalchemy", line) and not permitted.match(line)
    }
    assert not found


def test_async_fixtures_of_the_web_live_on_the_loop_of_its_tests() -> None:
    """Else theirs is another loop (tests/web/looped.py says why), and whatever they make hangs."""
    alone = re.compile(r"@pytest\.fixture(?:\((?:[^()]|\([^()]*\))*\))?\nasync def (\w+)")
    found = [
        f"{tree.name(path)}: {one} wants @looped.fixture"
        for path in tree.files("tests/web/*.py")
        for one in alone.findall(tree.text(path))
    ]
    assert found == []
