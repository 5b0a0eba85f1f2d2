"""Secrets at rest: what is sealed can be opened again, what is hashed can only be compared."""

import hashlib
import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

KEY_MODE = 0o600


class WrongKey(Exception):
    """A key file that cannot be used."""


class Seal:
    """Seals bytes with the installation's key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        try:
            self._fernet = Fernet(key)
        except ValueError as error:
            raise WrongKey(f"the seal key is not usable: {error}") from None

    def seal(self, plain: bytes) -> bytes:
        """The bytes, unreadable without the key."""
        return self._fernet.encrypt(plain)

    def sign(self, statement: bytes) -> bytes:
        """A signature that only this installation can make."""
        return hmac.digest(self._key, b"dabyl statement:" + statement, "sha256")

    def is_signature(self, signature: bytes, statement: bytes) -> bool:
        """Whether this installation signed that statement."""
        return hmac.compare_digest(signature, self.sign(statement))

    def open(self, sealed: bytes) -> bytes:
        """What was sealed; a note in its place where the key has changed since."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            return b"(sealed with another key)"


def hashed(card: str, key: bytes) -> str:
    """A card number as keyed hash: the same card gives the same word, and nobody finds it back."""
    return hashlib.blake2b(card.encode(), key=key[:64], digest_size=16).hexdigest()


def key_from(path: Path) -> bytes:
    """The key in that file, made with mode 0600 where there is none yet.

    Raises:
        WrongKey: the file cannot be read or made, is empty, or is open to others.
    """
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            raise WrongKey(f"{path} can be read by others; chmod 600 {path}")
        key = path.read_bytes().strip()
    except OSError as error:
        raise WrongKey(f"{path}: {error.strerror or error}") from None
    if not key:
        raise WrongKey(f"{path} is empty; remove it and a new key will be made")
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, KEY_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(Fernet.generate_key())
        file.flush()
        os.fsync(file.fileno())
