"""Fixtures for the tests of the guarded client."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.web.odd_web import OddWeb


@pytest.fixture
def serve() -> Iterator[Callable[..., OddWeb]]:
    """Start servers that end with the test."""
    with ExitStack() as stack:
        yield lambda *scripts: stack.enter_context(OddWeb(*scripts))
