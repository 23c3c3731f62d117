"""What a team knows of its conversations: read for the screens, merged with them, opened again by what comes.

The acts themselves are in `teamwork`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, QuerySet
from django.db.models.functions import Left
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox.mime.tokens import query_terms
from mailbox.models import Answering, Folder, Message, TeamLine, TeamMark
from webmail.prepared import Prepared


def meet(account_id: int, arrivals: Iterable[Message]) -> None:
    """Open conversations again that were done, for what has just come into them. In delivery's transaction."""
    coming = {message.thread_id for message in arrivals if message.folder == Folder.INBOX}
    if not coming:
        return
    marks = TeamMark.objects.filter(thread__in=coming)
    done = list(marks.filter(is_done=True).values_list("pk", flat=True))
    marks.update(is_done=False, moved_at=timezone.now())
    write_lines([TeamLine(account_id=account_id, thread_id=pk, kind=TeamLine.Kind.OPENED) for pk in done])


def write_lines(lines: Sequence[TeamLine]) -> None:
    if lines:
        TeamLine.objects.bulk_create(lines)


def marks_of(thread_ids: Collection[int]) -> list[TeamMark]:
    """Return the marks of those conversations that have one, each with the one who has it. No query without any."""
    return _marks(threads=list(thread_ids)) if thread_ids else []


@Prepared
def _marks(threads: list[int]) -> QuerySet[TeamMark]:
    return TeamMark.objects.filter(thread__in=threads).select_related("assignee")


@Prepared
def lines(thread: int) -> QuerySet[TeamLine]:
    """What the team has said and done in one conversation, in its order."""
    there = TeamLine.objects.filter(thread=thread).select_related("author", "assignee")
    return there.order_by("written_at", "pk")


def lines_of(thread_ids: Collection[int]) -> frozenset[int]:
    """Return the primary keys of what the team did with these conversations; no query without any."""
    there = TeamLine.objects.filter(thread__in=thread_ids).exclude(kind=TeamLine.Kind.NOTE)
    return frozenset(there.values_list("pk", flat=True)) if thread_ids else frozenset()


def merge(into: int, others: Collection[int]) -> None:
    """Give one conversation what the team knows of `others`, which become part of it. In a transaction."""
    TeamLine.objects.filter(thread__in=others).update(thread=into)
    found = TeamMark.objects.filter(thread__in=[into, *others]).order_by("-moved_at")
    if any(mark.pk != into for mark in found):
        TeamMark.objects.update_or_create(thread_id=into, defaults=_together(found))


def _together(marks: Collection[TeamMark]) -> Mapping[str, Any]:
    latest = next(iter(marks))
    return {
        "account_id": latest.account_id,
        "assignee_id": next((mark.assignee_id for mark in marks if mark.assignee_id), None),
        "is_done": all(mark.is_done for mark in marks),
        "moved_at": latest.moved_at,
    }


class Noted(NamedTuple):
    """The latest note of a conversation that holds what was searched for: when it was written, and how it begins."""

    written_at: datetime
    beginning: str


_BEGINNING = 200


def threads_noted(
    words: str, accounts: Collection[int], *, limit: int, among: Collection[int] | None = None
) -> dict[int, Noted]:
    """Return the conversations of which a note holds every word, at most `limit`; of all, or of those `among` which."""
    terms = query_terms(words)
    if not (terms and accounts):
        return {}
    notes = TeamLine.objects.holding(terms, accounts)
    if among is not None:
        notes = notes.filter(thread__in=among)
    rows = notes.order_by("-written_at").values_list("thread_id", "written_at", Left("text", _BEGINNING))[:limit]
    return {thread: Noted(at, beginning) for thread, at, beginning in reversed(list(rows))}


# Who answers ---------------------------------------------------------------------------------------------------------


def answers(user: User, message: Message) -> None:
    """Note for half a minute that `user` answers the conversation of `message`; open pages hear of it at once."""
    until = timezone.now() + Answering.LASTS
    here = Answering.objects.filter(thread=message.thread_id, user=user)
    is_known = here.filter(until__gt=timezone.now()).exists()
    here.update_or_create(
        thread_id=message.thread_id, user=user, defaults={"account_id": message.account_id, "until": until}
    )
    if not is_known:
        tell_pages([message.account_id])


def answers_no_more(user: User, message_pk: int) -> None:
    here = Answering.objects.filter(thread__messages=message_pk, user=user)
    accounts = list(here.values_list("account_id", flat=True))
    if accounts:
        here.delete()
        tell_pages(accounts)


def who_answers(thread_id: int, *, but: User) -> list[User]:
    """Return who has an answer to this conversation open just now, other than `but`."""
    there = Answering.objects.filter(thread=thread_id, until__gt=timezone.now()).exclude(user=but)
    return [each.user for each in there.select_related("user").order_by("pk")]


def tell_pages(accounts: Collection[int]) -> None:
    MailAccount.objects.filter(pk__in=accounts).update(revision=F("revision") + 1)
