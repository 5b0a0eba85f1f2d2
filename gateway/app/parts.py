"""The parts, made and joined; the only knots are calls back to what is made later."""

from dataclasses import dataclass
from functools import partial

from adapters.receivers.contract import Forwarder
from adapters.signal import Lane
from gateway import commission
from gateway.app import cameras, configured, sessions, watching
from gateway.app.cameras import Ground, Roads
from gateway.app.company import company
from gateway.app.edges import REAL, Edges
from gateway.app.knots import Lately, both, confirm
from gateway.app.recall import recall
from gateway.app.voice import Voice
from gateway.attest import Attest
from gateway.bus import Bus
from gateway.canary import Canary, Path
from gateway.clock import Clock
from gateway.command import Commander
from gateway.company import Company
from gateway.company.duty import Job
from gateway.desk import Desk
from gateway.domain.outcry import Outcry
from gateway.domain.presence import Presence
from gateway.domain.rules import DEFAULTS, Rulebook
from gateway.domain.site import Registry
from gateway.domain.telling import Anchor
from gateway.domain.ward import Cameras
from gateway.emergency import Emergency
from gateway.emergency.calls import Calls
from gateway.escalate import Escalate
from gateway.forward import Forward
from gateway.forward.line import Line
from gateway.intake import Intake
from gateway.intake.memory import Means, Memory
from gateway.listen import Ears
from gateway.reckon import Reckon
from gateway.settings import Settings
from gateway.store import sealed
from gateway.store.database import Database
from gateway.store.heeded import Heeded
from gateway.store.sealed import Seal
from gateway.store.signing import Signer
from gateway.store.tenure import Tenure
from gateway.store.wakeups import Wakeups
from gateway.supervise import Supervisor
from gateway.tidy import Tidy
from gateway.upkeep import Upkeep
from gateway.watch import Lookout


@dataclass(slots=True, kw_only=True)
class Gateway:
    """Every part, joined."""

    clock: Clock
    database: Database
    seal: Seal
    presence: Presence
    bus: Bus
    intake: Intake
    forward: Forward
    forwarders: dict[str, Forwarder]
    ears: Ears
    desk: Desk
    upkeep: Upkeep
    escalate: Escalate
    tidy: Tidy
    attest: Attest
    commander: Commander
    canary: Canary
    emergency: Emergency
    supervisor: Supervisor
    roads: Roads
    lookout: Lookout | None
    """None: there are no cameras in this world."""
    reckon: Reckon
    wakeups: Wakeups
    tenure: Tenure
    company: Company

    def registry(self) -> Registry:
        """What is registered, as intake knows it now."""
        return self.intake.memory.registry


async def build(config: Settings, clock: Clock, held: Tenure, edges: Edges = REAL) -> Gateway:
    """Join the parts; the only knots are calls back to what is made later."""
    seal_key = sealed.key_from(config.keys.seal_file)
    seal = Seal(seal_key)
    card_key = sealed.key_from(config.keys.card_file)
    signer = Signer(sealed.key_from(config.keys.signing_file))
    forwarders = {one.name: edges.forwarder(one) for one in config.receiver}
    authorities = frozenset(one.name for one in config.receiver if one.authority)
    for broker in config.broker:  # a slip in its files must be told now, not at the first connect
        broker.tls(), broker.secret()
    database, wakeups = edges.database(config.database.address()), Wakeups()
    labels = [broker.label for broker in config.broker]
    recalled = await database.read(lambda c: recall(c, config.gateway.name, labels))
    bus, presence = Bus(), Presence()
    ears = Ears(links=(), bus=bus, clock=clock, dice=edges.dice())
    commander = Commander(database=database, clock=clock, send=ears.order)
    voice = Voice(bus=bus, clock=clock)
    forward = Forward(
        database=database,
        clock=clock,
        gateway=config.gateway.name,
        lines={},
        wakeups=wakeups,
        confirm=partial(confirm, authorities, clock),
        ordered=commander.take,
        committed=wakeups.wake,
    )
    forward.lines = {
        one.name: Line(
            name=one.name,
            forwarder=forwarders[one.name],
            clock=clock,
            has_backup=one.backup_url is not None,
            settled=forward.settled,
            voice=partial(voice.of_receiver, one.name),
            dice=edges.dice(),
        )
        for one in config.receiver
    }
    outcry = Outcry(config.installation.id, clock.now())
    for (device, event), uses in recalled.recent.items():
        for use in uses:
            outcry.know(device, event, use.reuse, use.digest, use.received_at)
    means = Means(
        teller=configured.teller(config),
        seal=seal,
        hash_card=lambda card: sealed.hashed(card, card_key),
        time_zone=config.time_zone,
        rules=Rulebook((*(configured.rule(one) for one in config.rule), *DEFAULTS)),
    )
    heeded = Heeded(database, forward.doubt)
    intake = Intake(
        bus=bus,
        database=heeded,
        clock=clock,
        means=means,
        presence=presence,
        owed=forward.take,
        committed=wakeups.wake,
        memory=Memory(registry=recalled.registry, outcry=outcry, heads={Lane.ALARM: recalled.head}),
        head=recalled.head,
    )
    voice.registry = lambda: intake.memory.registry
    desk = Desk(
        database=heeded,
        teller=configured.teller(config),
        presence=presence,
        registry=lambda: intake.memory.registry,
        clock=clock,
        owed=both(forward.take, wakeups.wake),
        ordered=commander.take,
        flooded=lambda name: voice.say("centre.unproven", f"receiver-{name}", "closes_too_fast"),
    )
    centre = Lately(forward=forward, clock=clock)

    canary = Canary(
        gateway=config.gateway.name,
        clock=clock,
        press=ears.press,
        voice=voice.say,
        paths={
            broker.label: Path(is_unproven=broker.label in recalled.unproven)
            for broker in config.broker
        },
    )
    ears.links = sessions.links(config, clock, centre.state, canary.heard, edges.session)
    found = company(
        config,
        database,
        clock,
        voice,
        seal_key + card_key,
        is_alone=not edges.is_shared(database.dialect),
    )
    roads, linked = Roads(clock=clock), Cameras()
    ground = Ground(
        config=config,
        database=database,
        clock=clock,
        seal=seal,
        presence=presence,
        intake=intake,
        voice=voice,
        is_alone=found.duty.is_alone,
        peers=lambda: [name for name, how in found.peers.items() if how == "here"],
        linked=linked,
    )
    return Gateway(
        clock=clock,
        database=database,
        seal=seal,
        presence=presence,
        bus=bus,
        intake=intake,
        forward=forward,
        forwarders=forwarders,
        ears=ears,
        desk=desk,
        upkeep=Upkeep(
            desk=desk,
            stuck=intake.memory.stuck,
            voice=voice.trouble,
            end_window=commission.end,
            committed=wakeups.wake,
            is_ours=lambda: found.duty.on(Job.UPKEEP),
        ),
        escalate=Escalate(
            desk=desk,
            ladder=configured.ladder(config),
            committed=wakeups.wake,
            is_ours=lambda: found.duty.on(Job.UPKEEP),
        ),
        tidy=Tidy(
            database=database,
            clock=clock,
            signer=signer,
            kept=config.retention,
            is_ours=lambda: found.duty.on(Job.TIDYING),
        ),
        attest=Attest(
            gateway=config.gateway.name,
            public_key=signer.public,
            database=database,
            clock=clock,
            forwarders=forwarders,
            beacon=ears.beacon,
            store_state=intake.state,
            centre_state=centre.state,
            canary_age_s=canary.worst_s,
            copies=lambda: found.copies,
        ),
        reckon=Reckon(
            gateway=config.gateway.name, database=database, clock=clock, intake=intake.counts
        ),
        commander=commander,
        canary=canary,
        emergency=Emergency(
            desk=desk,
            outcry=outcry,
            calls=Calls(
                forwarders=forwarders,
                with_backup={one.name for one in config.receiver if one.backup_url is not None},
                clock=clock,
            ),
            circumstances=intake.circumstances,
            unanswered_since=intake.unanswered_since,
            unanswered=intake.unanswered,
            let_go=partial(bus.let_go, Lane.ALARM),
            anchor=lambda: Anchor(
                gateway=config.gateway.name, number=intake.head.number, hash=intake.head.hash
            ),
        ),
        supervisor=watching.supervisor(
            config.gateway.name,
            intake,
            voice,
            ears,
            commander.take,
            lambda: found.duty.on(Job.SUPERVISION),
            linked,
        ),
        roads=roads,
        lookout=cameras.lookout(ground, roads) if edges.has_cameras else None,
        wakeups=wakeups,
        tenure=held,
        company=found,
    )
