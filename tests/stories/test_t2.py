"""Two of everything on machines of their own, broken for a minute: nothing receipted is lost.

The long form, 20 minutes with a random fault every 10 s: `python -m tests.t2`.
"""

import pytest

from tests.t2 import __main__ as t2
from tests.t2 import namespaces, report

pytestmark = [pytest.mark.servers, pytest.mark.serial, pytest.mark.timeout(420)]


async def test_a_region_that_is_broken_for_a_minute_keeps_every_receipted_press() -> None:
    namespaces.or_skip()
    found = await t2.run(1, 1, t2.short(), print)
    print("\n".join(report.lines(found)))  # noqa: T201 - the figures are the story
    assert found.kept, found
    assert found.unreceipted == 0
    assert found.receipted > 300
    assert found.copies.get("2", 0) > 300
    assert {one["kind"] for one in found.faults} >= {"primary killed", "forward frozen"}
