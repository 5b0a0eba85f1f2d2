"""Which settings changed between two starts is in the audit; their values are not."""

from pathlib import Path

from gateway.app import noted
from gateway.domain.deed import Deed
from gateway.settings import Settings
from gateway.store import audit_views
from gateway.store.audit_views import Entry, Sought
from tests.harness.clock import PushedClock
from tests.web.building import Built


def settings(folder: Path, **more: object) -> Settings:
    said = {
        "installation": {"id": "test"},
        "gateway": {"name": "g1"},
        "keys": {"seal_file": folder / "seal.key"},
        "database": {"url": "postgresql://dabyl:hunter2@db.example/dabyl"},
        **more,
    }
    return Settings.model_validate(said)


async def rows(house: Built) -> list[Entry]:
    sought = Sought(what=Deed.SETTINGS_CHANGED)
    return (await house.database.read(lambda c: audit_views.listed(c, sought, 9)))[::-1]


async def test_a_changed_setting_is_named_at_the_next_start_and_only_then(
    house: Built, tmp_path: Path, pushed_clock: PushedClock
) -> None:
    before = settings(tmp_path)
    after = settings(tmp_path, retention={"passages_days": 10})
    for config in (before, before, after, after):
        await noted.settings(house.database, config, pushed_clock)
    first, second = await rows(house)
    assert (first.who, first.role, first.key) == ("g1", "gateway", "g1")
    assert "changed" not in first.data
    assert second.data["changed"] == ["retention.passages_days"]


async def test_no_value_of_a_setting_can_be_read_in_the_audit(
    house: Built, tmp_path: Path, pushed_clock: PushedClock
) -> None:
    await noted.settings(house.database, settings(tmp_path), pushed_clock)
    (row,) = await rows(house)
    assert "hunter2" not in str(row.data)
    assert len(row.data["digests"]["database.url"]) == noted.DIGEST


def test_what_stands_in_a_list_is_called_by_its_name(tmp_path: Path) -> None:
    receiver = {"name": "centre", "url": "http://127.0.0.1:9/a", "secret_file": "s"}
    config = settings(tmp_path, receiver=[receiver], broker=[{"url": "mqtt://127.0.0.1:1"}])
    found = dict(noted.flat(config.model_dump(mode="json")))
    assert found["receiver.centre.url"] == '"http://127.0.0.1:9/a"'
    assert "broker.0.url" in found
