"""What a team does with its conversations: give them to somebody, call them done, open them again."""

from collections.abc import Collection

from django.utils import timezone

from accounts.models import MailAccount
from mailbox import standing, team, threads
from mailbox.models import Folder, Message, TeamLine, TeamMark, Thread


@threads.action
def assign(thread_ids: Collection[int], *, actor: int, to: int | None) -> None:
    """Give conversations to the person `to`, or to nobody; what is his, or not his to read, stays."""
    for account, there in _by_account(thread_ids).items():
        if to is not None and not MailAccount.objects.filter(pk=account).readers().filter(pk=to).exists():
            continue
        had = dict(TeamMark.objects.filter(thread__in=there).values_list("pk", "assignee_id"))
        changed = [pk for pk in there if had.get(pk) != to]
        _mark(account, changed, assignee_id=to)
        _say(account, changed, TeamLine.Kind.GIVEN, actor, assignee_id=to)


@threads.action
def close(thread_ids: Collection[int], *, actor: int) -> None:
    """Call conversations done, and take them out of the inbox."""
    for account, there in _by_account(thread_ids).items():
        done = set(TeamMark.objects.filter(thread__in=there, is_done=True).values_list("pk", flat=True))
        _mark(account, there, is_done=True)
        _say(account, [pk for pk in there if pk not in done], TeamLine.Kind.DONE, actor)
        here = Message.objects.filter(thread__in=there, folder__in=[Folder.INBOX, Folder.SNOOZED])
        here.update(folder=Folder.ARCHIVE)
        standing.forget_sleep(there)


@threads.action
def reopen(thread_ids: Collection[int], *, actor: int) -> None:
    """Bring conversations that were done back into the inbox."""
    done = TeamMark.objects.filter(thread__in=thread_ids, is_done=True)
    for account, there in _by_account(list(done.values_list("pk", flat=True))).items():
        Message.objects.filter(thread__in=there, folder=Folder.ARCHIVE).update(folder=Folder.INBOX)
        _mark(account, there, is_done=False)
        _say(account, there, TeamLine.Kind.OPENED, actor)


def _by_account(thread_ids: Collection[int]) -> dict[int, list[int]]:
    """Return those of the conversations that belong to teams, by their accounts."""
    found: dict[int, list[int]] = {}
    there = Thread.objects.filter(pk__in=thread_ids, account__is_team=True).order_by("pk")
    for pk, account in there.values_list("pk", "account_id"):
        found.setdefault(account, []).append(pk)
    return found


def _mark(account: int, thread_ids: Collection[int], **changes: int | bool | None) -> None:
    now = timezone.now()
    marks = [TeamMark(thread_id=pk, account_id=account, moved_at=now, **changes) for pk in thread_ids]
    fields = [name.removesuffix("_id") for name in changes]
    TeamMark.objects.bulk_create(
        marks, update_conflicts=True, unique_fields=["thread"], update_fields=[*fields, "moved_at"]
    )


def _say(account: int, thread_ids: Collection[int], kind: TeamLine.Kind, actor: int, **more: int | None) -> None:
    team.write_lines(
        [TeamLine(account_id=account, thread_id=pk, kind=kind, author_id=actor, **more) for pk in thread_ids]
    )
