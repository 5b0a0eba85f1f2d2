"""The throttle: guesses wait, by address and by account; nobody is kept out by another's."""

from gateway.web.throttle import FAILURES, FORGIVEN_S, ROOM, Throttle, network


def fail(throttle: Throttle, address: str, account: str | None, times: int) -> None:
    for _ in range(times):
        throttle.begin(address, account, 0.0)


def test_an_address_waits_after_ten_failures_and_one_is_forgiven_each_six_seconds() -> None:
    throttle = Throttle()
    fail(throttle, "10.0.0.1", None, FAILURES)
    assert throttle.begin("10.0.0.1", None, 0.0) == FORGIVEN_S
    assert throttle.begin("10.0.0.2", None, 0.0) == 0
    assert throttle.begin("10.0.0.1", None, FORGIVEN_S) == 0
    assert throttle.begin("10.0.0.1", None, FORGIVEN_S) > 0


def test_an_account_waits_when_guesses_come_from_many_addresses() -> None:
    throttle = Throttle()
    for number in range(FAILURES):
        assert throttle.begin(f"10.0.0.{number}", "aigerim", 0.0) == 0
    assert throttle.begin("10.0.1.1", "aigerim", 0.0) > 0
    assert throttle.begin("10.0.1.1", "bolat", 0.0) == 0


def test_whoever_came_in_here_before_is_not_kept_out_by_guesses_made_elsewhere() -> None:
    throttle = Throttle()
    throttle.begin("10.0.0.1", "aigerim", 0.0)
    throttle.succeed("10.0.0.1", "aigerim", 0.0)
    for number in range(50):
        throttle.begin(f"10.9.0.{number}", "aigerim", 0.0)
    assert throttle.begin("10.9.1.1", "aigerim", 0.0) > 0
    assert throttle.begin("10.0.0.1", "aigerim", 0.0) == 0


def test_guesses_that_are_made_at_once_are_counted_before_they_are_answered() -> None:
    throttle = Throttle()
    waits = [throttle.begin("10.0.0.1", "aigerim", 0.0) for _ in range(100)]
    assert waits.count(0) == FAILURES


def test_what_was_no_failure_costs_nothing() -> None:
    throttle = Throttle()
    for _ in range(100):
        assert throttle.begin("10.0.0.1", "aigerim", 0.0) == 0
        throttle.forgive("10.0.0.1", "aigerim", 0.0)


def test_an_office_of_ipv6_is_one_address_and_a_mapped_one_is_the_old_one() -> None:
    assert network("2001:db8:1:2:aaaa::1") == network("2001:db8:1:2:bbbb::2")
    assert network("2001:db8:1:2::1") != network("2001:db8:1:3::1")
    assert network("::ffff:10.0.0.1") == network("10.0.0.1") == "10.0.0.1"
    assert len(network("x" * 1000)) == 64


def test_it_remembers_no_more_than_it_has_room_for() -> None:
    throttle = Throttle()
    for number in range(2 * ROOM):
        throttle.begin(f"10.{number >> 16}.{(number >> 8) & 255}.{number & 255}", f"p{number}", 0.0)
        throttle.succeed("10.0.0.1", f"p{number}", 0.0)
    assert len(throttle._failed) <= ROOM  # noqa: SLF001 - its bound
    assert len(throttle._trusted) <= ROOM  # noqa: SLF001 - likewise
