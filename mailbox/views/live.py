"""What an open list asks every few seconds: is anything new?"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mailbox.views import entries
from mailbox.views.entries import Cursor, list_of
from mailbox.views.sidebar import sidebar, token_for


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer 204 while nothing changed since the token, else the top of the list again, and the counters."""
    if request.GET.get("since") == token_for(request.user):
        return HttpResponse(status=204)
    shown = sidebar(request.user)
    which = list_of(request.GET, shown=shown)
    account = shown.account(request.GET.get("account", ""))
    page = entries.fresh(shown, which, account, through=Cursor.read(request.GET.get("through", "")))
    context = {
        "sidebar": shown,
        "list": which,
        "here": which.key,
        "account": account,
        "rows": page.rows,
        "next": page.next,
        "first": page.first or Cursor.read(request.GET.get("first", "")),
        "arrived": _arrived(page, Cursor.read(request.GET.get("first", ""))) if which.is_by_time else 0,
        "is_first_page": True,
        "is_extended": "through" in request.GET,
    }
    return render(request, "mailbox/list/_live.html", context)


def _arrived(page: entries.Page, first: Cursor | None) -> int:
    """Count the unread conversations above the one that was the first."""
    return sum(row.entry.is_unread and (first is None or Cursor.of(row.entry).is_above(first)) for row in page.rows)
