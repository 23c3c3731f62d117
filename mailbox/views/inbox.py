"""The lists: inbox, archive, sent, trash, starred; of all accounts together or of one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from mailbox.views import entries
from mailbox.views.entries import LISTS, Cursor, List
from mailbox.views.sidebar import SideAccount, Sidebar, sidebar
from webmail.htmx import render_screen


@require_safe
def listing(request: HttpRequest, key: str) -> HttpResponse:
    """Show a page of a list; for htmx the rows alone, which follow those that are there."""
    shown = sidebar(request.user)
    before = Cursor.read(request.GET.get("before", ""))
    context = list_context(shown, LISTS[key], shown.account(request.GET.get("account", "")), before=before)
    return render_screen(request, "mailbox/list", "_list", context)


def list_context(
    shown: Sidebar, which: List, account: SideAccount | None, *, before: Cursor | None = None
) -> dict[str, Any]:
    """What the list's templates show, here and beside a conversation."""
    page = entries.page(shown, which, account, before=before)
    return {
        "sidebar": shown,
        "list": which,
        "here": which.key,
        "account": account,
        "rows": page.rows,
        "next": page.next,
        "first": page.first,
        "is_first_page": before is None,
    }
