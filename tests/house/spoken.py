"""What pages, scripts and commands say: every key, prefix and fact, read from their source."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.domain.kind import KINDS
from gateway.web import words
from tests.house import tree

KEY = r"[a-z_]+\.[\w.-]+"
_STRING = re.compile(rf"""(["'`])({KEY})\1""")
_PREFIX = re.compile(
    r"""(?:`([a-z_]+\.(?:[\w.-]+\.)?)\$\{|f?["']([a-z_]+\.(?:[\w.-]+\.)?)(?:\{|['"]\s*[+~]))"""
)
_SAID = re.compile(rf"""\b(?:say\(|word\[|of\(\w+\)\[)\s*(?:\w+,\s*)?["'`]({KEY})["'`]""")
_CALL = re.compile(
    rf"""\bsay\(\s*(?:\w+,\s*)?["']({KEY})["']\s*(?:,\s*(\{{[^{{}}]*\}}|[^)]*))?\)"""
)
_NAME = re.compile(r"(\w+)\s*(?=[:=,}]|$)")
_FACT = re.compile(r"\{(\w+)\}")
_FILES = re.compile(r"\.(js|css|html|svg|json|py)$")


@dataclass(frozen=True, slots=True)
class Source:
    """A file that speaks."""

    name: str
    text: str


def sources() -> list[Source]:
    """Templates, scripts, and the code that names words."""
    paths = tree.files(
        "gateway/web/*.py", "gateway/web/*.js", "gateway/web/*.html", "gateway/cli/*.py"
    )
    return [Source(tree.name(path), _plain(path)) for path in paths]


def literals(source: Source) -> set[str]:
    """Every string that has a key's shape."""
    return {found[1] for found in _STRING.findall(source.text)}


def prefixes(source: Source) -> set[str]:
    """The beginnings of keys that a value ends."""
    found = {first or second for first, second in _PREFIX.findall(source.text)}
    return {one for one in found if one.split(".")[0] in groups()}


def asked(source: Source) -> set[str]:
    """The keys that it certainly asks for: said, or of a known group in a script or template."""
    certain = set(_SAID.findall(source.text))
    if source.name.endswith(".py"):
        return certain
    loose = {key for key in literals(source) if key.split(".")[0] in groups()}
    return certain | {key for key in loose if not _FILES.search(key) and key not in KINDS}


def facts(source: Source) -> Iterator[tuple[str, set[str]]]:
    """Each call with a plain key, and the names of the facts that it gives."""
    for key, given in _CALL.findall(source.text):
        yield key, set(_NAME.findall(given))


def holes(language: str, key: str) -> list[set[str]]:
    """The facts that stand in the braces of a word, of each of its plurals."""
    text = words.spoken(language)[key]
    forms = [text] if isinstance(text, str) else list(text.values())
    return [set(_FACT.findall(form)) for form in forms]


def groups() -> set[str]:
    """The first parts of all keys."""
    return {key.split(".")[0] for key in words.of(words.SOURCE)}


def bare(template: str) -> list[str]:
    """The words of a template that come from no catalogue, between tags or in what is read out."""
    plain = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", template, flags=re.DOTALL)
    read_out = re.findall(r'\s(?:title|alt|placeholder|aria-label)="([^"]*)"', plain)
    texts = re.findall(r">([^<]*)<", f">{plain}<")
    found = [re.sub(r"\bDabyl\b|&\w+;", "", text).strip() for text in [*texts, *read_out]]
    return [text for text in found if re.search(r"[^\W\d_]{2}", text)]


def _plain(path: Path) -> str:
    """A file without its comments."""
    text = tree.text(path)
    if path.suffix == ".js":
        return re.sub(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", "", text, flags=re.DOTALL)
    return re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL) if path.suffix == ".html" else text
