"""The judges of a page: axe by the rules of WCAG 2.2 A and AA, and whether its text can be read."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.house import tree

_AXE = Path(__file__).parent / "axe" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_LEGIBLE = (tree.ROOT / "docs" / "legible.js").read_text(encoding="utf-8")
_SETTLED = """async () => {
  await document.fonts.ready;
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
}"""
"""Fonts are there, and what was put on the page has been drawn."""


async def unreadable(page: Page) -> list[str]:
    """What of its text is cut, lies upon other text, or makes it too wide."""
    await page.evaluate(_SETTLED)
    found: list[str] = await page.evaluate(_LEGIBLE)
    return found


async def faults(page: Page) -> list[str]:
    """What the page breaks, each with where."""
    if not _AXE.is_file():
        missing = "npm's axe-core is not installed: `make servers` does it"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    await page.evaluate(_AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = await page.evaluate(
        "(tags) => axe.run(document, { runOnly: { type: 'tag', values: tags } })", _RULES
    )
    return [
        f"{rule['id']}: {node['target']} {node.get('failureSummary', '')}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
