"""The processes that fork victims: each takes seconds to load Django, so the tests of a process share two of them."""

from collections.abc import Iterator

import pytest

from tests.flows.killing import Killer


@pytest.fixture(scope="session")
def killer(django_db_setup: None) -> Iterator[Killer]:
    """Start work on the database of the running test, and kill it."""
    with Killer() as running:
        yield running


@pytest.fixture(scope="session")
def second_killer(django_db_setup: None) -> Iterator[Killer]:
    """Another one, for work that races."""
    with Killer() as running:
        yield running
