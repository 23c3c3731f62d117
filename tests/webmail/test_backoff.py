"""How long to wait before the next try."""

from datetime import timedelta

import pytest

from webmail.backoff import delay, jittered

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("failures", "minutes"), [(0, 5), (1, 5), (2, 10), (3, 20), (7, 320), (8, 360), (10**9, 360)])
def test_doubles_with_every_failure_up_to_the_most(failures: int, minutes: int) -> None:
    for _ in range(20):
        waited = delay(failures, first=5 * MINUTE, most=360 * MINUTE)
        assert 0.9 * minutes * MINUTE <= waited <= 1.1 * minutes * MINUTE


def test_clients_do_not_return_at_once() -> None:
    waits = {jittered(MINUTE) for _ in range(50)}
    assert len(waits) > 40
    assert min(waits) < MINUTE < max(waits)


def test_the_share_bounds_the_jitter() -> None:
    assert all(0.95 * MINUTE <= jittered(MINUTE, share=0.05) <= 1.05 * MINUTE for _ in range(100))
    assert jittered(MINUTE, share=0) == MINUTE
