"""Conversations held: while somebody changes them, deliveries to their accounts wait."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import MailAccount
from webmail.prepared import Prepared


@contextmanager
def holding(thread_ids: Collection[int]) -> Iterator[None]:
    """Make what is done inside one transaction, and `hold` these conversations, unless that is done around it."""
    held = _held.get()
    with transaction.atomic(savepoint=False):
        if not held.issuperset(thread_ids):
            hold(thread_ids)
        token = _held.set(held.union(thread_ids))
        try:
            yield
        finally:
            _held.reset(token)


_held: ContextVar[frozenset[int]] = ContextVar("held", default=frozenset())


def hold(thread_ids: Collection[int]) -> None:
    """Let deliveries to the same accounts wait, so that no message joins a thread between a change and `refresh`."""
    if thread_ids:
        _accounts(threads=list(thread_ids))


@Prepared
def _accounts(threads: list[int]) -> QuerySet[MailAccount, tuple[int]]:
    return MailAccount.objects.select_for_update().filter(threads__in=threads).values_list("pk")
