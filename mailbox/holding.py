"""Conversations held: while somebody changes them, deliveries to their accounts wait."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import MailAccount
from webmail.prepared import Prepared


class Held(NamedTuple):
    """The conversations that are held, whose their accounts are, and whether one of these is a team's."""

    threads: frozenset[int]
    owners: frozenset[int]
    has_team: bool


@contextmanager
def holding(thread_ids: Collection[int]) -> Iterator[Held]:
    """Make what is done inside one transaction, and `hold` these conversations, unless that is done around it."""
    held = _held.get()
    with transaction.atomic(savepoint=False):
        if not held.threads.issuperset(thread_ids):
            new = hold(thread_ids)
            held = Held(held.threads | new.threads, held.owners | new.owners, held.has_team or new.has_team)
        token = _held.set(held)
        try:
            yield held
        finally:
            _held.reset(token)


_NOTHING = Held(frozenset(), frozenset(), has_team=False)
_held: ContextVar[Held] = ContextVar("held", default=_NOTHING)


def hold(thread_ids: Collection[int]) -> Held:
    """Let deliveries to the same accounts wait, so that no message joins a thread between a change and `refresh`."""
    found = _accounts(threads=list(thread_ids)) if thread_ids else []
    owners = frozenset(owner for owner, _is_team in found)
    return Held(frozenset(thread_ids), owners, any(is_team for _owner, is_team in found))


@Prepared
def _accounts(threads: list[int]) -> QuerySet[MailAccount, tuple[int, bool]]:
    return MailAccount.objects.select_for_update().filter(threads__in=threads).values_list("owner_id", "is_team")
