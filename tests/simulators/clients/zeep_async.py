"""Drives a camera with onvif-zeep-async: connects, lists, pulls a press, renews, takes a still.

Usage: python -m tests.simulators.clients.zeep_async HOST PORT USER PASSWORD
"""

import asyncio
import datetime as dt
import json
import sys
from typing import Any

from onvif import ONVIFCamera

LASTS = dt.timedelta(seconds=60)


def say(what: str, **facts: object) -> None:
    """Tell the test."""
    sys.stdout.write(json.dumps({"what": what, **facts}) + "\n")
    sys.stdout.flush()


def items(holder: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - zeep's objects have no types
    """Read the items of a source or of data."""
    return [] if holder is None else [(one.Name, one.Value) for one in holder.SimpleItem]


def heard(reply: Any) -> list[dict[str, object]]:  # noqa: ANN401 - likewise
    """Read the notifications of a reply."""
    return [
        {
            "topic": one.Topic._value_1,  # noqa: SLF001 - zeep's name for an element's text
            "operation": one.Message._value_1.PropertyOperation,  # noqa: SLF001 - likewise
            "source": items(one.Message._value_1.Source),  # noqa: SLF001 - likewise
            "data": items(one.Message._value_1.Data),  # noqa: SLF001 - likewise
        }
        for one in reply.NotificationMessage
    ]


async def main(host: str, port: str, user: str, password: str) -> None:
    """Go the whole way."""
    camera = ONVIFCamera(host, int(port), user, password, adjust_time=True)
    await camera.update_xaddrs()
    device = await camera.create_devicemgmt_service()
    media = await camera.create_media_service()
    about = await device.GetDeviceInformation()
    profiles = [one.token for one in await media.GetProfiles()]
    still = await camera.get_snapshot(profiles[0])
    say("connected", serial=about.SerialNumber, profiles=profiles, still=len(still or b""))
    manager = await camera.create_pullpoint_manager(LASTS, lambda: say("lost"))
    service = manager.get_service()
    for what in ("initial", "pressed"):
        words = {"Timeout": dt.timedelta(seconds=20), "MessageLimit": 100}
        say(what, heard=heard(await service.PullMessages(words)))
    subscription = await camera.create_subscription_service("PullPointSubscription")
    await subscription.Renew("PT60S")
    say("renewed")
    await manager.shutdown()
    await camera.close()
    say("left")


asyncio.run(main(*sys.argv[1:]))
