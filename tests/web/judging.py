"""The judge of a page's accessibility: axe, by the rules of WCAG 2.2 A and AA."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

_AXE = Path(__file__).parent / "axe" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


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
