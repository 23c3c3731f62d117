"""From one conversation to the next of its list, without going back to it."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from mailbox.models import Entry
from mailbox.views import entries
from mailbox.views.asked import visible_message
from mailbox.views.cursors import Cursor, Span
from mailbox.views.lists import LISTS, SEARCH, List, list_of
from mailbox.views.rows import Row, rows_of
from mailbox.views.search import found_context
from mailbox.views.sidebar import SideAccount, Sidebar, sidebar
from webmail.htmx import wants_part


@require_safe
def neighbour(request: HttpRequest, key: str, way: str) -> HttpResponse:
    """Lead to the conversation below (`below`) or above; behind the last one to the list, for htmx to nothing."""
    message = visible_message(request.user, key)
    shown = sidebar(request.user)
    which, account = (
        list_of(request.GET, LISTS[message.folder], shown=shown),
        shown.named(request.GET.get("account", "")),
    )
    if row := _beside(shown, which, account, message.thread_id, is_older=way == "below"):
        return redirect(row.href)
    return HttpResponse(status=204) if wants_part(request) else redirect(which.url)


def _beside(shown: Sidebar, which: List, account: SideAccount | None, thread_id: int, *, is_older: bool) -> Row | None:
    if which.is_search:
        return _among(found_context(shown, which.words)["rows"], thread_id, is_older=is_older)
    if not which.is_by_time:
        found = entries.beside_mark(shown, which, account, thread_id, is_older=is_older)
        return rows_of(shown, which, account, [found])[0] if found else None
    here = entries.of_threads(shown, [thread_id], which).get(thread_id)
    if here is None and which.is_team:
        # It was given to somebody while it was read: the next one is that which stood beside it.
        here = entries.of_threads(shown, [thread_id], SEARCH).get(thread_id)
    found = _nearest(shown, which, account, here, is_older=is_older) if here else None
    return rows_of(shown, which, account, [found])[0] if found else None


def _nearest(shown: Sidebar, which: List, account: SideAccount | None, here: Entry, *, is_older: bool) -> Entry | None:
    """Return the entry next to `here`, of whichever account: the first of each one's index."""
    beyond = Span(before=Cursor.of(here), limit=1).by("newest_at", is_rising=not is_older)
    order = ("-newest_at", "-id") if is_older else ("newest_at", "id")
    there = Entry.objects.filter(which.matches & beyond).exclude(thread=here.thread_id).order_by(*order)
    accounts = [account.pk] if account else list(shown.by_pk)
    found = [entry for pk in accounts for entry in there.filter(account=pk)[:1]]
    return (max if is_older else min)(found, key=lambda entry: (entry.newest_at, entry.pk), default=None)


def _among(rows: Sequence[Row], thread_id: int, *, is_older: bool) -> Row | None:
    place = next((at for at, row in enumerate(rows) if row.entry.thread_id == thread_id), None)
    if place is None:
        return None
    wanted = place + (1 if is_older else -1)
    return rows[wanted] if 0 <= wanted < len(rows) else None
