"""Fixtures for every test: real servers on loopback, Chromium, and a running site."""

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from tests import servers
from tests.servers import Missing

CHROMIUM_FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


def started[T](server: AbstractContextManager[T]) -> Iterator[T]:
    """Yield the running server, or skip with the word what to install; on CI a missing server is a failure."""
    try:
        running = server.__enter__()
    except Missing as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    try:
        yield running
    finally:
        server.__exit__(None, None, None)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of an empty database on a PostgreSQL server of this run."""
    yield from started(servers.postgres())


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """URL of a Redis server of this run."""
    yield from started(servers.redis())


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Chromium from PATH where there is one, calling nobody, and without its sandbox for root, who may not have it."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    flags = [*CHROMIUM_FLAGS, "--no-sandbox"] if os.geteuid() == 0 else CHROMIUM_FLAGS
    chosen = {"executable_path": found} if found else {}
    return {**browser_type_launch_args, **chosen, "args": flags}
