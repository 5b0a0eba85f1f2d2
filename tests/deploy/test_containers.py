"""deploy/Containerfile and compose.yml, by eye and by rule: there is no engine here to run them."""

import json
import re

import yaml

from gateway.cli import VERBS
from gateway.web import server
from tests.house import tree

_FOLDER = tree.ROOT / "deploy"
_CONTAINERFILE = tree.text(_FOLDER / "Containerfile")
_COMPOSE = yaml.safe_load(tree.text(_FOLDER / "compose.yml"))


def test_what_is_copied_into_the_image_is_there() -> None:
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", _CONTAINERFILE, re.MULTILINE)
    copied = [name for line in lines for name in line.split()]
    assert {"adapters", "gateway", "simulators", "requirements.lock"} <= set(copied)
    assert all((tree.ROOT / name).exists() for name in copied)


def test_the_image_runs_a_verb_as_nobody_special_and_is_asked_whether_it_lives() -> None:
    (verb,) = json.loads(re.findall(r"^CMD (\[.*\])$", _CONTAINERFILE, re.MULTILINE)[-1])
    assert verb in VERBS
    assert "\nUSER dabyl\n" in _CONTAINERFILE
    assert "/livez" in {route.path for route, _ in server.rights()}
    assert "/livez" in _CONTAINERFILE


def test_the_gateway_of_the_compose_file_keeps_what_it_must_not_lose() -> None:
    gateway = _COMPOSE["services"]["gateway"]
    assert gateway["restart"] == "always"
    assert "gateway:/var/lib/dabyl" in gateway["volumes"]
    assert (_FOLDER / gateway["build"]["dockerfile"].removeprefix("deploy/")).exists()


def test_both_say_that_they_were_not_tried() -> None:
    for name in ("Containerfile", "compose.yml", "README.md"):
        assert "not tried" in tree.text(_FOLDER / name).lower(), name
