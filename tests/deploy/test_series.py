"""What rules and dashboard ask for is what the gateway exports: no query is silent for ever."""

import json
from collections.abc import Iterator

import pytest
import yaml

from tests.deploy.promql import AWAITED, PROMETHEUS_OWN, Asked, asked, exported
from tests.house import tree

_DEPLOY = tree.ROOT / "deploy"


def dashboard_queries() -> Iterator[str]:
    """Every expression of the dashboard."""
    dashboard = json.loads((_DEPLOY / "grafana" / "dabyl.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield target["expr"]
    for annotation in dashboard["annotations"]["list"]:
        yield annotation["expr"]


def _rules() -> Iterator[str]:
    groups = yaml.safe_load((_DEPLOY / "prometheus" / "dabyl.rules.yml").read_text())["groups"]
    for group in groups:
        for rule in group["rules"]:
            yield rule["expr"]


_ALL = sorted({*_rules(), *dashboard_queries()})


@pytest.mark.parametrize("expression", _ALL)
def test_a_query_asks_for_what_is_exported_by_labels_that_it_has(expression: str) -> None:
    there = exported()
    for one in asked(expression):
        if one.name not in PROMETHEUS_OWN | AWAITED:
            assert one.name in there, f"{one.name} is exported by nobody"
            assert one.labels <= there[one.name]


def test_nothing_is_awaited_that_is_there() -> None:
    assert not AWAITED & set(exported()), "it is exported now: take it off promql.AWAITED"


def test_nothing_is_awaited_that_nobody_asks_for() -> None:
    wanted = {one.name for expression in _ALL for one in asked(expression)}
    assert not AWAITED - wanted


def test_a_word_of_a_query_is_told_from_a_series() -> None:
    found = set(
        asked('sum by (le, kind) (rate(a_total{x="y_z{}",k=~".*"}[5m])) or abs(b) > 2 * 86400')
    )
    assert found == {Asked("a_total", frozenset({"x", "k"})), Asked("b", frozenset())}
