"""Every word is there in every language, is said somewhere, and nobody doubts it."""

import re

import pytest

from docs import catalogues
from gateway.web import words
from tests.house import spoken, tree
from tests.house.word_sets import SETS

_OTHERS = catalogues.OTHERS
_ALPHABETS = {"ru": "а-яё", "kk": "а-яёәғқңөұүһі"}
_STRESSED = {
    *("opens by itself", "do not trust the silence", "silent", "Where"),
    *("открывается само", "тишине верить нельзя", "тихой", "Где"),
    *("өзі ашылады", "тыныштыққа сенуге болмайды", "Үнсіз", "Қайда"),
}
"""What the tutorials stress, and no page says."""
_MIXED = re.compile(r"\b(?=\w*[A-Za-zƏə])(?=\w*[\u0400-\u04ff])\w+\b")
_NOT_WORDS = re.compile(r"\{\w+\}|JavaScript|Dabyl")


def test_no_word_is_missing_in_doubt_or_left_behind_in_a_language() -> None:
    for language in _OTHERS:
        catalogue = words.read(language)
        assert not list(catalogue.obsolete), language
        assert not [one.context for one in catalogue if one.context and one.fuzzy], "fuzzy"
        own = {one.context: one for one in catalogue if one.context}
        source = {one.context: one for one in words.read(words.SOURCE) if one.context}
        assert own.keys() == source.keys(), language
        assert [key for key in own if not all(words.forms(own[key].string))] == [], "missing"
        assert [key for key in own if own[key].id != source[key].id] == [], "of another English"


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_count_has_every_plural_of_its_language_and_says_the_count(language: str) -> None:
    for key, said in words.spoken(language).items():
        if not isinstance(said, str):
            assert {*words.FORMS[language], "other"} == said.keys(), key
            assert all("{n}" in form for form in said.values()), key


def test_the_catalogues_lie_as_they_are_kept() -> None:
    stale = "run python -m docs.catalogues tidy"
    kept = catalogues.written(*catalogues.load())
    assert [one for one, text in kept.items() if tree.text(words.path(one)) != text] == [], stale


def test_every_word_that_is_asked_for_is_there() -> None:
    known = words.of(words.SOURCE)
    missing = {
        f"{source.name}: {key}"
        for source in spoken.sources()
        for key in spoken.asked(source)
        if key not in known
    }
    assert missing == set(), "run python -m docs.catalogues add"


def test_every_word_chosen_by_a_value_has_its_closed_set() -> None:
    found = {prefix for source in spoken.sources() for prefix in spoken.prefixes(source)}
    assert found - SETS.keys() == set(), "say in tests/house/word_sets.py which values there are"
    assert SETS.keys() - found == set(), "nobody chooses by this any more"
    known = words.of(words.SOURCE)
    chosen = {f"{prefix}{value}" for prefix, values in SETS.items() for value in values}
    assert chosen - known.keys() == set(), "run python -m docs.catalogues add"


def test_no_word_is_kept_that_nobody_says() -> None:
    said = {key for source in spoken.sources() for key in spoken.literals(source)}
    said |= {f"{prefix}{value}" for prefix, values in SETS.items() for value in values}
    assert words.of(words.SOURCE).keys() - said == set(), "run python -m docs.catalogues drop"


def test_a_word_stands_with_the_same_facts_in_every_language() -> None:
    for key in words.of(words.SOURCE):
        expected = spoken.holes(words.SOURCE, key)[0]
        for language in words.LANGUAGES:
            assert all(one == expected for one in spoken.holes(language, key)), (language, key)


def test_whoever_says_a_word_gives_every_fact_that_it_asks_for() -> None:
    known = words.of(words.SOURCE)
    lacking = {
        f"{source.name}: {key} lacks {fact}"
        for source in spoken.sources()
        for key, given in spoken.facts(source)
        if key in known
        for fact in spoken.holes(words.SOURCE, key)[0] - given
    }
    assert lacking == set()


@pytest.mark.parametrize("language", _OTHERS)
def test_a_word_is_written_in_its_own_letters(language: str) -> None:
    foreign = re.compile(rf"[^\W\d_A-Za-z{_ALPHABETS[language]}]", re.IGNORECASE)
    for key, text in words.of(language).items():
        assert not _MIXED.findall(text), f"{key}: Latin letters within a Cyrillic word"
        assert not foreign.findall(text), key


@pytest.mark.parametrize("language", _OTHERS)
def test_no_word_is_left_in_english(language: str) -> None:
    own, source = words.of(language), words.of(words.SOURCE)
    same = {key for key in own if own[key] == source[key] and _is_said(own[key])}
    assert same == set()


def test_no_kazakh_word_of_more_than_one_is_left_in_russian() -> None:
    kazakh, russian = words.of("kk"), words.of("ru")
    same = {key for key in kazakh if kazakh[key] == russian[key] and " " in kazakh[key].strip()}
    alike = {"still.alt", "lasting.m"}  # Камера {camera}, {n} мин
    assert {key for key in same if _is_said(kazakh[key])} <= alike


def test_no_page_has_words_of_its_own() -> None:
    found = {
        f"{tree.name(path)}: {text}"
        for path in tree.files("gateway/web/templates/*.html")
        if path.name != "docs.html"  # for programmers, in English as the API is
        for text in spoken.bare(tree.text(path))
    }
    assert found == set(), "words belong into the catalogues"


def test_no_template_shows_the_braces_of_a_word_with_facts() -> None:
    known = {key: spoken.holes(words.SOURCE, key)[0] for key in words.of(words.SOURCE)}
    bare = {
        f"{source.name}: {key}"
        for source in spoken.sources()
        for key in re.findall(rf"""word\[['"]({spoken.KEY})['"]\]""", source.text)
        if known.get(key)
    }
    assert bare == set(), "a word with facts is said: say(key, fact=…)"


def test_no_script_has_words_of_its_own() -> None:
    shown = re.compile(
        r"""(?:textContent|\.title|placeholder|ariaLabel|\.alt)\s*=\s*["'`][^"'`$]*[a-z]{2}"""
        r"""|setAttribute\(\s*"(?:aria-label|title|alt|placeholder)",\s*["'`][^"'`$]*[A-Za-z]{2}"""
        r"""|["'`][^"'`\n]*[\u0400-\u04ff]"""
    )
    found = {
        f"{source.name}: {hit}"
        for source in spoken.sources()
        if source.name.endswith(".js")
        for hit in shown.findall(source.text)
    }
    assert found == set(), "words belong into the catalogues"


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_the_tutorial_names_what_the_page_says(language: str) -> None:
    """A word in bold or in quotes is one that the reader finds on the page."""
    ending = "" if language == words.SOURCE else f".{language}"
    text = tree.text(tree.ROOT / f"docs/tutorials/a-shift-at-the-console{ending}.md")
    named = re.findall(r"\*\*([^*]+)\*\*", text) + re.findall(r"[“«]([^”»]+)[”»]", text)
    shown = {*words.of(language).values(), "Қаз", "Рус", "Eng"}
    assert {one for one in named if len(one) > 1} - shown - _STRESSED == set()


def test_time_is_told_in_one_way() -> None:
    """A browser or a machine would tell it in a zone and a language of its own."""
    other = re.compile(r"\.toLocale\w*|Intl\.(?!PluralRules)\w+|\.getHours\(|strftime|isoformat\(")
    found = {
        f"{source.name}: {hit}"
        for source in spoken.sources()
        if source.name.startswith("gateway/web/") and source.name != "gateway/web/when.py"
        for hit in other.findall(source.text)
    }
    assert found == set(), "use gateway/web/when.py, or static/when.js"


def _is_said(text: str) -> bool:
    return re.search(r"[^\W\d_]{3}", _NOT_WORDS.sub("", text)) is not None
