"""The pages about cameras that the code knows better; see make_reference."""

from collections.abc import Mapping

from adapters.devices.onvif import subscription, topics
from docs.pages import WORDS, page, table
from simulators.camera.makes import MAKES
from simulators.camera.quirks import MEANINGS, Quirk, Value


def simulated_cameras() -> str:
    """Every make and every quirk of the cameras that pretend."""
    makes = [
        (f"`{name}`", f"{make.manufacturer} {make.model}", str(make.slots), _quirks(make.quirks))
        for name, make in MAKES.items()
    ]
    return page(
        "simulated-cameras",
        "## Makes\n",
        table(("make", "says that it is", "slots", "its quirks"), makes),
        "## Quirks\n",
        table(("quirk", "the camera"), ((f"`{one}`", text) for one, text in MEANINGS.items())),
        WORDS["simulated-cameras"]["end"],
    )


def camera_topics() -> str:
    """Every topic of cameras that is known, by maker, and how each kind goes on."""
    parts = []
    for vendor in dict.fromkeys(row.vendor for row in topics.TABLE):
        rows = [_topic(row) for row in topics.TABLE if row.vendor == vendor]
        parts += [f"## {vendor}\n", table(("topic", "kind", "how", "known from"), rows)]
    sorts = [
        (
            f"`{kind}`",
            f"`{sort.ended_by}`" if sort.ended_by else "it has none" if sort.happens else "–",
            "" if sort.happens else f"{sort.hold_s:g} s",
            "yes" if sort.at_connect else "",
        )
        for kind, sort in topics.SORTS.items()
    ]
    head = ("kind", "ended by", "held without an end", "raised where it is found at connect")
    how = WORDS["camera-topics"]["how"]
    return page("camera-topics", *parts, "## How each kind goes on\n", how, table(head, sorts))


def camera_link() -> str:
    """The life of a camera's subscription, drawn from the table that decides it."""
    ways: dict[tuple[str, str, str], list[str]] = {}
    for (before, happened), (after, do) in subscription.TRANSITIONS.items():
        ways.setdefault((before, after, do), []).append(happened)
    rows = [
        (f"`{before}`", ", ".join(happened), f"`{after}`", do.replace("_", " "))
        for (before, after, do), happened in ways.items()
    ]
    return page(
        "camera-link",
        f"```mermaid\n{subscription.diagram()}```\n",
        table(("where it stands", "what happens", "then", "what is done"), rows),
        WORDS["camera-link"]["end"],
    )


def _quirks(quirks: Mapping[Quirk, Value]) -> str:
    written = (f"`{one}`" if value is None else f"`{one}={value}`" for one, value in quirks.items())
    return ", ".join(written) or "–"


def _topic(row: topics.Row) -> tuple[str, ...]:
    how = [
        f"only of a `{row.source}`" if row.source else "",
        f"item {' or '.join(f'`{name}`' for name in row.items)}" if row.items else "",
        f"is {', '.join(sorted(row.on))}" if row.on - {"*"} else "",
        {"": "", "yes": "a pulse, unless it says a state", "always": "a pulse"}[row.pulse],
        f"a {row.thing}" if row.thing else "",
        f"reason `{row.reason}`" if row.reason else "",
        "dropped at once" if row.floods else "",
    ]
    kind = "–" if row.kind is None else f"`{row.kind}`"
    return (f"`{row.topic}`", kind, "; ".join(filter(None, how)), row.known_from)
