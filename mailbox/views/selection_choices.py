"""What is to be chosen before it is done to many conversations: until when, which label, or what has no button.

By POST, for a form of many keys fits into no address; nothing is done yet. With scripts it opens beside its button,
without them it is a page that carries the selection along.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.models import MailAccount, User
from mailbox.models import Labelled, ThreadMark
from mailbox.views.actions import next_page
from mailbox.views.deleting import question
from mailbox.views.lists import List, view_of
from mailbox.views.moments import snooze_picks
from mailbox.views.selection import AT_ONCE, ticked
from mailbox.views.sidebar import SideAccount, Sidebar, sidebar
from webmail.htmx import render_screen

# Each is a template mailbox/selection/_<name>.html.
_CHOICES = frozenset({"more", "snooze", "labels", "assign", "delete"})


@require_POST
def selection_choices(request: HttpRequest, of: str) -> HttpResponse:
    """Show what can be chosen for the ticked conversations, or for all in the view."""
    thread_ids, is_all = ticked(request), "all" in request.POST
    if of not in _CHOICES or not (thread_ids or is_all):
        raise Http404
    shown = sidebar(request.user)
    which, account = view_of(request.POST, shown)
    if of == "delete" and not which.is_thrown_away:
        raise Http404
    context: dict[str, Any] = {
        "sidebar": shown,
        "list": which,
        "here": which.key,
        "account": account,
        "of": of,
        "next": next_page(request),
        "is_all": is_all,
        "keys": [] if is_all else request.POST.getlist("key")[:AT_ONCE],
        "count": len(thread_ids),
    }
    if of == "assign":
        context["people"] = _team(shown, account)
    elif of == "delete":
        context |= question(request, shown, which, account, None if is_all else thread_ids)
    else:
        context |= _asked(of, shown, which, [] if is_all else thread_ids)
    return render_screen(request, "mailbox/selection", "_choices", context)


def _asked(of: str, shown: Sidebar, which: List, thread_ids: Sequence[int]) -> dict[str, Any]:
    """What one choice shows; without thread ids for a whole view, of which nobody asks what it carries."""
    if of == "snooze":
        picks = snooze_picks(timezone.localtime())
        return {"picks": picks, "suggested": picks[-1].moment}
    if of == "labels":
        return {"pressed": _pressed(shown, which, thread_ids)}
    is_any_muted = ThreadMark.objects.filter(thread__in=thread_ids, is_muted=True).exists() if thread_ids else True
    return {"is_any_muted": is_any_muted}


def _team(shown: Sidebar, account: SideAccount | None) -> Sequence[User]:
    """Return to whom conversations of the teams in view can be given; 404 where there is no team."""
    teams = [each.pk for each in ([account] if account else shown.accounts) if each.is_team]
    if not teams:
        raise Http404
    return list(MailAccount.objects.filter(pk__in=teams).readers())


def _pressed(shown: Sidebar, which: List, thread_ids: Sequence[int]) -> dict[str, str]:
    """Return by the label's key the state of its button: "true" where all have it, "mixed" where some do."""
    if not thread_ids:
        return {which.label: "true"} if which.label else {}
    labelled = Labelled.objects.filter(thread__in=thread_ids, label__in=[label.pk for label in shown.labels])
    counts = dict(labelled.order_by().values_list("label__key").annotate(count=Count("thread")))
    return {key: "true" if count == len(thread_ids) else "mixed" for key, count in counts.items()}
