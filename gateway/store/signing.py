"""Signing: what this installation says of its journal; whoever can check it cannot forge it."""

import base64
import binascii
from collections.abc import Collection

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.store.sealed import WrongKey

KEY_BYTES = 32
_SORT = "ed25519"


class Signer:
    """Signs with the installation's private key; the same key on each of its gateways."""

    def __init__(self, key: bytes) -> None:
        """From what its file holds: 32 bytes as base64.

        Raises:
            WrongKey: it holds something else.
        """
        try:
            seed = base64.urlsafe_b64decode(key)
        except (binascii.Error, ValueError):
            seed = b""
        if len(seed) != KEY_BYTES:
            raise WrongKey("the signing key is not usable: put its backup back")
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        raw = self._private.public_key().public_bytes_raw()
        self.public = f"{_SORT}:{base64.b64encode(raw).decode()}"
        """What others need to check it: `ed25519:` and 32 bytes as base64."""

    def sign(self, statement: bytes) -> bytes:
        """The signature of that statement, 64 bytes."""
        return self._private.sign(statement)


def is_signed(statement: bytes, signature: bytes, by: str, trusted: Collection[str]) -> bool:
    """Whether that key, one of those trusted, signed that statement."""
    if by not in trusted:
        return False
    try:
        _read(by).verify(signature, statement)
    except (InvalidSignature, WrongKey):
        return False
    return True


def checked(public: str) -> str:
    """A public key as people wrote it, as it is compared.

    Raises:
        WrongKey: it is none.
    """
    text = public.strip()
    _read(text)
    return text


def pem(public: str) -> str:
    """A public key as other tools read it."""
    return (
        _read(public)
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def _read(public: str) -> Ed25519PublicKey:
    sort, _, text = public.partition(":")
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if sort != _SORT or len(raw) != KEY_BYTES:
        raise WrongKey(f"{public!r} is no public key: {_SORT}: and 44 letters")
    return Ed25519PublicKey.from_public_bytes(raw)
