"""The section `[oidc]`: people who sign in at their own organisation."""

import ssl
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from gateway.settings.base import LOOPBACK, Section, WrongSettings, secret_in


class Oidc(Section):
    """Where else people sign in (OpenID Connect); off without an issuer."""

    issuer: Annotated[str, Field(max_length=255)] = ""
    client_id: Annotated[str, Field(max_length=255)] = ""
    client_secret_file: Path | None = None
    name: Annotated[str, Field(max_length=60)] = "OpenID Connect"
    """How the button calls it."""
    ca_file: Path | None = None

    def secret(self) -> str | None:
        """The client's secret, read now.

        Raises:
            WrongSettings: it cannot be read.
        """
        return secret_in(self.client_secret_file, "oidc.client_secret_file")

    def tls(self) -> ssl.SSLContext | None:
        """Whom to trust besides the machine's own list; None: nobody besides.

        Raises:
            WrongSettings: it cannot be read.
        """
        if self.ca_file is None:
            return None
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise WrongSettings(f"oidc.ca_file: {self.ca_file} cannot be read: {error}") from None

    @model_validator(mode="after")
    def _is_whole(self) -> "Oidc":
        if not self.issuer:
            return self
        parts = urlsplit(self.issuer)
        is_here = parts.hostname in LOOPBACK
        if not parts.hostname or not (
            parts.scheme == "https" or (parts.scheme == "http" and is_here)
        ):
            raise ValueError("issuer must be https://…, as the provider spells it")
        if not self.client_id:
            raise ValueError("issuer needs client_id")
        return self
