"""What a person does with a conversation, from its row or beside it; always by POST, and to be taken back."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from mailbox import undoing
from mailbox.models import Message
from mailbox.views import entries, undo_offer
from mailbox.views.lists import List, list_of, query_in_pane
from mailbox.views.moments import NoTime
from mailbox.views.offers import offers_of, shown_with
from mailbox.views.own_reading import FLAGS, tell_read
from mailbox.views.rows import Row, rows_of
from mailbox.views.side_labels import tree
from mailbox.views.sidebar import SideAccount, Sidebar, sidebar
from mailbox.views.signs import signs_of_thread
from mailbox.views.team import team_of
from mailbox.views.verbs import VERBS, Unnamed, Verb, verb_named
from webmail.htmx import wants_part
from webmail.prepared import Prepared

__all__ = ["VERBS", "Verb", "act", "undo"]


@require_POST
def act(request: HttpRequest, key: str, verb: str) -> HttpResponse:
    """Do `verb` to the conversation of this message; htmx gets the row again, other browsers the page."""
    chosen = verb_named(verb)
    message = chosen.message(request.user, key)
    try:
        given = chosen.given(request)
    except (NoTime, Unnamed) as error:
        return refused(request, str(error))
    deed = _perform(request, chosen, message, given)
    if not wants_part(request):
        return redirect(next_page(request))
    context = _done(request, message) | {"verb": chosen, "is_leaving": chosen.is_leaving, "deed": deed}
    response = render(request, "mailbox/act/_done.html", context)
    if "pane" in request.POST and chosen.is_leaving:
        response["HX-Push-Url"] = next_page(request)
    return response


def _perform(request: HttpRequest, chosen: Verb, message: Message, given: Any) -> str:
    """Do it; return the key of the offer to take it back, "" where none is made."""
    if "by_itself" in request.POST:
        # What a page does unasked, such as marking as read, is no deed of the reader's.
        chosen.change([message.thread_id], **chosen.all_given(_actor(request), given))
        return ""
    deed = chosen.perform(_actor(request), [message.thread_id], given)
    if not wants_part(request):
        undo_offer.keep(request, deed, str(chosen.done))
    return deed


def refused(request: HttpRequest, words: str) -> HttpResponse:
    """Say why it was not done; nothing changed."""
    if wants_part(request):
        return render(request, "mailbox/act/_refused.html", {"words": words}, status=422)
    messages.warning(request, words)
    return redirect(_back(request, "asked_at") or next_page(request))


@require_POST
def undo(request: HttpRequest, key: str) -> HttpResponse:
    """Take back an act; what it changed is as it was before."""
    touched = undoing.take_back(_actor(request), key)
    undo_offer.forget(request, key)
    if not wants_part(request):
        messages.success(request, _("Undone.") if touched else _("That was taken back already, or is too long ago."))
        return redirect(next_page(request))
    message = Message.objects.visible_to(request.user).filter(key=request.POST.get("message", "")).first()
    context = _done(request, message) if message else {"sidebar": sidebar(request.user), "rows": []}
    response = render(request, "mailbox/act/_undone.html", context | {"is_undone": bool(touched)})
    response["HX-Trigger"] = "mail-changed"
    return response


def _actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # LoginRequiredMiddleware lets nobody else through
    return request.user


def next_page(request: HttpRequest) -> str:
    """Return where a browser goes on: to the page it names, if that is one of ours."""
    return _back(request, "next") or list_of(request.POST).url


def _back(request: HttpRequest, name: str) -> str:
    """Return the page that the form names, "" if it is none of ours."""
    wanted = request.POST.get(name, "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and is_ours else ""


def _done(request: HttpRequest, message: Message) -> dict[str, Any]:
    shown = sidebar(request.user)
    which = list_of(request.POST, shown=shown)
    account = shown.account(request.POST.get("account", ""))
    there = _there(thread=message.thread_id)
    tell_read(shown, message, there)
    found = team_of(shown, [message], _actor(request))
    rows = _rows(shown, which, account, message.thread_id)
    return {
        "sidebar": shown,
        "list": which,
        "account": account,
        "message": message,
        "rows": rows,
        "in_pane": "pane" in request.POST,
        "is_by_itself": "by_itself" in request.POST,
        "team": found,
        "offers": offers_of(shown_with(message, there), is_done=found.is_done if found else None),
        "query": query_in_pane(which, account),
        # Its line shows the same.
        "signs": rows[0].signs if rows else signs_of_thread(shown, message.thread_id),
        "in_menu": "menu" in request.POST,
        # A label that was just made has no place in the side bar yet.
        "branches": tree(shown.labels) if "name" in request.POST else None,
    }


@Prepared
def _there(thread: int) -> QuerySet[Message]:
    return Message.objects.filter(thread=thread).only(*FLAGS)


def _rows(shown: Sidebar, which: List, account: SideAccount | None, thread_id: int) -> list[Row]:
    """Return the line that the conversation has in the list now, if it still has one."""
    found = entries.of_threads(shown, [thread_id], which)
    return rows_of(shown, which, account, list(found.values()))
