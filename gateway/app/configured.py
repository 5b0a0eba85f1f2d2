"""Configured: what the settings describe, as the parts need it."""

from datetime import timedelta

from adapters.devices.mqtt.settings import SessionSettings
from adapters.receivers import catalog
from adapters.receivers.contract import Forwarder
from adapters.receivers.webhook import WebhookSettings, read_secrets
from adapters.signal import Lane
from gateway import settings
from gateway.domain import proof
from gateway.domain.escalation import Ladder
from gateway.domain.kind import Priority
from gateway.domain.routing import Receiver, Route
from gateway.domain.rules import Rule
from gateway.domain.telling import Teller
from gateway.settings import Settings


def teller(config: Settings) -> Teller:
    """Who speaks, to whom, and by which routes."""
    return Teller(
        installation=config.installation.id,
        gateway=config.gateway.name,
        receivers=tuple(
            Receiver(name=one.name, authority=one.authority) for one in config.receiver
        ),
        routes=tuple(
            Route(
                receiver=one.receiver,
                priorities=tuple(Priority(priority) for priority in one.priorities),
                kinds=one.kinds,
                sites=one.sites,
                districts=one.districts,
            )
            for one in config.route
        ),
        base_url=config.http.base_url,
        called=config.escalation.receiver,
    )


def forwarder(one: settings.Receiver) -> Forwarder:
    """The forwarder of a configured receiver.

    Raises:
        WrongSettings, Misconfigured: its secret, pin or CA cannot be used.
    """
    text = "\n".join(settings.secrets(one.secret_file, f"receiver {one.name}: secret_file"))
    try:
        return catalog.FORWARDERS[one.kind](
            WebhookSettings(
                name=one.name,
                url=one.url,
                secrets=read_secrets(one.name, text),
                backup_url=one.backup_url,
                ca_file=one.ca_file,
                pin=one.pin,
                echo=one.echo,
                authority=one.authority,
            )
        )
    except OSError as error:
        raise settings.WrongSettings(
            f"receiver {one.name}: ca_file {one.ca_file} cannot be used: {error}"
        ) from None


def session(broker: settings.Broker, lane: Lane, config: Settings) -> SessionSettings:
    """One session with a broker."""
    return SessionSettings(
        link=broker.label,
        lane=lane,
        host=broker.host,
        port=broker.port,
        version=broker.protocol,
        gateway=config.gateway.name,
        own_device=proof.device(broker.label),
        username=broker.username,
        password=broker.secret,
        tls=broker.tls,
        shared=config.gateway.shared,
    )


def ladder(config: Settings) -> Ladder:
    """When an alarm climbs."""
    said = config.escalation
    return Ladder(
        priorities=frozenset(Priority(one) for one in said.priorities),
        supervisor=timedelta(seconds=said.supervisor_s),
        everyone=timedelta(seconds=said.everyone_s),
        receiver=timedelta(seconds=said.receiver_s),
        response=timedelta(seconds=said.response_s),
    )


def rule(one: settings.Rule) -> Rule:
    """A configured rule."""
    return Rule(
        kinds=one.kinds,
        priority=None if one.priority is None else Priority(one.priority),
        sites=one.sites,
        districts=one.districts,
        count=one.count,
        within=settings.within(one),
    )
