"""The words of the pages: gettext catalogues, read as they lie; a count chooses its plural by CLDR.

`locale/dabyl.pot` holds each key (the message's context) with its English words; `kk.po` and
`ru.po` hold the others. How a word is added: `python -m docs.catalogues add --help`.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from gateway.web.when import locale

LANGUAGES = ("kk", "ru", "en")
DEFAULT = "kk"
SOURCE = "en"
FORMS = {"kk": ("one", "other"), "ru": ("one", "few", "many"), "en": ("one", "other")}
"""CLDR's plurals of a whole number, in the order in which gettext numbers them."""
_FACT = re.compile(r"\{(\w+)\}")


@cache
def of(language: str) -> Mapping[str, str]:
    """Every word of that language, by its dotted key; the default's for one we do not speak.

    Of a word with plurals it is the last.
    """
    found = spoken(language).items()
    plain = {key: text if isinstance(text, str) else text["other"] for key, text in found}
    return MappingProxyType(plain)


def say(language: str, key: str, **facts: object) -> str:
    """A word with its facts in place of the braces; the fact `n` chooses a plural."""
    text = spoken(language)[key]
    if not isinstance(text, str):
        count = facts["n"]
        chosen = locale(language).plural_form(count) if isinstance(count, int | float) else "other"
        text = text[chosen]
    return _FACT.sub(lambda found: str(facts.get(found[1], "")), text)


@cache
def spoken(language: str) -> Mapping[str, str | Mapping[str, str]]:
    """Every word; one with plurals as CLDR's categories. What nobody has translated is English."""
    known = language if language in LANGUAGES else DEFAULT
    own = {} if known == SOURCE else _translated(known)
    return MappingProxyType(
        {
            message.context: own.get(message.context) or _shaped(SOURCE, forms(message.id))
            for message in read(SOURCE)
            if message.context
        }
    )


def read(language: str) -> Catalog:
    """The catalogue of that language as it lies; of the source, the template."""
    with path(language).open("rb") as file:
        return read_po(file, locale=language)


def path(language: str) -> Path:
    """Where that catalogue lies."""
    name = "dabyl.pot" if language == SOURCE else f"{language}.po"
    return Path(str(resources.files("gateway.web").joinpath("locale", name)))


def forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """A message's word, or its plurals, as Babel reads them."""
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def _translated(language: str) -> Mapping[str, str | Mapping[str, str]]:
    return {
        message.context: _shaped(language, forms(message.string))
        for message in read(language)
        if message.context and not message.fuzzy and all(forms(message.string))
    }


def _shaped(language: str, said: tuple[str, ...]) -> str | Mapping[str, str]:
    if len(said) == 1:
        return said[0]
    found = dict(zip(FORMS[language], said, strict=True))
    # Of a fraction Russian says what it says of two: 1,5 секунды, 2 секунды.
    return {"other": found.get("few", ""), **found}
