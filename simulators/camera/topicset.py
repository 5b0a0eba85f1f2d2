"""GetEventProperties and the event service's capabilities: what a camera says that it can say."""

from typing import Final

from simulators.camera import xmltext
from simulators.camera.machine import Machine
from simulators.camera.quirks import Quirk
from simulators.camera.spelling import Items, Spelling
from simulators.camera.visit import Visit

_DIALECTS: Final = (
    "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet",
    "http://docs.oasis-open.org/wsn/t-1/TopicExpression/Concrete",
)
_TYPES: Final = {"true": "xs:boolean", "1": "xs:boolean", "active": "tt:RelayLogicalState"}
Tree = dict[str, "Tree | Spelling"]


async def get_event_properties(visit: Visit) -> str:
    """Tell the topics as a tree, each leaf with its items."""
    tree: Tree = {}
    for how in visit.machine.spellings().values():
        _plant(tree, how)
    dialects = "".join(
        f"<wsnt:TopicExpressionDialect>{one}</wsnt:TopicExpressionDialect>" for one in _DIALECTS
    )
    return (
        "<tev:GetEventPropertiesResponse><tev:TopicNamespaceLocation>"
        "http://www.onvif.org/onvif/ver10/topics/topicns.xml</tev:TopicNamespaceLocation>"
        f"<wsnt:FixedTopicSet>true</wsnt:FixedTopicSet><wstop:TopicSet>{_written(tree)}"
        f"</wstop:TopicSet>{dialects}<tev:MessageContentFilterDialect>"
        "http://www.onvif.org/ver10/tev/messageContentFilter/ItemFilter"
        "</tev:MessageContentFilterDialect><tev:MessageContentSchemaLocation>"
        "http://www.onvif.org/onvif/ver10/schema/onvif.xsd</tev:MessageContentSchemaLocation>"
        "</tev:GetEventPropertiesResponse>"
    )


async def get_service_capabilities(visit: Visit) -> str:
    """Tell what the event service can do."""
    machine: Machine = visit.machine
    pulls = "false" if machine.switches.on(Quirk.PULLPOINT_FLAG_FALSE) else "true"
    return (
        "<tev:GetServiceCapabilitiesResponse>"
        f'<tev:Capabilities WSSubscriptionPolicySupport="false" WSPullPointSupport="{pulls}" '
        'WSPausableSubscriptionManagerInterfaceSupport="false" '
        f'MaxNotificationProducers="{machine.slots.count}" MaxPullPoints="{machine.slots.count}" '
        'PersistentNotificationStorage="true"/></tev:GetServiceCapabilitiesResponse>'
    )


def _plant(tree: Tree, how: Spelling) -> None:
    *way, leaf = how.topic.format(token="MyRule").split("/")
    for step in way:
        branch = tree.setdefault(step, {})
        if isinstance(branch, Spelling):  # a topic below a topic: the lower one is told
            branch = tree[step] = {}
        tree = branch
    tree[leaf] = how


def _written(tree: Tree) -> str:
    parts: list[str] = []
    for step, below in tree.items():
        if isinstance(below, Spelling):
            parts.append(f'<{step} wstop:topic="true">{_description(below)}</{step}>')
        else:
            parts.append(f"<{step}>{_written(below)}</{step}>")
    return "".join(parts)


def _description(how: Spelling) -> str:
    item = ((how.item, how.on),) if how.item else ()
    is_property = "true" if how.is_property else "false"
    return (
        f'<tt:MessageDescription IsProperty="{is_property}">'
        f"<tt:Source>{_items(how.source)}</tt:Source>"
        f"<tt:Data>{_items((*item, *how.more))}</tt:Data></tt:MessageDescription>"
    )


def _items(items: Items) -> str:
    return "".join(
        f"<tt:SimpleItemDescription Name={xmltext.quoted(name)} "
        f'Type="{_TYPES.get(value, "xs:string")}"/>'
        for name, value in items
    )
