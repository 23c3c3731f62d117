"""Search: the conversations that hold a message with every word, those with the newest such message first.

For whoever reads a team's mailbox, those too that hold such a note of the team.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from mailbox import search as index
from mailbox.models import Message
from mailbox.team import Noted
from mailbox.views import entries
from mailbox.views.lists import SEARCH, List
from mailbox.views.rows import Row, notes_of, rows_of
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
    return None if len(message_ids) > LIMIT else _in_order(message_ids, notes_of(shown, words, limit=LIMIT))


def _found(shown: Sidebar, which: List) -> list[Row]:
    notes = notes_of(shown, which.words, limit=LIMIT)
    in_order = _in_order(index.find(which.words, list(shown.by_pk), limit=LIMIT), notes)
    entry_of = entries.of_threads(shown, in_order, which)
    return rows_of(shown, which, None, [entry_of[pk] for pk in in_order if pk in entry_of], notes=notes)


def _in_order(message_ids: Sequence[int], notes: Mapping[int, Noted]) -> list[int]:
    """Return the conversations of these messages, and those of which a note of a team holds the words."""
    columns = Message.objects.filter(pk__in=message_ids).values_list("pk", "thread_id", "stored_at")
    stored = {pk: (thread, at) for pk, thread, at in columns}
    hits = [stored[pk] for pk in message_ids if pk in stored]
    if notes:
        noted = [(thread, note.written_at) for thread, note in notes.items()]
        hits = sorted([*hits, *noted], key=lambda hit: hit[1], reverse=True)
    return list(dict.fromkeys(thread for thread, _at in hits))
