"""Search: the conversations that hold a message with every word, those with the newest such message first."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from mailbox import search as index
from mailbox.models import Message
from mailbox.views import entries
from mailbox.views.entries import SEARCH, List, Row
from mailbox.views.sidebar import Sidebar, sidebar
from webmail.htmx import render_screen

LIMIT = 200


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what was found, or only the field where nothing was asked."""
    return render_screen(
        request, "mailbox/search", "_results", found_context(sidebar(request.user), request.GET.get("q", ""))
    )


def found_context(shown: Sidebar, words: str) -> dict[str, Any]:
    """What the templates of the search show, here and beside a conversation."""
    which = replace(SEARCH, words=words.strip())
    return {
        "sidebar": shown,
        "list": which,
        "here": which.key,
        "rows": _found(shown, which) if which.words else [],
    }


def found_threads(shown: Sidebar, words: str) -> list[int] | None:
    """Return the conversations of what is found, in the order of the list; None where the list does not hold all."""
    message_ids = index.find(words, list(shown.by_pk), limit=LIMIT + 1)
    return None if len(message_ids) > LIMIT else _threads(message_ids)


def _found(shown: Sidebar, which: List) -> list[Row]:
    in_order = _threads(index.find(which.words, list(shown.by_pk), limit=LIMIT))
    entry_of = entries.of_threads(shown, in_order, which)
    return entries.rows(shown, which, None, [entry_of[pk] for pk in in_order if pk in entry_of])


def _threads(message_ids: Sequence[int]) -> list[int]:
    thread_of = dict(Message.objects.filter(pk__in=message_ids).values_list("pk", "thread_id"))
    return list(dict.fromkeys(thread_of[pk] for pk in message_ids if pk in thread_of))
