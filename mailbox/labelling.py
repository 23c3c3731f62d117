"""Putting labels on conversations and taking them off."""

from collections.abc import Collection

from mailbox import threads
from mailbox.models import Labelled, Thread


@threads.action
def label(thread_ids: Collection[int], *, label: int) -> None:
    """Put the label of that primary key on conversations; those that have it keep it."""
    found = Thread.objects.filter(pk__in=thread_ids).values_list("pk", "account")
    rows = [Labelled(label_id=label, thread_id=pk, account_id=account) for pk, account in found]
    Labelled.objects.bulk_create(rows, ignore_conflicts=True)


@threads.action
def unlabel(thread_ids: Collection[int], *, label: int) -> None:
    Labelled.objects.filter(label=label, thread__in=thread_ids).delete()
