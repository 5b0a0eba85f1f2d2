"""Dial: what makes each life of one camera's link, with what must outlive it."""

from collections.abc import Callable, Mapping

from adapters.devices.onvif.connection import Camera
from adapters.devices.onvif.health import Health
from adapters.devices.onvif.means import Means, Past
from adapters.devices.onvif.owing import Owing
from adapters.devices.onvif.settings import CameraSettings
from adapters.devices.onvif.standing import Standing


def dial(
    means: Means,
) -> Callable[[CameraSettings, Mapping[str, bool], Health, Owing], Callable[[], Camera]]:
    """Of its settings, what was known to last on it, and what is owed: the maker of its lives."""

    def made(
        settings: CameraSettings, known: Mapping[str, bool], health: Health, owing: Owing
    ) -> Callable[[], Camera]:
        standing = Standing(
            known,
            settings.inputs,
            input_kind=settings.input_kind,
            unknown_topics=health.unknown_topics,
            owing=owing,
        )
        past = Past(heard_until=health.last_reply_at)
        return lambda: Camera(settings, means, standing=standing, health=health, past=past)

    return made
