"""Keep the words of the pages (gateway/web/locale): `python -m docs.catalogues add --help`."""

import io
from collections.abc import Iterable, Iterator, Mapping

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.plurals import get_plural
from babel.messages.pofile import write_po

from gateway.web import words

OTHERS = tuple(one for one in words.LANGUAGES if one != words.SOURCE)
_DIVIDER = "|"
_ABOUT = {
    words.SOURCE: "# The words of the pages, in English: each with its key as context.\n",
    "kk": "# The words of the pages, in Kazakh.\n",
    "ru": "# The words of the pages, in Russian.\n",
}
_HOW = "# Kept in order by `python -m docs.catalogues tidy`; a word is added by `… add`.\n"
Text = str | tuple[str, ...]
Known = dict[str, dict[str, Text]]
"""By key, by language: the word, or its plurals."""


@click.group()
def main() -> None:
    """Keep the words of the pages."""


@main.command()
@click.argument("key")
@click.option("--kk", help="in Kazakh; of a count `one|other`, mostly the same twice")
@click.option("--ru", help="in Russian; of a count `one|few|many` (1, 2, 5)")
@click.option("--en", help="in English; of a count `one|other`")
def add(key: str, kk: str | None, ru: str | None, en: str | None) -> None:
    """Add a word in all languages, or say it anew in some.

    Facts stand in braces; the fact `n` is the count that chooses a plural. English that changes
    makes the others fuzzy until somebody has said them again.
    """
    known, doubted = load()
    said = {"kk": kk, "ru": ru, "en": en}
    given = {one: _divided(text) for one, text in said.items() if text is not None}
    if key not in known and len(given) < len(words.LANGUAGES):
        raise click.UsageError(f"{key} is new: it needs {', '.join(words.LANGUAGES)}")
    before = known.get(key, {})
    if given.get(words.SOURCE, before.get(words.SOURCE)) != before.get(words.SOURCE):
        doubted |= {(key, one) for one in OTHERS}
    known[key] = {**before, **given}
    keep(known, doubted - {(key, one) for one in given})


@main.command()
@click.argument("keys", nargs=-1, required=True)
def drop(keys: tuple[str, ...]) -> None:
    """Take words out that nobody says any more."""
    known, doubted = load()
    keep({key: said for key, said in known.items() if key not in keys}, doubted)


@main.command()
def tidy() -> None:
    """Write the catalogues anew: in order, what is missing empty, what is in doubt fuzzy."""
    keep(*load())


def load() -> tuple[Known, set[tuple[str, str]]]:
    """Every word as the catalogues have it, and which (key, language) are in doubt."""
    known: Known = {}
    for message in _messages(words.SOURCE):
        known[str(message.context)] = {words.SOURCE: _text(message.id)}
    doubted = set()
    for language in OTHERS:
        for message in _messages(language):
            key = str(message.context)
            if key not in known:
                continue
            known[key][language] = _text(message.string)
            if message.fuzzy or _text(message.id) != known[key][words.SOURCE]:
                doubted.add((key, language))
    return known, doubted


def keep(known: Known, doubted: Iterable[tuple[str, str]]) -> None:
    """Write every catalogue."""
    for language, text in written(known, set(doubted)).items():
        words.path(language).write_text(text, encoding="utf-8")


def written(known: Known, doubted: set[tuple[str, str]]) -> Mapping[str, str]:
    """By language: the text of its catalogue."""
    return {one: _written(known, doubted, one) for one in words.LANGUAGES}


def _written(known: Known, doubted: set[tuple[str, str]], language: str) -> str:
    catalogue = Catalog(locale=language)
    for key in sorted(known):
        source = known[key].get(words.SOURCE, key)
        own = "" if language == words.SOURCE else known[key].get(language, "")
        flags = ["fuzzy"] if (key, language) in doubted else []
        catalogue.add(source, _shaped(source, own, language), context=key, flags=flags)
    body = io.BytesIO()
    write_po(body, catalogue, width=0, omit_header=True)
    return _head(language) + body.getvalue().decode("utf-8").lstrip("\n")


def _shaped(source: Text, own: Text, language: str) -> Text:
    """A word with as many forms as its source asks of that language."""
    if isinstance(source, str):
        return own if isinstance(own, str) else own[-1]
    forms = (own,) if isinstance(own, str) else own
    return tuple(forms) * len(words.FORMS[language]) if len(forms) == 1 else tuple(forms)


def _head(language: str) -> str:
    plural = get_plural(language)
    fields = {
        "Project-Id-Version": "Dabyl",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": str(plural),
    }
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in fields.items())
    return f'{_ABOUT[language]}{_HOW}msgid ""\nmsgstr ""\n{lines}\n'


def _messages(language: str) -> Iterator[Message]:
    if words.path(language).exists():
        yield from (message for message in words.read(language) if message.context)


def _text(said: str | tuple[str, ...] | list[str] | None) -> Text:
    found = words.forms(said)
    return found[0] if len(found) == 1 else found


def _divided(text: str) -> Text:
    return tuple(text.split(_DIVIDER)) if _DIVIDER in text else text


if __name__ == "__main__":
    main()
