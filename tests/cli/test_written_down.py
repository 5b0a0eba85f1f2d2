"""What is done to the servers is in the audit: with the deed, or right after it, and once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway import settings
from gateway.cli import database as verbs
from gateway.cli import opened, written_down
from gateway.domain.deed import Deed
from gateway.settings import Settings
from gateway.store import gateways, promotion
from gateway.store.cluster import Member, Role
from gateway.store.database import Database, StoreDown, Urgency, WrongDatabase
from gateway.store.gateways import Me
from gateway.store.promotion import Plan
from gateway.store.reach import Server
from gateway.store.work import Work
from tests.cli.shell import AT, Shell
from tests.cli.test_audit import listed


def after(shell: Shell) -> str:
    """What is said when a promotion is written down after it."""
    config = settings.load(shell.folder / "dabyl.toml")
    deed, data = Deed.STORE_PROMOTED, {"overruled": ["one standby does not answer"]}
    return asyncio.run(written_down.afterwards(config, deed, "pg2", data))


class Unsure:
    """A database whose first commit is made, and not confirmed."""

    def __init__(self, real: Database) -> None:
        self.dialect, self.read, self.close = real.dialect, real.read, real.close
        self._real, self.asked = real, 0

    async def write(self, work: Work[None], urgency: Urgency) -> None:
        """See Database."""
        self.asked += 1
        await self._real.write(work, urgency)
        if self.asked == 1:
            raise StoreDown("the server did not wait for a standby")


def test_a_commit_of_which_nobody_knows_is_asked_again_and_noted_once(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.store(lambda _: None)
    real, made = opened.database, list[Unsure]()

    @asynccontextmanager
    async def unsure(config: Settings) -> AsyncIterator[Unsure]:
        async with real(config) as database:
            made.append(Unsure(database))
            yield made[0]

    monkeypatch.setattr(opened, "database", unsure)
    assert after(shell) == ""
    assert made[0].asked == 2
    monkeypatch.undo()
    (deed,) = listed(shell)
    assert (deed["what"], deed["key"]) == ("store_promoted", "pg2")
    assert isinstance(deed["data"], dict)
    assert set(deed["data"]) == {"overruled", "done_at"}


def test_the_same_done_twice_is_two_deeds(shell: Shell) -> None:
    shell.store(lambda _: None)
    assert [after(shell), after(shell)] == ["", ""]
    assert len(listed(shell)) == 2


def test_where_it_cannot_be_written_that_is_said(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(written_down, "WITHIN_S", 0.5)
    config = shell.folder / "dabyl.toml"
    away = '[database]\nurl = "postgresql://postgres@127.0.0.1:1/x"\n[gateway]\nname = "g1"\n'
    config.write_text(config.read_text() + away)
    member = Member(server=Server(host="127.0.0.1", port=1), role=Role.PRIMARY, name="pg2")
    verbs._write_down(settings.load(config), Deed.STORE_ALONE, member, {})  # noqa: SLF001 - its end
    assert "may not stand in the audit (" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("verb", "what"),
    [("alone", "store_alone"), ("together", "store_together"), ("promote", "store_promoted")],
)
@pytest.mark.parametrize(
    ("error", "failed"),
    [(WrongDatabase("it did not take"), "it did not take"), (KeyboardInterrupt(), "KeyboardInter")],
)
def test_what_was_begun_and_failed_is_a_deed_too(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, verb: str, what: str, *,
    error: BaseException, failed: str,
) -> None:  # fmt: skip
    shell.store(lambda _: None)
    primary = Member(server=Server(host="pg1", port=1), role=Role.PRIMARY, name="pg1")
    plan = Plan(candidate=primary, followers=(), risks=())
    monkeypatch.setattr(verbs, "_cluster", lambda _: Breaking(primary, error))
    monkeypatch.setattr(promotion, "plan", lambda *_: plan)
    monkeypatch.setattr(promotion, "alone", lambda _: primary)
    monkeypatch.setattr(promotion, "together", lambda _: (primary, ("pg2",)))
    said = shell.run("database", verb)
    assert said.code != 0
    assert "is the primary now" not in said.out
    (deed,) = listed(shell)
    assert (deed["what"], deed["key"]) == (what, primary.label)
    assert isinstance(deed["data"], dict)
    assert deed["data"]["failed"].startswith(failed)


class Breaking:
    """Servers whose every change ends half done."""

    def __init__(self, primary: Member, error: BaseException) -> None:
        self._primary, self._error = primary, error

    async def members(self) -> list[Member]:
        """See Cluster."""
        return [self._primary]

    async def change(self, *_: object) -> None:
        """See Cluster: each of them."""
        raise self._error

    promote = wait_for_nobody = wait_again = change


def test_a_gateway_that_is_struck_off_is_a_deed_and_an_unknown_one_is_none(shell: Shell) -> None:
    me = Me(name="g9", life="one", version="1", keys=b"k")
    shell.store(lambda c: gateways.beat(c, me, AT))
    assert shell.run("database", "forget", "g8").code == 1
    assert listed(shell) == []
    assert shell.run("database", "forget", "g9").code == 0
    assert [(one["what"], one["key"]) for one in listed(shell)] == [("gateway_forgotten", "g9")]
