"""deploy/grafana: one dashboard, whose every query a real Prometheus understands.

Grafana itself is not among Debian's packages, and so is not tried here.
"""

import json
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.test_series import dashboard_queries
from tests.harness.prometheus import Prometheus
from tests.house import tree

_FOLDER = tree.ROOT / "deploy" / "grafana"
_DASHBOARD: dict[str, Any] = json.loads((_FOLDER / "dabyl.json").read_text())


async def test_every_query_of_the_dashboard_is_understood_by_a_real_prometheus(
    prometheus: Prometheus,
) -> None:
    for query in dashboard_queries():
        await prometheus.query(substituted(query))


def substituted(query: str) -> str:
    """The query with values in place of Grafana's variables."""
    found = query.replace("$instance", ".*").replace("$__rate_interval", "20s")
    assert "$" not in found, query
    return found


def test_the_first_row_says_whether_it_is_calm() -> None:
    row, *calm = [panel for panel in _DASHBOARD["panels"] if panel["gridPos"]["y"] < 6]
    assert (row["type"], {panel["type"] for panel in calm}) == ("row", {"stat"})
    titles = {panel["title"] for panel in calm}
    assert {"Canary", "Open P0 and P1", "Undelivered", "Silent devices"} <= titles


def test_no_panel_lies_over_another_or_beyond_the_edge() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in _DASHBOARD["panels"]:
        x, y, w, h = (panel["gridPos"][key] for key in "xywh")
        cells = {(x + right, y + down) for right in range(w) for down in range(h)}
        assert x + w <= 24, panel["title"]
        assert not cells & taken, panel["title"]
        taken |= cells


def test_every_panel_has_an_id_of_its_own_and_asks_the_chosen_source() -> None:
    panels = _DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    sources = {
        target["datasource"]["uid"] for panel in panels for target in panel.get("targets", [])
    }
    assert sources == {"${datasource}"}
    variables = {one["name"] for one in _DASHBOARD["templating"]["list"]}
    assert variables == {"datasource", "instance"}


def test_what_is_provisioned_is_where_the_readme_puts_it() -> None:
    provided = yaml.safe_load((_FOLDER / "provisioning/dashboards/dabyl.yml").read_text())
    folder = Path(provided["providers"][0]["options"]["path"])
    readme = tree.text(_FOLDER / "README.md")
    assert f"{folder / 'dabyl.json'}" in readme
    source = yaml.safe_load((_FOLDER / "provisioning/datasources/dabyl.yml").read_text())
    scraped = yaml.safe_load(tree.text(tree.ROOT / "deploy/prometheus/prometheus.yml"))
    every = source["datasources"][0]["jsonData"]["timeInterval"]
    assert every == scraped["global"]["scrape_interval"]
