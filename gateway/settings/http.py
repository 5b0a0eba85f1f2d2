"""The section `[http]`: the API and the pages, and over which line they are reached."""

import ipaddress
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from gateway.settings.base import ADDRESS, LOOPBACK, Section


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        raise ValueError("use an address or a network, such as 10.0.0.5 or 10.0.0.0/28") from None
    return text


class Http(Section):
    """The API and the pages."""

    listen: Annotated[str, Field(pattern=ADDRESS)] = "127.0.0.1:8080"
    cert_file: Path | None = None
    key_file: Path | None = None
    behind_proxy: bool = False
    proxies: tuple[Annotated[str, AfterValidator(_network)], ...] = ("127.0.0.1", "::1")
    """Whose word counts for who asks and whether they came over TLS."""
    public_url: str = ""
    """How others reach these pages, for the links in notices."""

    @property
    def base_url(self) -> str:
        """The address in links."""
        scheme = "https" if self.cert_file else "http"
        return self.public_url.rstrip("/") or f"{scheme}://{self.listen}"

    @property
    def host(self) -> str:
        """The address without its port."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port; 0 takes a free one."""
        return int(self.listen.rpartition(":")[2])

    @model_validator(mode="after")
    def _is_safe(self) -> "Http":
        tls = self.cert_file is not None and self.key_file is not None
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together")
        if self.host not in LOOPBACK and not tls and not self.behind_proxy:
            raise ValueError(
                "listening beyond this machine needs cert_file and key_file, or behind_proxy = true"
            )
        return self
