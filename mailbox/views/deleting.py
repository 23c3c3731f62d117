"""Deleting a selection of the trash or of spam for ever: what of it the person may delete, and how much that is."""

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest

from accounts.models import MailAccount
from mailbox.models import THROWN_AWAY, Folder, Message, Thread
from mailbox.views.counting import UNREAD_LIMIT
from mailbox.views.lists import List
from mailbox.views.sidebar import SideAccount, Sidebar


def deletable(request: HttpRequest, thread_ids: Collection[int]) -> list[int]:
    """Return those of these conversations whose accounts the person speaks for."""
    mine = MailAccount.objects.spoken_for_by(request.user)
    return list(Thread.objects.filter(pk__in=thread_ids, account__in=mine).values_list("pk", flat=True))


def spoken_for(request: HttpRequest, shown: Sidebar, account: SideAccount | None) -> list[SideAccount]:
    """Return the accounts of a view, or the one that it is of, in whose name the person may act."""
    mine = set(MailAccount.objects.spoken_for_by(request.user).values_list("pk", flat=True))
    return [each for each in ([account] if account else shown.accounts) if each.pk in mine]


def question(
    request: HttpRequest, shown: Sidebar, which: List, account: SideAccount | None, thread_ids: Collection[int] | None
) -> dict[str, Any]:
    """Return what is asked before: how many messages go, and whether some stay. Without thread ids, of a whole view."""
    if thread_ids is None:
        chosen = spoken_for(request, shown, account)
        there = Message.objects.filter(account__in=[each.pk for each in chosen], folder=Folder(which.key))
        is_less = len(chosen) < (1 if account else len(shown.accounts))
    else:
        mine = deletable(request, thread_ids)
        there = Message.objects.filter(thread__in=mine, folder__in=THROWN_AWAY)
        is_less = len(mine) < len(thread_ids)
    count = len(there.order_by().values_list("pk")[: UNREAD_LIMIT + 1])
    return {"messages_count": count, "limit": UNREAD_LIMIT, "is_less": is_less}
