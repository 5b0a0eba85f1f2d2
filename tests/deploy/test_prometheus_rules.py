"""The alerts of deploy/prometheus: each fires in time, is quiet in calm, and clears."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.alerts import CASES
from tests.deploy.case import Case
from tests.harness import programs
from tests.house import tree

pytestmark = pytest.mark.servers

_FOLDER = tree.ROOT / "deploy" / "prometheus"
_RULES: dict[str, Any] = {
    rule["alert"]: rule
    for group in yaml.safe_load((_FOLDER / "dabyl.rules.yml").read_text())["groups"]
    for rule in group["rules"]
}
_ALWAYS = "AlertingLives"
_LASTS_S = 1200
_HERE = {"job": "dabyl", "instance": "g1:8443"}


def _promtool(*arguments: str) -> str:
    done = subprocess.run(
        [programs.find("promtool"), *arguments], capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _seconds(text: str) -> int:
    return int(text[:-1]) * (60 if text.endswith("m") else 1)


def _named(series: str) -> str:
    """The series as this gateway exports it."""
    name, _, labels = series.rstrip("}").partition("{")
    here = [f'{key}="{value}"' for key, value in _HERE.items()]
    return f"{name}{{{','.join([*here, *([labels] if labels else [])])}}}"


def _expected(alert: str, labels: dict[str, str]) -> dict[str, Any]:
    rule, whole = _RULES[alert], _HERE | labels
    annotations = {
        key: re.sub(r"{{ \$labels\.(\w+) }}", lambda found: whole.get(found[1], ""), text)
        for key, text in rule["annotations"].items()
    }
    return {"exp_labels": whole | rule["labels"], "exp_annotations": annotations}


def _told(alert: str, at_s: int, *expected: dict[str, Any]) -> dict[str, Any]:
    return {"eval_time": f"{at_s}s", "alertname": alert, "exp_alerts": list(expected)}


def _tried(alert: str, case: Case) -> dict[str, Any]:
    """One trouble: quiet just before it, told in time, told until its end, quiet after it."""
    is_told = _expected(alert, case.labels)
    begins_s = _seconds(case.begins)
    over_s = begins_s + _LASTS_S + (_seconds(case.over_within) or 600)
    return {
        "interval": "5s",
        "input_series": [
            {"series": _named(series), "values": values} for series, values in case.series.items()
        ]
        + ([] if "up" in case.series else [{"series": _named("up"), "values": "1x719"}]),
        "alert_rule_test": [
            _told(alert, begins_s - 5),
            _told(alert, begins_s + _seconds(case.within), is_told),
            _told(alert, over_s),
        ],
    }


def _run(tmp_path: Path, alerts: list[str], *tests: dict[str, Any]) -> None:
    """Let promtool try those alerts as they are shipped, without the others: far quicker."""
    rules, file = tmp_path / "rules.yml", tmp_path / "tests.yml"
    groups = [{"name": "shipped", "rules": [_RULES[alert] for alert in alerts]}]
    rules.write_text(yaml.safe_dump({"groups": groups}))
    whole = {"rule_files": [str(rules)], "evaluation_interval": "5s", "tests": list(tests)}
    file.write_text(yaml.safe_dump(whole))
    _promtool("test", "rules", str(file))


def test_the_rules_and_the_configuration_are_well_formed() -> None:
    assert f"SUCCESS: {len(_RULES)} rules found" in _promtool(
        "check", "rules", str(_FOLDER / "dabyl.rules.yml")
    )
    _promtool("check", "config", "--syntax-only", str(_FOLDER / "prometheus.yml"))


def test_every_alert_is_tried() -> None:
    assert set(_RULES) - set(CASES) == {_ALWAYS}
    assert set(CASES) <= set(_RULES)


@pytest.mark.parametrize("alert", CASES)
def test_an_alert_is_told_in_time_and_not_before_and_clears(tmp_path: Path, alert: str) -> None:
    _run(tmp_path, [alert], *(_tried(alert, case) for case in CASES[alert]))


def test_whoever_is_told_of_a_dead_path_is_told_within_ninety_seconds() -> None:
    scrape_and_look_s = 10
    for alert in ("GatewayDown", "StoreNotTaking", "BrokerDisconnected", "CanaryOld"):
        assert all(_seconds(case.within) + scrape_and_look_s <= 90 for case in CASES[alert])


def test_nothing_is_told_in_calm_but_that_alerting_lives(tmp_path: Path) -> None:
    calm = {
        series: re.sub(r"^(\S+?)x119 .*", r"\1x1439", values)
        for cases in CASES.values()
        for case in cases
        for series, values in case.series.items()
    }
    always = {key: _RULES[_ALWAYS][key] for key in ("labels", "annotations")}
    lives = {"exp_labels": always["labels"], "exp_annotations": always["annotations"]}
    looks = [_told(alert, at_s) for alert in CASES for at_s in (60, 600, 1800)]
    inputs = [{"series": _named(one), "values": values} for one, values in calm.items()]
    test = {"interval": "5s", "input_series": inputs}
    looks.append(_told(_ALWAYS, 1800, lives))
    _run(tmp_path, list(_RULES), test | {"alert_rule_test": looks})


def test_a_gateway_that_nobody_watches_any_more_is_told(tmp_path: Path) -> None:
    gone = _expected("GatewayDown", {})
    gone["exp_labels"].pop("instance")
    gone["exp_annotations"]["summary"] = gone["exp_annotations"]["summary"].replace("g1:8443", "")
    series = [{"series": _named("up"), "values": "1x119"}]
    looks = [_told("GatewayDown", 595), _told("GatewayDown", 930, gone)]
    test = {"interval": "5s", "input_series": series, "alert_rule_test": looks}
    _run(tmp_path, ["GatewayDown"], test)


@pytest.mark.parametrize("alert", _RULES)
def test_an_alert_has_a_severity_a_summary_and_a_runbook_that_names_it(alert: str) -> None:
    rule = _RULES[alert]
    assert rule["labels"]["severity"] in {"critical", "warning", "none"}
    assert len(rule["annotations"]["summary"]) <= 100
    page = rule["annotations"]["runbook_url"].removeprefix("file:///opt/dabyl/source/")
    assert f"`{alert}`" in tree.text(tree.ROOT / page)
