"""What the web asks of another place where people sign in; `gateway.oidc` is one."""

from typing import Protocol


class NotVouched(Exception):
    """The other place vouches for nobody; the sentence is for the log."""


class Elsewhere(Protocol):
    """Another place where people sign in."""

    issuer: str
    name: str

    async def begin(self, state: str, nonce: str, verifier: str, back: str) -> str:
        """Where to send the browser.

        Raises:
            NotVouched: it does not answer.
        """

    async def finish(self, code: str, nonce: str, verifier: str, back: str) -> str:
        """Who that is there, by a name that never changes.

        Raises:
            NotVouched: nobody, or it does not answer.
        """
