"""What a person does with a conversation, from its row or beside it; always by POST."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from mailbox import threads
from mailbox.models import Message
from mailbox.views import entries
from mailbox.views.entries import List, Row, list_of
from mailbox.views.offers import offers_of
from mailbox.views.sidebar import SideAccount, Sidebar, sidebar
from webmail.htmx import wants_part


@dataclass(frozen=True)
class Verb:
    """A change, what is said of it afterwards, and the verb that takes it back."""

    change: Callable[[Collection[int]], None]
    done: str | Promise = ""
    undo: str = ""
    is_leaving: bool = False
    """Whether the reader is done with the conversation and goes back to the list."""


VERBS = {
    "archive": Verb(threads.archive, _("Archived."), "inbox", is_leaving=True),
    "inbox": Verb(threads.to_inbox, _("Moved to the inbox."), "archive", is_leaving=True),
    "trash": Verb(threads.trash, _("Moved to the trash."), "restore", is_leaving=True),
    "restore": Verb(threads.restore, _("Put back."), "trash", is_leaving=True),
    "star": Verb(threads.star),
    "unstar": Verb(threads.unstar),
    "read": Verb(threads.mark_read),
    "unread": Verb(threads.mark_unread),
}


@require_POST
def act(request: HttpRequest, key: str, verb: str) -> HttpResponse:
    """Do `verb` to the conversation of this message; htmx gets the row again, other browsers the page."""
    message = get_object_or_404(Message.objects.visible_to(request.user), key=key)
    if verb not in VERBS:
        raise Http404
    chosen = VERBS[verb]
    chosen.change([message.thread_id])
    if not wants_part(request):
        return redirect(next_page(request))
    which = list_of(request.POST)
    response = render(request, "mailbox/act/_done.html", _done(request, message, chosen, which))
    if "pane" in request.POST and chosen.is_leaving:
        response["HX-Push-Url"] = next_page(request)
    if "undo" in request.POST:
        response["HX-Trigger"] = "mail-changed"
    return response


def next_page(request: HttpRequest) -> str:
    """Return where a browser goes on: to the page it names, if that is one of ours."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and is_ours else list_of(request.POST).url


def _done(request: HttpRequest, message: Message, chosen: Verb, which: List) -> dict[str, Any]:
    shown = sidebar(request.user)
    account = shown.account(request.POST.get("account", ""))
    return {
        "sidebar": shown,
        "list": which,
        "account": account,
        "message": message,
        "rows": _rows(shown, which, account, message.thread_id),
        "is_leaving": chosen.is_leaving,
        "in_pane": "pane" in request.POST,
        "is_undo": "undo" in request.POST,
        "verb": chosen,
        "offers": offers_of(Message.objects.filter(thread=message.thread_id).only("folder", "is_read", "is_starred")),
    }


def _rows(shown: Sidebar, which: List, account: SideAccount | None, thread_id: int) -> list[Row]:
    """Return the line that the conversation has in the list now, if it still has one."""
    found = entries.of_threads(shown, [thread_id], which.matches)
    return entries.rows(shown, which, account, list(found.values()))
