"""The configuration: the only reader of `dabyl.toml` and of the environment's `DABYL_…`."""

import os
import tomllib
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.settings.base import ADDRESS, NAME, Section, WrongSettings, secret_in
from gateway.settings.escalation import Escalation
from gateway.settings.evidence import Evidence
from gateway.settings.sections import (
    Broker,
    Receiver,
    Retention,
    Route,
    Rule,
    Settings,
)

__all__ = [
    "Broker",
    "Escalation",
    "Evidence",
    "Receiver",
    "Retention",
    "Route",
    "Rule",
    "Settings",
    "WrongSettings",
    "load",
    "placed",
    "secrets",
    "within",
]

DEFAULT_FILE = Path("dabyl.toml")


def load(path: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of that file, of `DABYL_CONFIG`, or of `./dabyl.toml`, with `DABYL_…` on top.

    Relative paths in it are taken from the file's folder, files that systemd passes on as
    credentials (`CREDENTIALS_DIRECTORY`) from there.

    Raises:
        WrongSettings: one line that says which key is wrong and what to do.
    """
    chosen = path or Path(environment.get("DABYL_CONFIG", DEFAULT_FILE))
    try:
        content = tomllib.loads(chosen.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WrongSettings(
            f"no configuration at {chosen}; name one with --config or DABYL_CONFIG"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WrongSettings(f"{chosen} cannot be read: {error}") from None
    _overlay(content, environment)
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        raise WrongSettings(f"{chosen}: {_sentence(error)}") from None
    anchored: Settings = _anchored(settings, partial(placed, path, environment=environment))
    return anchored


def placed(settings: Path | None, path: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Where a path leads that the settings of that file name.

    A relative one leads from the file's folder; but what systemd passes on as a credential is
    taken from there, and `secrets/centre.secret` is called `secrets_centre.secret`.

    Source: systemd.exec(5), LoadCredential= of a folder.
    """
    passed_on = environment.get("CREDENTIALS_DIRECTORY")
    if passed_on and not path.is_absolute():
        credential = Path(passed_on) / "_".join(path.parts)
        if credential.is_file():
            return credential
    chosen = settings or Path(environment.get("DABYL_CONFIG", DEFAULT_FILE))
    return chosen.resolve().parent / path


def secrets(path: Path, what: str) -> tuple[str, ...]:
    """Every non-empty line of a secret file.

    Raises:
        WrongSettings: it cannot be read, or holds none.
    """
    lines = tuple((secret_in(path, what) or "").split())
    if not lines:
        raise WrongSettings(f"{what}: {path} is empty; put one secret a line")
    return lines


def within(rule: Rule) -> timedelta:
    """A rule's window."""
    return timedelta(seconds=rule.within_s)


def _overlay(content: dict[str, Any], environment: Mapping[str, str]) -> None:
    for name, value in sorted(environment.items()):
        parts = name.removeprefix("DABYL_").lower().split("__")
        if not name.startswith("DABYL_") or len(parts) < 2:  # noqa: PLR2004 - section and key
            continue
        node: Any = content
        for depth, part in enumerate(parts[:-1]):
            following = parts[depth + 1]
            node = _entered(node, part, name, is_list=following.isdigit())
        _placed(node, parts[-1], value, name)


def _entered(node: Any, part: str, name: str, *, is_list: bool) -> Any:  # noqa: ANN401
    if isinstance(node, dict):
        return node.setdefault(part, [] if is_list else {})
    if isinstance(node, list) and part.isdigit() and int(part) <= len(node):
        if int(part) == len(node):
            node.append({})
        return node[int(part)]
    raise WrongSettings(f"{name} fits no setting: use DABYL_SECTION__KEY or DABYL_BROKER__0__URL")


def _placed(node: Any, part: str, value: str, name: str) -> None:  # noqa: ANN401
    if not isinstance(node, dict):
        raise WrongSettings(f"{name} fits no setting: use DABYL_SECTION__KEY")
    node[part] = [item.strip() for item in value.split(",")] if part in _LISTS else value


_LISTS = {"priorities", "kinds", "sites", "districts", "proxies"}


_SHAPES = {
    NAME: "a name of a-z, 0-9 and -, at most 40, the first a letter or a digit",
    ADDRESS: "host:port, such as 127.0.0.1:8080",
}


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"]) or "settings"
    if first["type"] == "extra_forbidden":
        return f"{key} is not a setting; remove it, or look for a slip in its name"
    if first["type"] == "missing":
        return f"{key} is missing"
    if first["type"] == "string_pattern_mismatch":
        pattern = str(first["ctx"]["pattern"])
        return f"{key}: {first['input'][:60]!r} is not {_SHAPES.get(pattern, pattern)}"
    return f"{key}: {first['msg'].removeprefix('Value error, ')}"


def _anchored(section: Any, place: Callable[[Path], Path]) -> Any:  # noqa: ANN401 - any section
    changed: dict[str, Any] = {}
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, Path) and not value.is_absolute():
            changed[name] = place(value)
        elif isinstance(value, Section):
            changed[name] = _anchored(value, place)
        elif isinstance(value, tuple) and value and isinstance(value[0], Section):
            changed[name] = tuple(_anchored(item, place) for item in value)
        elif name == "url" and isinstance(value, str) and value.startswith("sqlite:///"):
            file = Path(value.removeprefix("sqlite:///"))
            changed[name] = value if file.is_absolute() else f"sqlite:///{place(file)}"
    return section.model_copy(update=changed)
