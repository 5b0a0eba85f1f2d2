"""The tests' own tools: real servers come, die and come back; the clock moves when pushed."""

import asyncio

import aiomqtt
import asyncpg
import pytest

from tests.harness import clock, mosquitto, postgres, waiting

_KEEPING = aiomqtt.ProtocolVersion.V311


def _client(broker: mosquitto.Mosquitto) -> aiomqtt.Client:
    return aiomqtt.Client(
        "127.0.0.1",
        broker.port,
        identifier="listener",
        clean_session=False,
        protocol=_KEEPING,
    )


async def test_a_broker_remembers_its_queue_when_it_is_restarted(
    broker: mosquitto.Mosquitto,
) -> None:
    async with _client(broker) as listener:
        await listener.subscribe("alarm", qos=1)
    async with aiomqtt.Client("127.0.0.1", broker.port) as button:
        await button.publish("alarm", b"pressed", qos=1)
    await broker.restart()
    async with _client(broker) as listener, asyncio.timeout(10):
        message = await anext(aiter(listener.messages))
    assert message.payload == b"pressed"


async def test_a_cluster_gives_empty_databases(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    tables = await connection.fetch("select 1 from pg_tables where schemaname = 'public'")
    await connection.close()
    assert tables == []


async def test_a_killed_cluster_comes_back_with_what_it_committed(
    own_cluster: postgres.Postgres,
) -> None:
    url = own_cluster.new_database()
    connection = await asyncpg.connect(url)
    await connection.execute("create table kept as select 1 as one")
    await asyncio.to_thread(own_cluster.kill)
    connection.terminate()
    await own_cluster.started()
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("select one from kept") == 1
    await connection.close()


async def test_a_sleeper_wakes_at_its_own_moment_when_the_clock_is_pushed(
    pushed_clock: clock.PushedClock,
) -> None:
    woken: list[float] = []

    async def sleep_twice() -> None:
        for _ in range(2):
            await pushed_clock.sleep(30)
            woken.append(pushed_clock.monotonic())

    begun = pushed_clock.monotonic()
    async with asyncio.TaskGroup() as group:
        group.create_task(sleep_twice())
        await pushed_clock.push(29)
        assert woken == []
        await pushed_clock.push(100)
    assert woken == [begun + 30, begun + 60]


async def test_waiting_says_what_did_not_come_when_time_is_over() -> None:
    with pytest.raises(waiting.NotInTimeError, match="pigs fly"):
        await waiting.until(lambda: False, within_s=0.05, what="pigs fly")
