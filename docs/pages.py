"""What every generated page is made of."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "reference"
WORDS: Mapping[str, Any] = tomllib.loads((FOLDER / "words.toml").read_text(encoding="utf-8"))
"""What no code says: a page's first words, and a sentence for each setting."""


def page(name: str, *parts: str) -> str:
    """A page: its title and first words, then these parts."""
    words = WORDS[name]
    note = "<!-- Written by `python -m docs.make_reference`; change the code, or words.toml. -->"
    return "\n".join([f"# {words['title']}", "", note, "", words["begin"], *parts]).rstrip() + "\n"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    names = list(head)
    lines = [names, ["---"] * len(names), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(cell for cell in line)} |" for line in lines) + "\n"
