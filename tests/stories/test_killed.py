"""The gateway is killed again and again under load: nothing receipted is lost, nothing doubled."""

from pathlib import Path

import pytest

from tests.prove import kill
from tests.prove.proven import proven

pytestmark = [pytest.mark.servers, pytest.mark.serial, pytest.mark.timeout(240)]


async def test_a_gateway_killed_at_any_moment_loses_no_press_and_no_passage(
    tmp_path: Path,
) -> None:
    await proven(kill.at_any_moment, tmp_path)


async def test_the_same_gateway_on_postgresql_loses_nothing(
    tmp_path: Path, database_url: str
) -> None:
    await proven(kill.at_any_moment, tmp_path, database_url)


async def test_a_gateway_killed_between_any_two_steps_of_the_road_loses_nothing(
    tmp_path: Path,
) -> None:
    await proven(kill.at_each_point, tmp_path)
