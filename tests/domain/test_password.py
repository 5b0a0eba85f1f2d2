"""What a password must be: length counts, and nothing that a stranger would try first."""

import pytest

from gateway import passwords
from gateway.domain.password import Weak, weakness


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("мысық терезеде ұйықтап жатыр", None),
        ("correct horse battery staple", None),
        ("Қ7 тасбақа!", Weak.SHORT),
        ("x" * 257, Weak.LONG),
        ("abababababab", Weak.FEW_LETTERS),
        ("password12345678", Weak.GUESSABLE),
        ("qwertyuiop123", Weak.GUESSABLE),
        ("йцукенгшщзхъ123", Weak.GUESSABLE),
        ("0987654321poiuyt", Weak.GUESSABLE),
        ("Dispatcher-Almaty-1", Weak.GUESSABLE),
        ("aigerim.nurlan!1", Weak.GUESSABLE),
        ("tasbaqa\x00salem!", Weak.UNREADABLE),
        ("kx7m-p3qd-9rtw-h4zn", None),
    ],
)
def test_a_password_is_weighed_by_what_a_stranger_would_try(
    password: str, why: Weak | None
) -> None:
    assert weakness(password, "aigerim.nurlan") == why


def test_a_password_that_is_made_will_always_do() -> None:
    found = {passwords.made() for _ in range(200)}
    assert len(found) == 200
    assert {weakness(one, "aigerim") for one in found} == {None}


def test_a_hash_fits_its_own_password_alone_on_whichever_keyboard_it_was_typed() -> None:
    kept = passwords.hashed("Café à la carte 1")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert passwords.fits(kept, "Cafe\u0301 a\u0300 la carte 1")
    assert not passwords.fits(kept, "Cafe a la carte 1")
    assert not passwords.fits("no hash at all", "Café à la carte 1")
    assert not passwords.fits(None, "Café à la carte 1")


def test_a_hash_at_another_cost_is_dated_and_nobodys_is_not() -> None:
    assert not passwords.is_dated(passwords.hashed("a password of today"))
    assert not passwords.is_dated(passwords._NOBODYS)  # noqa: SLF001 - it must cost the same
    assert passwords.is_dated(passwords._NOBODYS.replace("m=65536", "m=19456"))  # noqa: SLF001 - likewise
