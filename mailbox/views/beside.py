"""The list beside a conversation that came by its own address: the page asks for it where there is room for both."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mailbox.views.inbox import list_context
from mailbox.views.lists import list_of
from mailbox.views.search import found_context
from mailbox.views.sidebar import sidebar


@require_safe
def beside(request: HttpRequest) -> HttpResponse:
    """Show the list that the query names, with its head and its selection, as its own page does."""
    shown = sidebar(request.user)
    which = list_of(request.GET, shown=shown)
    if which.is_search:
        return render(request, "mailbox/search/_pane.html", found_context(shown, which.words))
    account = shown.named(request.GET.get("account", ""))
    return render(request, "mailbox/list/_pane.html", list_context(shown, which, account))
