"""What is to be chosen before it is done to a conversation: until when, which label, or whether really.

With scripts it opens beside the button that asked for it; without, each is a page.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import MailAccount
from mailbox import team
from mailbox.models import THROWN_AWAY, Folder, Message
from mailbox.views.lists import LISTS, List, list_of, query_in_pane, query_of
from mailbox.views.moments import snooze_picks
from mailbox.views.sidebar import SideAccount, sidebar
from mailbox.views.signs import Signs, signs_of_thread
from mailbox.views.verbs import VERBS
from webmail.htmx import render_screen

# Each is a template mailbox/choices/_<name>.html.
_CHOICES = frozenset({"more", "snooze", "labels", "delete", "assign"})


@require_safe
def choices(request: HttpRequest, key: str, of: str) -> HttpResponse:
    """Show what can be chosen; nothing is done yet."""
    message = get_object_or_404(Message.objects.visible_to(request.user), key=key)
    if of not in _CHOICES:
        raise Http404
    shown = sidebar(request.user)
    which = list_of(request.GET, LISTS[message.folder], shown=shown)
    account = shown.account(request.GET.get("account", ""))
    signs = signs_of_thread(shown, message.thread_id)
    context = _place(request, which, account) | _state(message, signs) | _asked(request, message, of)
    shared = {"sidebar": shown, "list": which, "account": account, "message": message, "signs": signs, "of": of}
    return render_screen(request, "mailbox/choices", "_choices", shared | context | {"here": which.key})


def _place(request: HttpRequest, which: List, account: SideAccount | None) -> dict[str, Any]:
    """Where the reader came from, and goes back to."""
    in_pane = "pane" in request.GET
    return {
        "in_pane": in_pane,
        "query": query_in_pane(which, account) if in_pane else query_of(which, account),
        "next": which.url + (f"{'&' if '?' in which.url else '?'}account={account.key}" if account else ""),
    }


def _state(message: Message, signs: Signs) -> dict[str, Any]:
    folders = set(Message.objects.filter(thread=message.thread_id).values_list("folder", flat=True))
    return {
        "is_spam": Folder.SPAM in folders,
        "is_thrown_away": bool(folders.intersection(THROWN_AWAY)),
        "can_snooze": bool(folders & {Folder.INBOX, Folder.ARCHIVE, Folder.SNOOZED}),
        "has_label": {label.key for label in signs.labels},
    }


def _asked(request: HttpRequest, message: Message, of: str) -> dict[str, Any]:
    """What one choice shows alone."""
    if of == "snooze":
        picks = snooze_picks(timezone.localtime())
        return {"picks": picks, "suggested": picks[-1].moment}
    if of == "assign":
        return _people(request, message)
    if of == "delete":
        there = Message.objects.filter(thread=message.thread_id, folder__in=THROWN_AWAY)
        may = VERBS["delete"].open_to(request.user).filter(pk=message.pk).exists()
        return {"count": there.count(), "may_delete": may}
    return {}


def _people(request: HttpRequest, message: Message) -> dict[str, Any]:
    """To whom a team's conversation can be given; 404 for that of others."""
    account = get_object_or_404(MailAccount.objects.visible_to(request.user), pk=message.account_id, is_team=True)
    mark = next(iter(team.marks_of([message.thread_id])), None)
    readers = MailAccount.objects.filter(pk=account.pk).readers()
    return {"people": readers, "assignee": mark.assignee if mark else None}
