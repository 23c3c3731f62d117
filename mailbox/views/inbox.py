"""The lists: inbox, archive, sent, snoozed, spam, trash, starred, and one for each label; of all accounts or of one."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from mailbox.views.cursors import Cursor
from mailbox.views.leaving import leaving_words
from mailbox.views.lists import LISTS, List, label_list, team_list
from mailbox.views.rows import page_of
from mailbox.views.sidebar import SideAccount, Sidebar, sidebar
from webmail.htmx import render_screen


@require_safe
def listing(request: HttpRequest, key: str) -> HttpResponse:
    """Show a page of a list; for htmx the rows alone, which follow those that are there."""
    shown = sidebar(request.user)
    before = Cursor.read(request.GET.get("before", ""))
    context = list_context(shown, LISTS[key], shown.named(request.GET.get("account", "")), before=before)
    return render_screen(request, "mailbox/list", "_list", context)


@require_safe
def labelled(request: HttpRequest, key: str) -> HttpResponse:
    """Show a page of the list of one label; 404 where the label is not the reader's."""
    shown = sidebar(request.user)
    if not shown.label(key):
        raise Http404
    before = Cursor.read(request.GET.get("before", ""))
    account = shown.named(request.GET.get("account", ""))
    context = list_context(shown, label_list(key, shown), account, before=before)
    return render_screen(request, "mailbox/list", "_list", context)


@require_safe
def team_listing(request: HttpRequest, key: str) -> HttpResponse:
    """Show a page of one of the team's lists, which are empty for those who read no team mailbox."""
    shown = sidebar(request.user)
    before = Cursor.read(request.GET.get("before", ""))
    account = shown.named(request.GET.get("account", ""))
    context = list_context(shown, team_list(key, shown), account, before=before)
    return render_screen(request, "mailbox/list", "_list", context)


def list_context(
    shown: Sidebar, which: List, account: SideAccount | None, *, before: Cursor | None = None
) -> dict[str, Any]:
    """What the list's templates show, here and beside a conversation."""
    page = page_of(shown, which, account, before=before)
    return {
        "sidebar": shown,
        "list": which,
        "here": which.key,
        "account": account,
        "rows": page.rows,
        "before": before,
        "next": page.next,
        "first": page.first,
        "is_first_page": before is None,
        "leaving": leaving_words(shown, which, account) if which.is_thrown_away else "",
    }
