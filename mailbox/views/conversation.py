"""A conversation: every message of a thread as a sheet, those already read folded but the newest."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.models import User
from mailbox.models import THROWN_AWAY, Message
from mailbox.views.asked import Attached, load_originals, visible_message
from mailbox.views.clock import Clock
from mailbox.views.lines import with_lines
from mailbox.views.lists import LISTS, List, list_of, query_in_pane, query_of
from mailbox.views.offers import offers_of
from mailbox.views.on_server import Rest, on_server
from mailbox.views.own_reading import tell_read
from mailbox.views.sheet import Sheet, open_sheet
from mailbox.views.sidebar import SideAccount, Sidebar, sidebar
from mailbox.views.signs import signs_of_thread
from mailbox.views.team import team_of
from mailbox.views.trust import with_trust
from webmail.htmx import render_screen, wants_part
from webmail.prepared import Prepared

# A mailing list can leave hundreds unread; older ones wait as one line each.
OPEN_LIMIT = 20
_SHOWN_FOLDED = [
    *("key", "account_id", "thread_id", "folder", "sender_name", "sender_address", "subject", "preview"),
    *("received_at", "dated_at", "octets_count", "is_read", "is_starred", "has_attachments", "original_id", "defects"),
]


@require_safe
def conversation(request: HttpRequest, key: str) -> HttpResponse:
    """Show the conversation that holds this message; with `?sheet` htmx gets this message's sheet alone.

    Opening changes nothing: the page marks the conversation as read by a POST of its own.
    """
    message = visible_message(request.user, key)
    if wants_part(request) and "sheet" in request.GET:
        return sheet_part(request, message, is_awaited=request.GET["sheet"] == "whole")
    shown = sidebar(request.user)
    which = list_of(request.GET, LISTS[message.folder], shown=shown)
    account = shown.account(request.GET.get("account", ""))
    context = _context(request, shown, message, which, account)
    return render_screen(request, "mailbox/conversation", "_conversation", context)


def sheet_part(request: HttpRequest, message: Message, *, is_awaited: bool = False) -> HttpResponse:
    """Return the sheet of one message; 204 while its rest, which is awaited, is still to come."""
    known = on_server([message]).get(message.pk)
    if is_awaited and known and known.rest == Rest.COMING:
        return HttpResponse(status=204)
    shown = sidebar(request.user)
    tell_read(shown, message, [message])
    load_originals([message])
    attached = Attached([message])
    [sheet] = _annotated(request, shown, [open_sheet(message, _own_addresses(shown), known, attached=attached)])
    return render_screen(request, "mailbox/conversation", "_sheet", {"sheet": sheet})


def _annotated(request: HttpRequest, shown: Sidebar, sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return `sheets` with who they are from, what they leave out and how to leave their lists."""
    return with_lines(request, with_trust(_may_answer(sheets, shown), shown, request.user))


def _may_answer(sheets: Sequence[Sheet], shown: Sidebar) -> list[Sheet]:
    """Return `sheets`, those of accounts that the person may only read without their ways to answer."""
    silent = {account.pk for account in (*shown.accounts, *shown.hidden) if not account.may_send}
    return [replace(each, may_answer=False) if each.message.account_id in silent else each for each in sheets]


def _context(
    request: HttpRequest, shown: Sidebar, opened: Message, which: List, account: SideAccount | None
) -> dict[str, Any]:
    messages = messages_beside(opened)
    tell_read(shown, opened, messages)
    found = team_of(shown, messages, cast("User", request.user))
    return {
        "sidebar": shown,
        "list": which,
        "here": which.key,
        "account": account,
        "opened": opened,
        "subject": messages[0].subject,
        "may_answer": shown.of(opened.account_id).may_send,
        "clock": Clock.now(),
        "sheets": _annotated(request, shown, _sheets(messages, opened, shown)),
        "is_unread": any(not message.is_read for message in messages),
        "team": found,
        "offers": offers_of(messages, is_done=found.is_done if found else None),
        "query": query_in_pane(which, account),
        "place": query_of(which, account),
        "signs": signs_of_thread(shown, opened.thread_id),
        "own_account": shown.by_pk.get(opened.account_id) if len(shown.accounts) > 1 else None,
    }


def messages_beside(opened: Message) -> list[Message]:
    """Return the conversation in order, without what was thrown away; in the trash, or in spam, only that."""
    if opened.folder in THROWN_AWAY:
        there = _thrown_away(thread=opened.thread_id, folder=str(opened.folder))
    else:
        there = _kept(thread=opened.thread_id)
    # It may have been moved since `opened` was read.
    return there or [opened]


@Prepared
def _thrown_away(thread: int, folder: str) -> QuerySet[Message]:
    there = Message.objects.filter(thread=thread, folder=folder)
    return there.only(*_SHOWN_FOLDED).in_conversation_order()


@Prepared
def _kept(thread: int) -> QuerySet[Message]:
    there = Message.objects.filter(thread=thread).exclude(folder__in=THROWN_AWAY)
    return there.only(*_SHOWN_FOLDED).in_conversation_order()


def _sheets(messages: Sequence[Message], opened: Message, shown: Sidebar) -> list[Sheet]:
    newest = {message.pk for message in messages[-OPEN_LIMIT:] if not message.is_read}
    wanted = newest | {opened.pk, messages[-1].pk}
    unfolded = [message for message in messages if message.pk in wanted]
    load_originals(unfolded)
    attached, own, known = Attached(unfolded), _own_addresses(shown), on_server(unfolded)
    return [
        open_sheet(message, own, known.get(message.pk), attached=attached) if message.pk in wanted else Sheet(message)
        for message in messages
    ]


def _own_addresses(shown: Sidebar) -> frozenset[str]:
    return frozenset(account.address.lower() for account in shown.accounts)
