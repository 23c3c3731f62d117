"""The stage is built once for all tests of a file, and each request leaves it as it was."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from tests.access.stage import Stage, build


@pytest.fixture(scope="module")
def kept_stage(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, request: pytest.FixtureRequest
) -> Iterator[Stage]:
    checks_csrf = getattr(request.module, "CHECKS_CSRF", False)
    with django_db_blocker.unblock(), transaction.atomic():
        yield build(checks_csrf=checks_csrf)
        transaction.set_rollback(True)


@pytest.fixture
def stage(kept_stage: Stage, db: None) -> Stage:
    """Alice's account and everybody's browser; what a test does to them is undone after it."""
    cache.clear()
    return kept_stage
