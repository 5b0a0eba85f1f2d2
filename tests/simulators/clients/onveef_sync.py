"""Drives a camera with onveef: connects, lists, pulls a press, renews, takes a still.

Usage: python -m tests.simulators.clients.onveef_sync HOST PORT USER PASSWORD
"""

import json
import sys
from typing import Any

import httpx
from onveef import OnvifClient


class _Timeout(httpx.Timeout):
    """What onveef 0.6 expects: a part of a time limit may be said anew, which httpx refuses."""

    def __init__(self, limit: Any = None, **parts: Any) -> None:  # noqa: ANN401 - httpx's own words
        if isinstance(limit, httpx.Timeout):
            super().__init__(**(limit.as_dict() | parts))
        else:
            super().__init__(limit, **parts)


def say(what: str, **facts: object) -> None:
    """Tell the test."""
    sys.stdout.write(json.dumps({"what": what, **facts}) + "\n")
    sys.stdout.flush()


def heard(reply: dict[str, Any]) -> list[dict[str, object]]:
    """Read the notifications of a reply."""
    return [
        {
            "topic": one["topic"],
            "operation": one["property_operation"],
            "source": list(one["source"].items()),
            "data": list(one["data"].items()),
        }
        for one in reply["messages"]
    ]


def main(host: str, port: str, user: str, password: str) -> None:
    """Go the whole way."""
    httpx.Timeout = _Timeout  # type: ignore[assignment,misc]
    with OnvifClient(host, int(port), user, password) as camera:
        about = camera.get_device_information()
        profiles = [one["token"] for one in camera.get_profiles()]
        still, _ = camera.get_snapshot(profile_token=profiles[0])
        say("connected", serial=about["SerialNumber"], profiles=profiles, still=len(still))
        at = camera.events_create_pull_point()["subscription_url"]
        for what in ("initial", "pressed"):
            reply = camera.events_pull_messages(
                subscription_url=at, timeout="PT20S", message_limit=100
            )
            say(what, heard=heard(reply))
        camera.events_renew(subscription_url=at)
        say("renewed")
        camera.events_unsubscribe(subscription_url=at)
        say("left")


main(*sys.argv[1:])
