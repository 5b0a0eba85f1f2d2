"""Passwords: hashed with argon2id, tried, made. Slow on purpose: never on the event loop.

Source: RFC 9106, 4 (second choice: 64 MiB, three passes); one lane, because the other core of a
small gateway belongs to presses.
"""

import secrets
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.domain import password as passwords

MEMORY_KIB: Final = 65_536
PASSES: Final = 3
_HASHER: Final = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)
_NOBODYS: Final = (
    "$argon2id$v=19$m=65536,t=3,p=1$c2FsdCBvZiBub2JvZHkhIQ"
    "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
"""What a stranger's password is tried against, so that it takes as long as anybody's."""
_SIGNS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that is read as another."""
_GROUPS, _LENGTH = 4, 4


def hashed(password: str) -> str:
    """Its hash, with salt and cost in it."""
    return _HASHER.hash(passwords.plain(password))


def fits(kept: str | None, password: str) -> bool:
    """Whether it is the password of that hash; None: of nobody, which takes as long."""
    try:
        _HASHER.verify(kept or _NOBODYS, passwords.plain(password))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def is_dated(kept: str) -> bool:
    """Whether it was hashed at another cost than today's."""
    return _HASHER.check_needs_rehash(kept)


def made() -> str:
    """A new one that a person can read out: 79 random bits."""
    groups = ("".join(secrets.choice(_SIGNS) for _ in range(_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)
