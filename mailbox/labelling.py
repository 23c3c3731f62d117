"""Putting labels on conversations and taking them off."""

from collections.abc import Collection, Sequence

from accounts.models import User
from mailbox import threads
from mailbox.models import Folder, Label, Labelled, Message, Thread


@threads.action
def label(thread_ids: Collection[int], *, label: int) -> None:
    """Put the label of that primary key on conversations; those that have it keep it."""
    found = Thread.objects.filter(pk__in=thread_ids).values_list("pk", "account")
    rows = [Labelled(label_id=label, thread_id=pk, account_id=account) for pk, account in found]
    Labelled.objects.bulk_create(rows, ignore_conflicts=True)


@threads.action
def unlabel(thread_ids: Collection[int], *, label: int) -> None:
    Labelled.objects.filter(label=label, thread__in=thread_ids).delete()


def label_arrivals(owner_id: int, messages: Sequence[Message], *, name: str) -> None:
    """Put the owner's label of that name on the conversations of what has just come into the inbox."""
    thread_ids = {each.thread_id for each in messages if each.folder == Folder.INBOX}
    if thread_ids:
        label(thread_ids, label=named(owner_id, name).pk)


def named(owner_id: int, name: str) -> Label:
    """Return the owner's label of that name, a new one where there is none."""
    tidy = Label.tidy(name) or name
    found = Label.objects.filter(owner=owner_id, name__iexact=tidy).first()
    if found:
        return found
    colour = Label.next_colour(User(pk=owner_id))
    return Label.objects.create(owner_id=owner_id, name=tidy, colour=colour)
