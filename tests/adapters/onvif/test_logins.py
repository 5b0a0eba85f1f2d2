"""Failed logins: three in a quarter of an hour, over all lives of a link."""

from adapters.devices.onvif.logins import Logins


def test_failures_far_apart_lock_nothing() -> None:
    logins = Logins()
    for at in (0.0, 500.0, 901.0, 1402.0):
        logins.failed(at)
    assert logins.wait_s(1402.0) == 0


def test_three_within_a_quarter_of_an_hour_do_and_then_one_at_a_time() -> None:
    logins = Logins()
    for at in (100.0, 200.0, 300.0):
        logins.failed(at)
    assert logins.wait_s(300.0) == 900
    assert logins.wait_s(1200.0) == 0
    logins.failed(1200.0)
    assert logins.wait_s(1300.0) == 800


def test_a_success_forgets_them() -> None:
    logins = Logins()
    for at in (1.0, 2.0, 3.0):
        logins.failed(at)
    logins.succeeded()
    logins.failed(4.0)
    assert logins.wait_s(4.0) == 0
