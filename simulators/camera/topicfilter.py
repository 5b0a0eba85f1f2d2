"""Which topics a subscriber wants: ONVIF's topic expressions, read leniently."""

from typing import Final

from simulators.camera.soap import Fault

_LONGEST: Final = 4096


def read(expression: str | None) -> tuple[str, ...]:
    """Read an expression: paths, `a//.` for all below, joined by `|`; nothing means all.

    Raises:
        Fault: no camera would understand it.
    """
    if expression is None or not expression.strip():
        return ()
    if len(expression) > _LONGEST or "[" in expression:
        raise Fault("wsnt:InvalidFilterFault", "the filter cannot be evaluated")
    return tuple(_plain(part) for part in expression.split("|"))


def matches(wanted: tuple[str, ...], topic: str) -> bool:
    """Tell whether a topic is wanted."""
    plain = _plain(topic)
    return not wanted or any(_matches(one, plain) for one in wanted)


def _matches(one: str, topic: str) -> bool:
    if one in {"//.", "//"}:
        return True
    if one.endswith("//."):
        stem = one.removesuffix("//.")
        return topic == stem or topic.startswith(f"{stem}/")
    return topic == one


def _plain(path: str) -> str:
    steps = path.strip().split("/")
    return "/".join(step.rpartition(":")[2] for step in steps)
