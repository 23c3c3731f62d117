"""Search: the conversations that hold a message with every word, those with the newest such message first."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from mailbox import search as index
from mailbox.models import Message
from mailbox.views import entries
from mailbox.views.entries import SEARCH, Row
from mailbox.views.sidebar import Sidebar, sidebar
from webmail.htmx import render_screen

LIMIT = 200


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what was found, or only the field where nothing was asked."""
    query = request.GET.get("q", "").strip()
    shown = sidebar(request.user)
    context = {
        "sidebar": shown,
        "list": SEARCH,
        "here": SEARCH.key,
        "query": query,
        "rows": _found(shown, query) if query else [],
        "limit": LIMIT,
    }
    return render_screen(request, "mailbox/search", "_results", context)


def _found(shown: Sidebar, query: str) -> list[Row]:
    message_ids = index.find(query, list(shown.by_pk), limit=LIMIT)
    thread_of = dict(Message.objects.filter(pk__in=message_ids).values_list("pk", "thread_id"))
    in_order = dict.fromkeys(thread_of[pk] for pk in message_ids if pk in thread_of)
    entry_of = entries.of_threads(shown, list(in_order), SEARCH.matches)
    return entries.rows(shown, SEARCH, None, [entry_of[pk] for pk in in_order if pk in entry_of])
