"""The words of the pages, in Kazakh, Russian and English: one file each, all with the same keys."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

LANGUAGES = ("kk", "ru", "en")
DEFAULT = "kk"


@cache
def of(language: str) -> Mapping[str, str]:
    """Every word of that language, by its dotted key; the default's for one we do not speak."""
    known = language if language in LANGUAGES else DEFAULT
    text = resources.files("gateway.web").joinpath("locale", f"{known}.toml").read_text("utf-8")
    return MappingProxyType(dict(_flat(tomllib.loads(text))))


def _flat(table: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            pairs += _flat(value, f"{prefix}{key}.")
        else:
            pairs.append((prefix + key, str(value)))
    return pairs
