"""`dabyl status`: what the store holds, gateway by gateway, and whether its counts agree."""

from dataclasses import asdict

import click
from sqlalchemy import Connection

from gateway.cli import opened, printed
from gateway.cli.failures import NotDone
from gateway.domain.counts import Reckoning
from gateway.store import counting
from gateway.store.database import Database


@click.command
@printed.as_json
def status(*, as_json: bool) -> None:
    """What is journalled and what was owed, and whether that adds up; also while nothing runs.

    What a running gateway heard since it started is added up by itself: GET /status, and the metric
    dabyl_count_mismatch.
    """

    async def work(database: Database) -> Reckoning:
        return await database.read(_reckoned)

    found = opened.run(opened.settings(), work)
    chains = [{name: getattr(one, name) for name in _SHOWN} for one in found.chains]
    owed = [{**asdict(one), "difference": one.difference} for one in found.owed]
    findings = found.findings()
    if as_json:
        printed.json({"agree": not findings, "findings": findings, "journal": chains, "owed": owed})
    else:
        printed.listing(chains, as_json=False, empty="nothing was ever journalled")
        click.echo()
        printed.listing(owed, as_json=False, empty="nothing was ever owed to anybody")
        for finding in findings:
            click.echo(finding, err=True)
    if findings:
        raise NotDone(f"the counts do not agree: {len(findings)} findings")
    if not as_json:
        click.echo("\nthe counts agree")


_SHOWN = ("gateway", "lane", "first", "last", "hash")


def _reckoned(connection: Connection) -> Reckoning:
    chains, owed = counting.chains(connection), counting.owed(connection)
    return Reckoning(heard={}, chains=tuple(chains), owed=tuple(owed))
