"""What came into a conversation while it lay open: said in one line, so that nothing moves under its reader's eyes."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from mailbox.models import Folder, Message
from mailbox.models.thread import THROWN_AWAY
from mailbox.views.asked import visible_message
from mailbox.views.lists import LISTS, list_of, query_in_pane
from mailbox.views.offers import offers_of, shown_with
from mailbox.views.own_reading import FLAGS, tell_read
from mailbox.views.sidebar import sidebar
from mailbox.views.signs import signs_of_thread
from mailbox.views.team import team_of
from webmail.prepared import Prepared


@require_safe
def followed(request: HttpRequest, key: str) -> HttpResponse:
    """Name who has written since this message, the last one that the page shows; 204 while nobody has."""
    last = visible_message(request.user, key)
    came = _received_after(last)
    if not came:
        return HttpResponse(status=204)
    context = {"last": last, "newest": came[-1], "count": len(came)}
    return render(request, "mailbox/conversation/_followed.html", context | {"query": request.GET.urlencode()})


@require_safe
def standing(request: HttpRequest, key: str) -> HttpResponse:
    """Show again what an open conversation carries, and what can be done with it: others may have changed it."""
    message = visible_message(request.user, key)
    shown = sidebar(request.user)
    which = list_of(request.GET, LISTS[message.folder], shown=shown)
    there = list(Message.objects.filter(thread=message.thread_id).only(*FLAGS))
    tell_read(shown, message, there)
    found = team_of(shown, [message], cast("User", request.user))
    context = {
        "opened": message,
        "signs": signs_of_thread(shown, message.thread_id),
        "offers": offers_of(shown_with(message, there), is_done=found.is_done if found else None),
        "query": query_in_pane(which, shown.account(request.GET.get("account", ""))),
    }
    return render(request, "mailbox/conversation/_standing.html", context)


def _received_after(last: Message) -> Sequence[Message]:
    return _after(thread=last.thread_id, at=last.received_at, pk=last.pk)


@Prepared
def _after(thread: int, at: datetime, pk: int) -> QuerySet[Message]:
    is_after = Q(received_at__gt=at) | Q(received_at=at, pk__gt=pk)
    received = Message.objects.filter(is_after, thread=thread).exclude(folder__in=[Folder.SENT, *THROWN_AWAY])
    return received.only("key", "sender_name", "sender_address").in_conversation_order()
