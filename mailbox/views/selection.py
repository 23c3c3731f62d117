"""What a person does with many conversations at once: those that are ticked, or all in the view."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Any, cast

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from mailbox import bulk
from mailbox.models import BulkAct, Entry, Folder, Message
from mailbox.views import entries
from mailbox.views.actions import next_page
from mailbox.views.bulk_words import Described
from mailbox.views.entries import List, list_of
from mailbox.views.offers import Offer, done_offer, offers
from mailbox.views.search import found_context
from mailbox.views.sidebar import SideAccount, Sidebar, sidebar
from webmail.htmx import wants_part

# More than this a worker does; with the fields beside them, a form of so many is still below Django's limit.
AT_ONCE = 900
# Where the session keeps the act whose progress pages show.
SESSION_KEY = "bulk"
_WHERE_ALL_LIE = (Folder.INBOX, Folder.ARCHIVE)
_BOTH = (True, False)
# Conversations that a verb leaves as they are need not be gone through.
_TOUCHED: Mapping[str, dict[str, Any]] = {
    "read": {"unread_count__gt": 0},
    "star": {"is_starred": False},
    "unstar": {"is_starred": True},
}


def offers_for(which: List, *, is_team: bool = False) -> list[Offer]:
    """Return the buttons of a selection: whatever a line of this list may have, spam, and what is a team's."""
    folders = [Folder(which.key)] if which.key in Folder else _WHERE_ALL_LIE
    is_starred = which.key == "starred"
    lines = [offers((folder,), is_unread=is_unread, is_starred=is_starred) for folder in folders for is_unread in _BOTH]
    by_verb: dict[str, Offer] = {}
    for offer in chain.from_iterable(zip_longest(*lines)):
        if offer and not offer.asks:
            by_verb.setdefault(offer.verb, offer)
        if offer and offer.verb == "trash" and which.key != Folder.SENT:
            by_verb.setdefault("spam", Offer("spam", "spam", _("Mark as spam")))
    found = [offer for verb, offer in by_verb.items() if verb in bulk.CHANGES]
    if is_team:
        found.insert(0, done_offer(is_done=which.key == "team_done"))
    return found


@require_POST
def act_on_selection(request: HttpRequest) -> HttpResponse:
    """Do one verb to the ticked conversations now; with `all`, to those of the whole view, by a worker if need be."""
    verb = request.POST.get("verb", "")
    if verb not in bulk.CHANGES:
        raise Http404
    shown = sidebar(request.user)
    which, account = list_of(request.POST, shown=shown), shown.account(request.POST.get("account", ""))
    if "all" in request.POST:
        thread_ids = _all(shown, which, account, verb)
    elif not (thread_ids := _ticked(request)):
        raise Http404
    act = bulk.begin(
        cast("User", request.user), verb, thread_ids, is_awaited="all" not in request.POST or len(thread_ids) <= AT_ONCE
    )
    if act.is_under_way or not wants_part(request):
        request.session[SESSION_KEY] = act.key
    if not wants_part(request):
        return redirect(next_page(request))
    return _answer(request, shown, act, [] if act.is_under_way else _lines(shown, which, account, thread_ids))


@never_cache
@require_safe
def progress(request: HttpRequest, key: str) -> HttpResponse:
    """How far an act is: asked for again and again until it is through."""
    act = _mine(request, key)
    if not wants_part(request):
        return redirect("inbox")
    response = render(request, "mailbox/bulk/_bar.html", {"bulk": Described(act), "list": list_of(request.GET)})
    if not act.is_under_way:
        request.session.pop(SESSION_KEY, None)
        response["HX-Trigger"] = "mail-changed"
    return response


@require_POST
def stop(request: HttpRequest, key: str) -> HttpResponse:
    """Leave the rest as it is; what is done stays done and can be undone."""
    act = _mine(request, key)
    act.stop()
    return _changed(request, act)


@require_POST
def undo(request: HttpRequest, key: str) -> HttpResponse:
    """Take an act back: a small one now, a large one by a worker."""
    act = _mine(request, key)
    bulk.undo(act, is_awaited=act.conversation_count <= AT_ONCE)
    return _changed(request, act)


def _ticked(request: HttpRequest) -> list[int]:
    """Return the conversations whose keys the form holds, without those that are not there or not the reader's."""
    ticked = Message.objects.visible_to(request.user).filter(key__in=request.POST.getlist("key")[:AT_ONCE])
    return list(ticked.values_list("thread_id", flat=True).distinct())


def _all(shown: Sidebar, which: List, account: SideAccount | None, verb: str) -> list[int]:
    """Return every conversation of the view that `verb` changes, the newest first."""
    if which.is_search:
        return [row.entry.thread_id for row in found_context(shown, which.words)["rows"]]
    chosen = [account.pk] if account else list(shown.by_pk)
    there = Entry.objects.filter(which.matches, account__in=chosen)
    if touched := _TOUCHED.get(verb):
        # What a member of an account has not read its entries do not say.
        there = there.filter(Q(**touched) | Q(account__in=shown.shared if verb == "read" else ()))
    return list(dict.fromkeys(there.order_by("-newest_at", "-pk").values_list("thread_id", flat=True)))


def _lines(
    shown: Sidebar, which: List, account: SideAccount | None, thread_ids: Sequence[int]
) -> Iterable[tuple[int, entries.Row | None]]:
    """Return what the list shows of these conversations now: a line, or None of those that have left it."""
    found = entries.of_threads(shown, thread_ids[:AT_ONCE], which.matches)
    rows = {row.entry.thread_id: row for row in entries.rows(shown, which, account, list(found.values()))}
    return [(pk, rows.get(pk)) for pk in thread_ids[:AT_ONCE]]


def _answer(
    request: HttpRequest, shown: Sidebar, act: BulkAct, lines: Iterable[tuple[int, entries.Row | None]]
) -> HttpResponse:
    context = {
        "sidebar": shown,
        "list": list_of(request.POST, shown=shown),
        "bulk": Described(act),
        "rows": [row for _pk, row in lines if row],
        "gone": [pk for pk, row in lines if not row],
    }
    response = render(request, "mailbox/bulk/_answer.html", context)
    if context["gone"] or not act.is_under_way:
        response["HX-Trigger"] = "mail-changed"
    return response


def _changed(request: HttpRequest, act: BulkAct) -> HttpResponse:
    act.refresh_from_db()
    if act.is_under_way or not wants_part(request):
        request.session[SESSION_KEY] = act.key
    else:
        request.session.pop(SESSION_KEY, None)
    if not wants_part(request):
        return redirect(next_page(request))
    return _answer(request, sidebar(request.user), act, [])


def _mine(request: HttpRequest, key: str) -> BulkAct:
    return get_object_or_404(BulkAct.objects.of(request.user), key=key)
