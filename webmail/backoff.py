"""How long to wait before the next try, so that a server in trouble is left alone and clients do not return at once."""

import random
from datetime import timedelta


def delay(failure_count: int, *, first: timedelta, most: timedelta) -> timedelta:
    """Return the wait after the `failure_count`th failure in a row: `first`, doubled each time up to `most`, ±10 %."""
    doubled = first * 2 ** min(max(failure_count - 1, 0), 20)
    return jittered(min(doubled, most))


def jittered(wait: timedelta, *, share: float = 0.1) -> timedelta:
    """Return `wait` made longer or shorter by at most `share` of itself."""
    return wait * (1 + random.uniform(-share, share))  # noqa: S311  # spreads load, keeps no secret
