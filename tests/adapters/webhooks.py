"""Forwarders for tests, what they send, and how their answers are read."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from adapters.notice import Notice
from adapters.receivers import webhook
from adapters.receivers.contract import Outcome, Reason, TryAgain
from tests.simulators.centre import SECRET, alarm_event

Open = Callable[..., webhook.Webhook]


@asynccontextmanager
async def opening() -> AsyncIterator[Open]:
    """Make forwarders as they are asked for, and close them all."""
    forwarders: list[webhook.Webhook] = []

    def open_to(
        url: str,
        *,
        patience: timedelta = webhook.PATIENCE,
        **more: Any,  # noqa: ANN401 - settings of any type
    ) -> webhook.Webhook:
        words: dict[str, Any] = {"name": "centre", "secrets": (SECRET,), "url": url}
        settings = webhook.WebhookSettings(**words | more)
        forwarders.append(webhook.Webhook(settings, patience=patience))
        return forwarders[-1]

    yield open_to
    for forwarder in forwarders:
        await forwarder.close()


def notice(number: int = 1) -> Notice:
    event = alarm_event(number)
    body = json.dumps(event, ensure_ascii=False, indent=1).encode()  # any bytes go as they are
    return Notice(id=event["id"], type=event["type"], body=body, priority=0, subject="a1")


def reason(outcome: Outcome) -> Reason:
    assert isinstance(outcome, TryAgain), outcome
    assert outcome.detail.isprintable()
    assert 0 < len(outcome.detail) <= 300
    return outcome.reason
