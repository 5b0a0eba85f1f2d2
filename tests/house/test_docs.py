"""What is written is true: fresh where it is generated, reachable where it is linked, tried."""

import re
import tomllib
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.receivers import webhook
from docs import make_reference, pages
from gateway import metrics, siteplan
from gateway.cli import VERBS
from gateway.domain.kind import KINDS
from gateway.settings import Settings
from gateway.siteplan import procedures
from gateway.web import server
from tests.house import tree

_REFERENCE = tree.ROOT / "docs" / "reference"
_PAGES = tree.files("*.md")
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_PAGE_NAMED = re.compile(r"\bdocs/[a-z0-9/-]+\.md\b")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _read(name: str) -> str:
    return tree.text(tree.ROOT / name)


def _blocks(language: str) -> list[tuple[str, str]]:
    return [
        (tree.name(path), body)
        for path in tree.files("docs/*.md", "README.md")
        for found, body in _FENCE.findall(tree.text(path))
        if found == language
    ]


def _anchors(path: Path) -> set[str]:
    """A page's headings, as GitHub makes anchors of them."""
    plain = _FENCE.sub("", tree.text(path))
    heads = re.findall(r"^#+ (.+)$", plain, re.MULTILINE)
    words = [re.sub(r"[^\w\- ]", "", head.lower()) for head in heads]
    return {word.strip().replace(" ", "-") for word in words}


@pytest.mark.parametrize("name", make_reference.PAGES)
def test_a_generated_page_says_what_the_code_says(name: str) -> None:
    stale = "stale: run python -m docs.make_reference"
    assert tree.text(_REFERENCE / name) == make_reference.PAGES[name](), stale


def test_a_page_that_a_program_names_is_there() -> None:
    """A person reads it in a terminal at night, and looks there."""
    sources = tree.files("gateway/*.py", "simulators/*.py", "deploy/*")
    named = {page for path in sources for page in _PAGE_NAMED.findall(tree.text(path))}
    assert named
    assert [page for page in sorted(named) if not (tree.ROOT / page).is_file()] == []


@pytest.mark.parametrize("path", _PAGES, ids=tree.name)
def test_no_link_leads_nowhere(path: Path) -> None:
    broken = []
    for link in _LINK.findall(_FENCE.sub("", tree.text(path))):
        place, _, anchor = urllib.parse.unquote(link).partition("#")
        if place.startswith(("http://", "https://", "mailto:")) or "NNNN" in place or "…" in place:
            continue
        there = (path.parent / place).resolve() if place else path
        is_broken = not there.exists() or not there.is_relative_to(tree.ROOT)
        if is_broken or (anchor and anchor not in _anchors(there)):
            broken.append(link)
    assert not broken


def test_every_page_of_the_documents_is_in_their_index() -> None:
    linked = set(_LINK.findall(_read("docs/README.md")))
    names = [tree.name(path) for path in _PAGES]
    pages = {name.removeprefix("docs/") for name in names if name.startswith("docs/")}
    decisions = {name for name in pages if name.startswith("adr/")}
    assert pages - decisions - linked == {"README.md"}


def test_every_decision_is_in_the_index_with_its_own_title() -> None:
    index = _read("docs/adr/README.md")
    for path in tree.files("docs/adr/0*.md"):
        number, _, title = tree.text(path).partition("\n")[0].removeprefix("# ").partition(". ")
        assert path.name == "0000-template.md" or f"[{number}]({path.name}) | {title} |" in index


def test_the_readme_names_the_two_commands_and_shows_the_picture() -> None:
    text = _read("README.md")
    first_screen = "\n".join(text.splitlines()[:25])
    assert "make demo" in first_screen
    assert "make test" in first_screen
    assert "docs/images/live.png" in first_screen


def test_every_series_that_is_exported_is_documented() -> None:
    page = _read("docs/reference/metrics.md")
    ours = {one.name for one in metrics.REGISTRY.collect() if one.name.startswith("dabyl_")}
    documented = {name.removesuffix("_total") for name in re.findall(r"\| `(dabyl_\w+)` \|", page)}
    assert ours == documented


def test_every_route_every_verb_and_every_kind_is_documented() -> None:
    api, line, kinds = (
        _read(f"docs/reference/{name}.md") for name in ("api", "command-line", "kinds")
    )
    assert [route.path for route, _ in server.rights() if f" {route.path}`" not in api] == []
    assert [verb for verb in VERBS if f"## dabyl {verb}\n" not in line] == []
    assert [name for name in KINDS if f"| `{name}` |" not in kinds] == []


def test_no_word_describes_a_setting_that_is_gone() -> None:
    shape: dict[str, Any] = Settings.model_json_schema()["$defs"]
    said = pages.WORDS["settings"]["say"]
    assert {key for words in said.values() for key in words} == {
        key for section in shape.values() for key in section["properties"]
    }


@pytest.mark.parametrize(("name", "text"), _blocks("toml"))
def test_a_toml_example_is_taken(name: str, text: str, tmp_path: Path) -> None:
    content = tomllib.loads(text)
    if "site" in content:
        file = tmp_path / "school.toml"
        file.write_text(text, encoding="utf-8")
        assert siteplan.read(file).devices, name
    elif "procedure" in content:
        file = tmp_path / "procedures.toml"
        file.write_text(text, encoding="utf-8")
        assert procedures.read(file), name
    else:
        assert Settings.model_validate(content).installation.id, name


@pytest.mark.parametrize(("name", "text"), _blocks("csv"))
def test_a_csv_example_is_taken(name: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "school.csv"
    file.write_text(text, encoding="utf-8")
    assert siteplan.read(file).devices, name


def _example() -> Callable[[dict[str, str], bytes, list[str]], bool]:
    ((_, text),) = _blocks("python")
    told: dict[str, Any] = {}
    exec(compile(text, "connect-a-centre.md", "exec"), told)  # noqa: S102 - our own example
    found: Callable[[dict[str, str], bytes, list[str]], bool] = told["is_genuine"]
    told["time"] = _Stopped
    return found


class _Stopped:
    """The time at which the example looks at its watch."""

    @staticmethod
    def time() -> float:
        return 1_795_363_500.0


@pytest.mark.parametrize(
    ("sent_at", "body", "is_taken"),
    [(1_795_363_496, b"{}", True), (1_795_363_496, b"{ }", False), (1_795_363_100, b"{}", False)],
    ids=["genuine", "changed", "old"],
)
def test_the_centres_example_takes_what_we_sign_and_nothing_else(
    sent_at: int, body: bytes, *, is_taken: bool
) -> None:
    lines = ["whsec_" + "b2xkIHNlY3JldA==", "whsec_" + "bmV3IHNlY3JldA=="]
    keys = webhook.read_secrets("centre", lines[1])
    signature = webhook.sign(keys, notice_id="a:1", timestamp=sent_at, body=b"{}")
    headers = {
        "webhook-id": "a:1",
        "webhook-timestamp": str(sent_at),
        "webhook-signature": signature,
    }
    assert _example()(headers, body, lines) is is_taken
