"""What an open page asks for when it hears that something changed, and the long answer to its poll."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mailbox.views.cursors import Cursor
from mailbox.views.lists import list_of
from mailbox.views.pulse import pulse_of
from mailbox.views.rows import Page, fresh_page, page_between
from mailbox.views.side_labels import tree
from mailbox.views.sidebar import sidebar


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Say what changed since the pulse that the page knows; 204 where nothing did, which `poll` mostly says first."""
    assert request.user.pk is not None
    since, now = request.GET.get("since", ""), pulse_of(request.user.pk)
    if since == str(now):
        return HttpResponse(status=204)
    unread = sidebar(request.user).unread
    return JsonResponse({"pulse": str(now), "changed": now.changed_since(since), "unread": unread})


@never_cache
@require_safe
def counters(request: HttpRequest) -> HttpResponse:
    """The counts of the side bar and its labels, to be put where they stand on any screen."""
    shown = sidebar(request.user)
    context = {
        "sidebar": shown,
        "labels": shown.labels,
        "branches": tree(shown.labels),
        "list": list_of(request.GET, shown=shown),
    }
    return render(request, "_shell/counted.html", context)


@never_cache
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The top of an open list again, down to where its reader has loaded more."""
    shown = sidebar(request.user)
    which = list_of(request.GET, shown=shown)
    account = shown.named(request.GET.get("account", ""))
    page = fresh_page(shown, which, account, through=Cursor.read(request.GET.get("through", "")))
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
        "is_cut": page.is_cut,
        "is_extended": "through" in request.GET and not page.is_cut,
    }
    return render(request, "mailbox/list/_live.html", context)


@never_cache
@require_safe
def part(request: HttpRequest) -> HttpResponse:
    """A part of an open list again that its reader has loaded below the top; 204 where the place is none."""
    before = Cursor.read(request.GET.get("before", ""))
    if before is None:
        return HttpResponse(status=204)
    shown = sidebar(request.user)
    which = list_of(request.GET, shown=shown)
    account = shown.named(request.GET.get("account", ""))
    through = Cursor.read(request.GET.get("through", ""))
    page = page_between(shown, which, account, before=before, through=through)
    context = {"list": which, "account": account, "rows": page.rows, "before": before, "next": page.next}
    return render(request, "mailbox/list/_live_part.html", context | {"is_cut": page.is_cut})


def _arrived(page: Page, first: Cursor | None) -> int:
    """Count the unread conversations above the one that was the first."""
    return sum(row.entry.is_unread and (first is None or Cursor.of(row.entry).is_above(first)) for row in page.rows)
