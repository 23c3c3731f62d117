"""What a person does with many conversations at once: those that are ticked, or all in the view."""

from collections.abc import Sequence
from itertools import chain
from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from mailbox import bulk
from mailbox.extent import Extent, touched
from mailbox.models import BulkAct, Folder, Message
from mailbox.views import entries
from mailbox.views.actions import next_page, refused
from mailbox.views.bulk_words import Described
from mailbox.views.deleting import deletable, spoken_for
from mailbox.views.lists import List, list_of, view_of
from mailbox.views.moments import NoTime
from mailbox.views.offers import Offer, done_offer, offers
from mailbox.views.rows import Row, rows_of
from mailbox.views.search import found_threads
from mailbox.views.side_labels import tree
from mailbox.views.sidebar import SideAccount, Sidebar, sidebar
from mailbox.views.verbs import VERBS, Unnamed
from webmail.htmx import wants_part

# With the fields beside them, a form of so many is still below Django's limit.
AT_ONCE = 900
# Of a whole list so many are done while somebody waits; a longer one is not even listed before the answer.
SHORT = 100
# More no team has open.
LONG = 10_000
# Where the session keeps the act whose progress pages show.
SESSION_KEY = "bulk"
_WHERE_ALL_LIE = (Folder.INBOX, Folder.ARCHIVE)
_BOTH = (True, False)
# Six fit beside the count into the narrowest list; the rest is in More.
_IN_ORDER = (
    *("done", "reopen", "assign", "archive", "inbox", "trash", "restore", "not-spam", "delete"),
    *("snooze", "labels", "read"),
    "more",
)


def offers_for(which: List, *, is_team: bool = False) -> list[Offer]:
    """Return the buttons of a selection: whatever a line of this list may have, labels, and what is a team's."""
    folders = [Folder(which.key)] if which.key in Folder else _WHERE_ALL_LIE
    if which.key == "team_unassigned":
        folders = [Folder.INBOX]
    lines = [offers((folder,), is_unread=is_unread, is_starred=False) for folder in folders for is_unread in _BOTH]
    by_verb = {offer.verb: offer for offer in chain.from_iterable(lines)}
    by_verb["labels"] = Offer("labels", "tag", _("Labels"), asks=True)
    if is_team:
        offer = done_offer(is_done=which.key == "team_done")
        by_verb[offer.verb] = offer
        by_verb["assign"] = Offer("assign", "user", _("Give to somebody"), asks=True)
        # There is no room for it: it stands in More.
        by_verb.pop("read", None)
    return [by_verb[verb] for verb in _IN_ORDER if verb in by_verb]


@require_POST
def act_on_selection(request: HttpRequest) -> HttpResponse:
    """Do one verb to the ticked conversations now; with `all`, to those of the whole view, by a worker if need be."""
    verb = request.POST.get("verb") or request.GET.get("verb", "")
    shown = sidebar(request.user)
    which, account = view_of(request.POST, shown)
    if not (which.is_thrown_away if verb in BulkAct.FINAL else verb in bulk.CHANGES):
        raise Http404
    thread_ids = _chosen(request, shown, which, account, verb)
    try:
        given = VERBS[verb].given(request)
    except (NoTime, Unnamed) as error:
        return refused(request, str(error))
    owner = cast("User", request.user)
    if thread_ids is None:
        act = bulk.begin_all(owner, verb, _extent(request, shown, which, account, verb), given=given)
    else:
        act = bulk.begin(owner, verb, thread_ids, is_awaited=len(thread_ids) <= AT_ONCE, given=given)
    if act.is_under_way or not wants_part(request):
        request.session[SESSION_KEY] = act.key
    if not wants_part(request):
        return redirect(next_page(request))
    # Read again after the act: its counters are those of now, and a label that was just made is among the labels.
    return _answer(request, shown if act.is_under_way else sidebar(request.user), act, thread_ids or [])


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


def ticked(request: HttpRequest) -> list[int]:
    """Return the conversations whose keys the form holds, without those that are not there or not the reader's."""
    found = Message.objects.visible_to(request.user).filter(key__in=request.POST.getlist("key")[:AT_ONCE])
    return list(found.values_list("thread_id", flat=True).distinct())


def _chosen(
    request: HttpRequest, shown: Sidebar, which: List, account: SideAccount | None, verb: str
) -> list[int] | None:
    """Return the conversations that the form names, as far as `verb` is open to the person; None of a long view."""
    if "all" in request.POST:
        thread_ids = _all(shown, which, account, verb)
    elif not (thread_ids := ticked(request)):
        raise Http404
    return deletable(request, thread_ids) if verb in BulkAct.FINAL and thread_ids is not None else thread_ids


def _all(shown: Sidebar, which: List, account: SideAccount | None, verb: str) -> list[int] | None:
    """Return the conversations of a short view that `verb` changes, in its order; None of a long one."""
    if which.is_search:
        return found_threads(shown, which.words)
    # How a worker would list it later is not known of what a team has marked.
    there = entries.top(shown, which, account, limit=LONG if which.is_team else SHORT + 1)
    if len(there) > SHORT and not which.is_team:
        return None
    entries.tell_unread(shown, there)
    return list(dict.fromkeys(entry.thread_id for entry in there if touched(entry, verb)))


def _extent(request: HttpRequest, shown: Sidebar, which: List, account: SideAccount | None, verb: str) -> Extent:
    label = shown.label(which.label) if which.label else None
    folder = which.key if which.key in Folder else ""
    if verb in BulkAct.FINAL:
        chosen = [each.pk for each in spoken_for(request, shown, account)]
    else:
        chosen = [account.pk] if account else list(shown.by_pk)
    words = which.words if which.is_search else ""
    return Extent.now(chosen, folder=folder, label=label.pk if label else 0, words=words)


def _lines(
    shown: Sidebar, which: List, account: SideAccount | None, thread_ids: Sequence[int]
) -> list[tuple[int, Row | None]]:
    """Return what the list shows of these conversations now: a line, or None of those that have left it."""
    found = entries.of_threads(shown, thread_ids[:AT_ONCE], which)
    rows = {row.entry.thread_id: row for row in rows_of(shown, which, account, list(found.values()))}
    return [(pk, rows.get(pk)) for pk in thread_ids[:AT_ONCE]]


def _answer(request: HttpRequest, shown: Sidebar, act: BulkAct, thread_ids: Sequence[int]) -> HttpResponse:
    which, account = list_of(request.POST, shown=shown), shown.account(request.POST.get("account", ""))
    lines = _lines(shown, which, account, thread_ids) if thread_ids else []
    context = {
        "sidebar": shown,
        "list": which,
        "bulk": Described(act),
        "rows": [row for _pk, row in lines if row],
        "gone": [pk for pk, row in lines if not row],
        "branches": tree(shown.labels) if "name" in request.POST else None,
    }
    response = render(request, "mailbox/bulk/_answer.html", context)
    if not act.is_under_way:
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
