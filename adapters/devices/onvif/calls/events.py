"""The event service: what it can tell, and how many may listen."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from adapters.devices.onvif import element, soap
from adapters.devices.onvif.calls.namespace import Namespace
from adapters.devices.onvif.element import Element

TOPICS_LIMIT: Final = 1000
DEPTH_LIMIT: Final = 20
_DESCRIPTION: Final = "MessageDescription"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Something that the camera can tell."""

    path: str
    """Its names from the root, without prefixes, parted by `/`."""
    is_property: bool
    """Whether it is a state, which begins and ends, and not a mere moment."""
    source: tuple[str, ...]
    """The names of the items that say where."""
    data: tuple[str, ...]
    """The names of the items that say what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventProperties:
    """All that the camera can tell."""

    topics: tuple[Topic, ...]
    is_fixed: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventServiceCapabilities:
    """What the event service says of itself; cameras lie here, so nothing is refused by it."""

    pull_point: bool | None
    subscription_policy: bool | None
    persistent_storage: bool | None
    """Whether Seek can fetch what was missed."""
    max_pull_points: int | None
    max_notification_producers: int | None


def get_event_properties() -> bytes:
    """Ask for all that it can tell."""
    return b'<tev:GetEventProperties xmlns:tev="%b"/>' % Namespace.EVENTS.encode()


def event_properties(answer: Element) -> EventProperties:
    """Read all that it can tell: at most 1,000 topics, at most 20 deep."""
    soap.expect(answer, "GetEventPropertiesResponse")
    listed = element.child(answer, "TopicSet")
    found: list[Topic] = []
    for topic in _topics(listed) if listed is not None else ():
        found.append(topic)
        if len(found) == TOPICS_LIMIT:
            break
    fixed = element.flag(element.text(answer, "FixedTopicSet"))
    return EventProperties(topics=tuple(found), is_fixed=fixed)


def get_event_service_capabilities() -> bytes:
    """Ask what the event service can."""
    return b'<tev:GetServiceCapabilities xmlns:tev="%b"/>' % Namespace.EVENTS.encode()


def event_service_capabilities(answer: Element) -> EventServiceCapabilities:
    """Read what the event service says it can."""
    soap.expect(answer, "GetServiceCapabilitiesResponse")
    found = element.child(answer, "Capabilities")

    def said(called: str) -> str:
        return "" if found is None else element.attribute(found, called)

    return EventServiceCapabilities(
        pull_point=element.flag(said("WSPullPointSupport")),
        subscription_policy=element.flag(said("WSSubscriptionPolicySupport")),
        persistent_storage=element.flag(said("PersistentNotificationStorage")),
        max_pull_points=element.number(said("MaxPullPoints")),
        max_notification_producers=element.number(said("MaxNotificationProducers")),
    )


def _topics(root: Element) -> Iterator[Topic]:
    waiting = [(child, element.name(child)) for child in reversed(root)]
    while waiting:
        node, path = waiting.pop()
        described = element.child(node, _DESCRIPTION)
        # Some forget the mark `topic="true"`: whoever describes its message is a topic as well.
        if element.flag(element.attribute(node, "topic")) or described is not None:
            yield _topic(path, described)
        if path.count("/") < DEPTH_LIMIT:
            inner = (one for one in reversed(node) if element.name(one) != _DESCRIPTION)
            waiting += [(one, f"{path}/{element.name(one)}") for one in inner]


def _topic(path: str, described: Element | None) -> Topic:
    said = "" if described is None else element.attribute(described, "IsProperty")
    return Topic(
        path=path[: element.TEXT_LIMIT],
        is_property=bool(element.flag(said)),
        source=_items(element.child(described, "Source")),
        data=_items(element.child(described, "Data")),
    )


def _items(group: Element | None) -> tuple[str, ...]:
    if group is None:
        return ()
    named = (element.attribute(one, "Name") for one in group)
    return tuple(name[:80] for name in named if name)[:20]
