"""A team's conversation: who has it, what was said and done about it, and who is answering just now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import MailAccount, User
from mailbox import team
from mailbox.models import Draft, Message, TeamLine
from mailbox.models.team import LONGEST_NOTE
from mailbox.views.sidebar import SideAccount, Sidebar, sidebar
from webmail.htmx import wants_part


@dataclass(frozen=True)
class Team:
    """What a conversation shows of its team."""

    account: SideAccount
    assignee: User | None
    is_done: bool
    answering: Sequence[User]
    between: Mapping[int, Sequence[TeamLine]]
    """The lines that stand below a message, by its primary key."""
    last: Message

    @property
    def tail(self) -> Sequence[TeamLine]:
        """The lines below the last message."""
        return self.between.get(self.last.pk, ())


def team_of(shown: Sidebar, messages: Sequence[Message], reader: User) -> Team | None:
    """Return what the conversation of `messages` shows; None, and no query, where its account is no team's."""
    last = messages[-1]
    account = shown.of(last.account_id)
    if not account.is_team:
        return None
    mark = next(iter(team.marks_of([last.thread_id])), None)
    return Team(
        account=account,
        assignee=mark.assignee if mark else None,
        is_done=bool(mark and mark.is_done),
        answering=team.who_answers(last.thread_id, but=reader),
        between=_placed(team.lines(thread=last.thread_id), messages),
        last=last,
    )


def _placed(lines: Sequence[TeamLine], messages: Sequence[Message]) -> dict[int, list[TeamLine]]:
    """Return `lines` by the last message that was there when they were written."""
    placed: dict[int, list[TeamLine]] = {}
    for line in lines:
        below = [message for message in messages if _came_at(message) <= line.written_at]
        placed.setdefault((below or messages)[-1 if below else 0].pk, []).append(line)
    return placed


def _came_at(message: Message) -> datetime:
    return message.received_at


def line_words(line: TeamLine) -> str:
    """Say what somebody has done: "Alice gave this to Bob."."""
    names = {"author": line.author or _("Somebody"), "assignee": line.assignee}
    match line.kind:
        case TeamLine.Kind.GIVEN if line.assignee is None:
            return _("%(author)s made this nobody’s.") % names
        case TeamLine.Kind.GIVEN if line.assignee_id == line.author_id:
            return _("%(author)s took this.") % names
        case TeamLine.Kind.GIVEN:
            return _("%(author)s gave this to %(assignee)s.") % names
        case TeamLine.Kind.DONE:
            return _("%(author)s called this done.") % names
        case TeamLine.Kind.OPENED if line.author is None:
            return _("Open again: a new message came.")
        case _:
            return _("%(author)s opened this again.") % names


def _message(request: HttpRequest, key: str) -> Message:
    """The message of that key, in a team's mailbox that the reader reads; else 404."""
    there = Message.objects.visible_to(request.user).filter(account__is_team=True)
    return get_object_or_404(there.only("key", "thread_id", "account_id", "received_at"), key=key)


@never_cache
@require_safe
def now(request: HttpRequest, key: str) -> HttpResponse:
    """How it stands below the last message that the page shows: asked for whenever something changed."""
    message = _message(request, key)
    if not wants_part(request):
        return redirect("conversation", key)
    return _now(request, message)


def _now(request: HttpRequest, message: Message, *, has_written: bool = False) -> HttpResponse:
    found = team_of(sidebar(request.user), [message], cast("User", request.user))
    later = [line for line in found.tail if line.written_at >= message.received_at] if found else []
    context = {"team": found, "lines": later, "opened": message, "oob": True, "has_written": has_written}
    return render(request, "mailbox/team/_now.html", context)


@require_POST
def note(request: HttpRequest, key: str) -> HttpResponse:
    """Write a note into the conversation of this message."""
    message, text = _message(request, key), _typed(request)
    if text:
        line = TeamLine(thread_id=message.thread_id, account_id=message.account_id)
        line.write(text)
        line.kind, line.author = TeamLine.Kind.NOTE, cast("User", request.user)
        line.save()
        team.tell_pages([message.account_id])
    return _now(request, message, has_written=True) if wants_part(request) else _to_conversation(message)


@require_http_methods(["GET", "HEAD", "POST"])
def change_note(request: HttpRequest, key: str) -> HttpResponse:
    """Change or delete a note of one's own."""
    found = get_object_or_404(TeamLine.objects.written_by(request.user), key=key)
    message = Message.objects.filter(thread=found.thread_id).in_conversation_order().last()
    if message is None:
        return redirect("inbox")
    if request.method != "POST":
        context = {"note": found, "message": message, "longest": LONGEST_NOTE, "here": "inbox"}
        return render(request, "mailbox/team/note.html", context)
    text = _typed(request)
    if request.POST.get("do") == "delete":
        found.delete()
    elif text and text != found.text:
        found.write(text)
        found.changed_at = timezone.now()
        found.save()
    team.tell_pages([found.account_id])
    return _to_conversation(message)


@require_POST
def answering(request: HttpRequest, key: str) -> HttpResponse:
    """Note that the person has an answer to this message open; the page says so again before that is forgotten."""
    team.answers(cast("User", request.user), _message(request, key))
    return HttpResponse(status=204)


def answers_no_more(draft: Draft) -> None:
    """Note that an answer is open no longer: it was sent or thrown away."""
    if draft.parent_id:
        team.answers_no_more(draft.writer, draft.parent_id)


def is_team_answer(draft: Draft) -> bool:
    """Whether a draft answers a team's conversation, as long as its writer reads that."""
    parent = draft.parent
    teams = MailAccount.objects.visible_to(draft.writer).filter(is_team=True)
    return parent is not None and teams.filter(pk=parent.account_id).exists()


def _typed(request: HttpRequest) -> str:
    """The note as plain text with LF line ends; NUL, which PostgreSQL cannot store, is dropped."""
    return request.POST.get("text", "").replace("\r\n", "\n").replace("\0", "").strip()[:LONGEST_NOTE]


def _to_conversation(message: Message) -> HttpResponse:
    return redirect(f"{reverse('conversation', args=[message.key])}#team-now")
