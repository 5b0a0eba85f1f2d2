"""The deep check: a second reader's eyes, and nothing else of it."""

import re
import subprocess
import sys

import pytest
from aiohttp import web

from adapters.devices.onvif.calls import Namespace
from adapters.devices.onvif.deep_check import DeepCheck
from adapters.devices.onvif.fault import CameraRefused
from tests.adapters.onvif import cameras
from tests.adapters.onvif.conftest import Calling
from tests.adapters.onvif.samples import sample

_ANSWERS = {
    "GetSystemDateAndTime": sample("clock_date_first.xml"),
    "GetDeviceInformation": sample("information_latin_1.xml"),
    "GetServices": sample("services.xml"),
    "GetProfiles": sample("profiles.xml"),
    "GetEventProperties": sample("topics.xml"),
    "GetCapabilities": sample("page_not_found.html"),
}


async def _camera(request: web.BaseRequest) -> web.StreamResponse:
    (asked,) = re.findall(rb"<\w+:(Get\w+) xmlns", await request.read())
    known = _ANSWERS.get(asked.decode())
    return cameras.soap(known or cameras.fault("ter:ActionNotSupported"))


async def test_each_answer_is_held_against_the_standard(calling: Calling) -> None:
    async with cameras.standing(_camera) as camera:
        services: dict[str, str] = {Namespace.EVENTS: "http://192.168.1.108/onvif/event_service"}
        found = await DeepCheck().check(calling(camera), services)
    problems = {one.call: one.problem for one in found}
    assert problems["GetDeviceInformation"] is None
    assert "expected '{http://www.onvif.org/ver10/schema}Time'" in str(
        problems["GetSystemDateAndTime"]
    )
    assert "its root is <html>" in str(problems["GetCapabilities"]) or "no XML" in str(
        problems["GetCapabilities"]
    )
    assert "ActionNotSupported" in str(problems["GetScopes"])
    assert len(found) == 10
    (heard,) = camera.asked("GetEventProperties")
    assert heard.target == "/onvif/event_service"


async def test_a_refused_login_ends_the_check(calling: Calling) -> None:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return cameras.soap(cameras.fault("ter:NotAuthorized"), 400)

    async with cameras.standing(answer) as camera:
        with pytest.raises(CameraRefused):
            await DeepCheck().check(calling(camera, password=None), {})
    assert len(camera.heard) == 1


_IMPORTING = """
import logging, os, sys
os.environ["http_proxy"] = "http://proxy.example:3128"
import asyncio
from adapters.devices.onvif import deep_check
asyncio.run(deep_check.DeepCheck().preload())
assert os.environ["http_proxy"] == "http://proxy.example:3128"
assert logging.getLogger().handlers == [] and logging.getLogger().level == logging.WARNING
assert "onvif" not in sys.modules and "zeep" in sys.modules
"""


def test_loading_it_changes_neither_logging_nor_the_environment() -> None:
    subprocess.run([sys.executable, "-c", _IMPORTING], check=True, timeout=60)


_LATE = """
import sys
import adapters.devices.onvif.transport, adapters.devices.onvif.snapshot
import adapters.devices.onvif.discovery
assert "zeep" not in sys.modules and "onvif" not in sys.modules
"""


def test_nothing_else_of_the_adapter_loads_zeep() -> None:
    subprocess.run([sys.executable, "-c", _LATE], check=True, timeout=60)
