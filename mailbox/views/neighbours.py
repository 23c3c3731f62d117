"""From one conversation to the next of its list, without going back to it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from mailbox.views import entries
from mailbox.views.asked import visible_message
from mailbox.views.entries import LISTS, List, Row, list_of
from mailbox.views.search import found_context
from mailbox.views.sidebar import SideAccount, Sidebar, sidebar
from webmail.htmx import wants_part


@require_safe
def neighbour(request: HttpRequest, key: str, way: str) -> HttpResponse:
    """Lead to the conversation below (`older`) or above; behind the last one to the list, for htmx to nothing."""
    message = visible_message(request.user, key)
    shown = sidebar(request.user)
    which, account = list_of(request.GET, LISTS[message.folder]), shown.account(request.GET.get("account", ""))
    if row := _beside(shown, which, account, message.thread_id, is_older=way == "older"):
        return redirect(row.href)
    return HttpResponse(status=204) if wants_part(request) else redirect(which.url)


def _beside(shown: Sidebar, which: List, account: SideAccount | None, thread_id: int, *, is_older: bool) -> Row | None:
    if which.is_search:
        return _among(found_context(shown, which.words)["rows"], thread_id, is_older=is_older)
    found = entries.beside(shown, which, account, thread_id, is_older=is_older)
    return entries.rows(shown, which, account, [found])[0] if found else None


def _among(rows: list[Row], thread_id: int, *, is_older: bool) -> Row | None:
    place = next((at for at, row in enumerate(rows) if row.entry.thread_id == thread_id), None)
    if place is None:
        return None
    wanted = place + (1 if is_older else -1)
    return rows[wanted] if 0 <= wanted < len(rows) else None
