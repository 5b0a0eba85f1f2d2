"""The forwarders, listed by hand: the kind a receiver is configured with, and who speaks it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from adapters.receivers import contract, webhook

FORWARDERS: Final[Mapping[str, Callable[[webhook.WebhookSettings], contract.Forwarder]]] = (
    MappingProxyType({"webhook": webhook.Webhook})
)
