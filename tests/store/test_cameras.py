"""Cameras as rows: logins sealed, what lasts under a lease, how each is."""

from datetime import timedelta

from cryptography.fernet import Fernet
from sqlalchemy import text

from adapters.signal import Condition
from gateway.domain.camera import Facts, LinkState, Picture
from gateway.store import camera_conditions, camera_logins, camera_states, leases, sites, versions
from gateway.store.camera_conditions import Known
from gateway.store.camera_logins import Login, Secret
from gateway.store.database import Database
from gateway.store.sealed import Seal
from tests.domain.making import CAMERA, NOW, event
from tests.harness.changed import replace
from tests.store.making import do

SEAL = Seal(Fernet.generate_key())
LOGIN = Login(
    device=CAMERA.id,
    host="10.0.0.9",
    port=80,
    tls=False,
    secret=Secret(username="dabyl", password="hush"),
    serial="S1",
    approved_by="cli:aigerim",
    approved_at=NOW,
)


async def test_a_login_is_sealed_and_each_change_of_it_moves_the_version(store: Database) -> None:
    await do(store, camera_logins.put, SEAL, LOGIN)
    sql = text("SELECT login FROM camera_logins")
    kept = await store.read(lambda c: bytes(c.execute(sql).scalar_one()))
    assert b"hush" not in kept
    assert "hush" not in repr(LOGIN)
    assert await do(store, camera_logins.of, SEAL, CAMERA.id) == LOGIN
    other = replace(LOGIN, pin="ab" * 32)
    await do(store, camera_logins.put, SEAL, other)
    assert await do(store, camera_logins.everyone, SEAL) == {CAMERA.id: other}
    known = {CAMERA.id: replace(other, host="as before")}
    assert await do(store, camera_logins.everyone, SEAL, known) == known
    newer = replace(other, approved_at=NOW + timedelta(seconds=1))
    await do(store, camera_logins.put, SEAL, newer)
    assert await do(store, camera_logins.everyone, SEAL, known) == {CAMERA.id: newer}
    assert (await store.read(versions.read))[versions.LOGINS] == 3
    await do(store, camera_logins.drop, [CAMERA.id, "nobody"])
    assert await do(store, camera_logins.everyone, SEAL) == {}


async def test_a_login_of_another_key_is_there_and_says_nothing(store: Database) -> None:
    await do(store, camera_logins.put, Seal(Fernet.generate_key()), LOGIN)
    assert await do(store, camera_logins.of, SEAL, CAMERA.id) == replace(LOGIN, secret=None)


async def test_what_lasts_is_written_once_for_each_and_not_under_an_older_lease(
    store: Database,
) -> None:
    began = event("tamper.opened", CAMERA.id, adapter=True)
    began = replace(began, condition=Condition(key="k" * 300, active=True))
    ended = replace(began, id="e2", condition=Condition(key="k" * 300, active=False))
    await do(store, camera_conditions.keep, [ended, began], {CAMERA.id: 3})
    key = "k" * 200
    assert await do(store, camera_conditions.of, [CAMERA.id, "x"]) == {
        CAMERA.id: {key: Known(active=True, event_id=began.id)}
    }
    await do(store, camera_conditions.keep, [ended], {CAMERA.id: 2})
    found = await do(store, camera_conditions.take_over, {CAMERA.id: 4, "x": 1})
    assert found == {CAMERA.id: {key: Known(active=True, event_id=began.id)}}
    await do(store, camera_conditions.keep, [ended], {CAMERA.id: 3})
    await do(store, camera_conditions.keep, [ended], {CAMERA.id: 4})
    found = await do(store, camera_conditions.of, [CAMERA.id])
    assert found == {CAMERA.id: {key: Known(active=False, event_id="e2")}}
    await do(store, camera_conditions.keep, [event("tamper.opened", CAMERA.id, adapter=True)], {})


async def test_how_each_is_is_followed_in_slices_of_what_was_written_since(store: Database) -> None:
    facts = Facts(
        state=LinkState.REFUSED,
        reason="credentials",
        unknown_topics={"a/b": 3},
        pulses=(1, 2),
        refused_at=(NOW,),
        picture=Picture.BLACK,
        picture_at=NOW,
        clock_offset_s=-3.0,
    )
    await do(store, camera_states.save, {"c1": Facts(), "c2": facts}, "g1", NOW)
    later = NOW + timedelta(seconds=5)
    await do(store, camera_states.save, {"c3": Facts()}, "g2", later)
    first = await do(store, camera_states.after, NOW, "", 2)
    assert [(one.device, one.gateway) for one in first] == [("c1", "g1"), ("c2", "g1")]
    assert first[1].facts == facts
    rest = await do(store, camera_states.after, first[-1].written_at, first[-1].device, 2)
    assert [one.device for one in rest] == ["c3"]
    assert set(await do(store, camera_states.everyone)) == {"c1", "c2", "c3"}


async def test_a_row_that_this_version_does_not_know_is_there_and_says_nothing(
    store: Database,
) -> None:
    await do(store, camera_states.save, {"c1": Facts(), "c2": Facts(serial="S")}, "g2", NOW)
    newer = text("UPDATE camera_states SET facts = '{\"state\": \"asleep\"}' WHERE device = 'c1'")
    await do(store, lambda c: c.execute(newer))
    one, two = await do(store, camera_states.after, NOW, "", 9)
    assert (one.device, one.facts, one.is_readable) == ("c1", Facts(), False)
    assert (two.facts, two.is_readable) == (Facts(serial="S"), True)
    assert await do(store, camera_states.of, "c1") == one
    assert set(await do(store, camera_states.everyone)) == {"c1", "c2"}


async def test_a_camera_that_is_registered_no_more_leaves_nothing(store: Database) -> None:
    await do(store, camera_logins.put, SEAL, replace(LOGIN, device="c1"))
    await do(store, camera_states.save, {"c1": Facts()}, "g1", NOW)
    before = (await do(store, versions.read))[versions.LOGINS]
    await do(store, sites.remove_devices, ["c1"])
    assert (await do(store, versions.read))[
        versions.LOGINS
    ] == before + 1  # whoever keeps it, hears
    assert await do(store, camera_states.of, "c1") is None
    assert await do(store, camera_logins.of, SEAL, "c1") is None


async def test_all_leases_of_cameras_are_renewed_in_one_statement_and_no_others(
    store: Database,
) -> None:
    names = [leases.camera(one) for one in ("c1", "c2", "c3")]
    lasts = timedelta(seconds=10)
    mine = await do(store, leases.take, "g1", [*names[:2], "upkeep"], NOW, lasts)
    await do(store, leases.take, "g2", names[2:], NOW, lasts)
    renewed = await do(store, leases.renew_all, "g1", leases.CAMERAS, NOW, lasts)
    assert renewed == (2, 2)
    assert await do(store, leases.of_holder, "g1", leases.CAMERAS) == {
        name: mine[name] for name in names[:2]
    }
    if store.dialect == "postgresql":  # on SQLite there is no other gateway
        assert await do(store, leases.free, names, leases.CAMERAS, NOW) == []
        await do(store, leases.release, "g1", names[:1])
        assert await do(store, leases.free, names, leases.CAMERAS, NOW) == names[:1]
        assert await do(store, leases.renew_all, "g1", leases.CAMERAS, NOW, lasts) == (1, 1)
        assert set(await do(store, leases.of_holder, "g1", leases.CAMERAS)) == {names[1]}
        asked = {names[1]: 1, names[2]: 99}
        assert await do(store, leases.held, asked) == {names[1]}
