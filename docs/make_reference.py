"""Write the pages of docs/reference that the code knows better: `python -m docs.make_reference`."""

import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import click
from fastapi.routing import APIRoute

from adapters.receivers.contract import Reason
from adapters.signal import Unread
from docs import camera_pages
from docs.pages import FOLDER, WORDS, page, table
from gateway import metrics, settings
from gateway.cli import dabyl
from gateway.domain.alarm import TRANSITIONS, State, Step, diagram
from gateway.domain.belief import Doubt
from gateway.domain.kind import KINDS, Kind
from gateway.domain.operator import RIGHTS, May
from gateway.web import server

WIDTH = 100
_BY = {"D": "device", "A": "adapter", "S": "supervision", "G": "gateway"}


def main() -> int:
    """Write every page anew."""
    for name, write in PAGES.items():
        (FOLDER / name).write_text(write(), encoding="utf-8")
        sys.stdout.write(f"{name}\n")
    return 0


def api() -> str:
    """Every route, with the right it needs, and who has that right."""
    rows = []
    for route, right in server.rights():
        method = " ".join(sorted(route.methods or ()))
        needs = "–" if right is None else f"`{right}`"
        rows.append((f"`{method} {route.path}`", needs, _asked(route), _first(route.endpoint)))
    roles = [
        (f"`{role}`", *("yes" if may in rights else "" for may in May))
        for role, rights in RIGHTS.items()
    ]
    return page(
        "api",
        table(("method and path", "right", "query or body", "does"), rows),
        "## Who may what\n\nA token or a person has one role; a role has these rights.\n",
        table(("role", *(f"`{may}`" for may in May)), roles),
        WORDS["api"]["end"],
    )


def command_line() -> str:
    """Every verb with its own help."""
    root = dabyl.make_context("dabyl", [], resilient_parsing=True)
    parts = [f"```text\n{_help(root)}\n```\n"]
    for name in dabyl.list_commands(root):
        for context in _contexts(name, dabyl.get_command(root, name), root):
            level = "##" if context.parent is root else "###"
            parts.append(f"{level} {context.command_path}\n\n```text\n{_help(context)}\n```\n")
    return page("command-line", *parts)


def setting_pages() -> str:
    """Every setting, with its type, default and a sentence."""
    shape = settings.Settings.model_json_schema()
    parts = []
    top = {name: found for name, found in shape["properties"].items() if not _inner(found)}
    for name, found in shape["properties"].items():
        inner = _inner(found)
        if inner is None:
            continue
        section = shape["$defs"][inner]
        title = f"[[{name}]]" if found.get("type") == "array" else f"[{name}]"
        parts += [f"## {title}\n\n{section['description']}\n", _settings_table(name, section)]
    whole = {"properties": top, "required": shape.get("required", [])}
    return page("settings", "## At the top\n", _settings_table("", whole), *parts)


def series() -> str:
    """Every series of /metrics that is ours."""
    rows = [
        (f"`{name}`", kind, ", ".join(f"`{label}`" for label in labels) or "–", text)
        for name, kind, text, labels in _series()
    ]
    reasons = (
        ("`dabyl_quarantined_total{reason}`", (*Unread, *Doubt)),
        ("`dabyl_delivery_attempts_total{result}`", ("accepted", "refused", *Reason)),
    )
    closed = [(name, " ".join(f"`{one}`" for one in values)) for name, values in reasons]
    return page(
        "metrics",
        table(("series", "type", "labels", "means"), rows),
        "## Words in the labels\n",
        table(("label", "one of"), closed),
        WORDS["metrics"]["end"],
    )


def life_cycle() -> str:
    """The life of an alarm, drawn from the table that decides it."""
    rows = [
        (f"`{before}`", *(_after(before, step) for step in Step))
        for before in (State.NORMAL, State.UNACKNOWLEDGED, State.ACKNOWLEDGED, State.RETURNED)
    ]
    return page(
        "life-cycle",
        f"```mermaid\n{diagram()}```\n",
        table(("from", *(f"{step}" for step in Step)), rows),
        WORDS["life-cycle"]["end"],
    )


def kinds() -> str:
    """Every kind of event."""
    restored = {name: kind.name for kind in KINDS.values() for name in kind.restores}
    rows = [_kind(kind, restored) for kind in KINDS.values()]
    head = ("kind", "said by", "lane", "raises", "ended by", "marks", "CID", "SIA")
    return page("kinds", table(head, rows), WORDS["kinds"]["end"])


PAGES: Mapping[str, Callable[[], str]] = {
    "api.md": api,
    "command-line.md": command_line,
    "settings.md": setting_pages,
    "metrics.md": series,
    "life-cycle.md": life_cycle,
    "kinds.md": kinds,
    "simulated-cameras.md": camera_pages.simulated_cameras,
    "camera-topics.md": camera_pages.camera_topics,
    "camera-link.md": camera_pages.camera_link,
}


def _first(endpoint: Callable[..., Any]) -> str:
    return (endpoint.__doc__ or "").split("\n\n")[0].replace("\n", " ").strip()


def _asked(route: APIRoute) -> str:
    queries = [f"`{field.alias}`" for field in route.dependant.query_params]
    bodies = [f"{field.field_info.annotation}" for field in route.dependant.body_params]
    named = [f"`{text.rpartition('.')[2].partition(chr(39))[0]}`" for text in bodies]
    return " ".join([*queries, *(name.replace(" | None", "") for name in named)]) or "–"


def _contexts(
    name: str, command: click.Command | None, parent: click.Context
) -> Iterator[click.Context]:
    if command is None:
        return
    context = click.Context(
        command, info_name=name, parent=parent, help_option_names=parent.help_option_names
    )
    yield context
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            yield from _contexts(inner, command.get_command(context, inner), context)


def _help(context: click.Context) -> str:
    context.terminal_width = WIDTH
    return context.command.get_help(context)


def _inner(found: Mapping[str, Any]) -> str | None:
    """The section that a setting holds, if it holds one."""
    place = found.get("$ref") or found.get("items", {}).get("$ref", "")
    return str(place).rpartition("/")[2] or None


def _settings_table(section: str, shape: Mapping[str, Any]) -> str:
    said = WORDS["settings"]["say"][section] if section else WORDS["settings"]["top"]
    rows = []
    for key, found in shape["properties"].items():
        needed = "**needed**" if key in shape.get("required", []) else _default(found)
        rows.append((f"`{key}`", _type(found), needed, str(said[key])))
    return table(("key", "type", "default", "means"), rows)


def _type(found: Mapping[str, Any]) -> str:
    choices = found.get("enum") or ([found["const"]] if "const" in found else None)
    if choices:
        return " or ".join(f"`{one}`" for one in choices)
    if "anyOf" in found:
        return " or ".join(_type(one) for one in found["anyOf"] if one.get("type") != "null")
    if found.get("type") == "array":
        return f"list of {_type(found['items'])}"
    if "minimum" in found:
        return f"{found['type']} {found['minimum']} to {found['maximum']}"
    return "file" if found.get("format") == "path" else str(found.get("type", "text"))


def _default(found: Mapping[str, Any]) -> str:
    value = found.get("default")
    if value in (None, "", [], ()):
        return "–"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"


def _series() -> Iterator[tuple[str, str, str, list[str]]]:
    """Name, type, help and labels, as metrics.py writes them down."""
    folder = Path(str(metrics.__file__)).parent
    sources = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))]
    for node in chain.from_iterable(ast.walk(ast.parse(source)) for source in sources):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            kind = node.func.id
            if kind in {"Counter", "Gauge", "Histogram"}:
                name, text, *more = [ast.literal_eval(one) for one in node.args]
                yield name, kind.lower(), text, more[0] if more else []


def _after(before: State, step: Step) -> str:
    found = TRANSITIONS.get((before, step))
    return "" if found is None else f"`{found}`"


def _kind(kind: Kind, restored: Mapping[str, str]) -> tuple[str, ...]:
    ends = "a person" if kind.latches else restored.get(kind.name, "–")
    marks = [("silent", kind.silent), ("never a test", kind.never_test)]
    return (
        f"`{kind.name}`",
        ", ".join(_BY[voice] for voice in "DASG" if voice in kind.by),
        "–" if kind.lane is None else str(kind.lane),
        "–" if kind.raises is None else kind.raises.name,
        ends if ends in {"a person", "–"} else f"`{ends}`",
        ", ".join(word for word, is_so in marks if is_so),
        str(kind.cid or ""),
        kind.sia or "",
    )


if __name__ == "__main__":
    raise SystemExit(main())
