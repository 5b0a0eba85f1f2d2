"""What a password must be: long, and nothing that stands on everybody's list. Pure.

Source: NIST SP 800-63B-4, 3.1.1.2: length counts, composition rules do not; what is commonly used
or says the name of the place is refused; spaces and every letter of every script are welcome.
"""

import re
import unicodedata
from enum import StrEnum

SHORTEST, LONGEST = 12, 256
LETTERS = 5
"""So many different ones at least."""
ROWS = (
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
)
COMMON = (
    *("password", "passw0rd", "parol", "пароль", "құпиясөз", "kupiyasoz", "admin", "administrator"),
    *("dispatcher", "диспетчер", "operator", "welcome", "letmein", "iloveyou", "school", "школа"),
    *("мектеп", "police", "полиция", "almaty", "алматы", "kazakhstan", "казахстан", "қазақстан"),
    *("dabyl", "дабыл", "secret", "qazwsx", "changeme", "test", "тест"),
)
_RUN = 4
"""So many neighbours of a row, either way, say nothing new."""


class Weak(StrEnum):
    """Why it is refused."""

    SHORT = "short"
    LONG = "long"
    UNREADABLE = "unreadable"
    FEW_LETTERS = "few_letters"
    GUESSABLE = "guessable"


def plain(password: str) -> str:
    """It as it is compared: the same letters typed on another keyboard are the same."""
    return unicodedata.normalize("NFKC", password)


def weakness(password: str, name: str) -> Weak | None:
    """Why nobody of that login name should have it; None: it will do."""
    given = plain(password)
    if not given.isprintable():
        return Weak.UNREADABLE
    if len(given) < SHORTEST:
        return Weak.SHORT
    if len(given) > LONGEST:
        return Weak.LONG
    if len(set(given.casefold())) < LETTERS:
        return Weak.FEW_LETTERS
    return Weak.GUESSABLE if len(_unexpected(given.casefold(), name)) < SHORTEST // 2 else None


def _unexpected(given: str, name: str) -> str:
    """What is left of it when all that a stranger would try first is taken out."""
    tried = sorted({*COMMON, *re.split(r"[._@-]", name.casefold()), name.casefold()}, key=len)
    for word in reversed(tried):
        if len(word) >= _RUN:
            given = given.replace(word, "")
    return re.sub(r"(.)\1{2,}", r"\1", _without_rows(given))


def _without_rows(given: str) -> str:
    kept = given
    for row in ROWS:
        for one in (row, row[::-1]):
            for start in range(len(one) - _RUN + 1):
                end = len(one)
                while end - start >= _RUN and one[start:end] not in kept:
                    end -= 1
                if end - start >= _RUN:
                    kept = kept.replace(one[start:end], "")
    return kept
