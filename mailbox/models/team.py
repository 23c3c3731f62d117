"""What a team has settled about its conversations: who answers, what is done, and what was said about it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox.mime.tokens import Term, tokens
from mailbox.models.thread import Thread
from webmail.keys import new_key

LONGEST_NOTE = 10_000


class TeamMark(models.Model):
    """Whose a conversation is, and whether it is done. One that is nobody's and open has no row, or an empty one."""

    thread = models.OneToOneField(Thread, models.CASCADE, primary_key=True, related_name="team_mark")
    account = models.ForeignKey(MailAccount, models.CASCADE, related_name="+", db_index=False)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    is_done = models.BooleanField(default=False)
    # When the team or a new message touched it last: its place in the team's lists.
    moved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(
                fields=["assignee", "account", "-moved_at", "-thread"],
                name="team_mark_assigned",
                condition=Q(is_done=False, assignee__isnull=False),
            ),
            models.Index(fields=["account", "-moved_at", "-thread"], name="team_mark_done", condition=Q(is_done=True)),
        ]

    def __str__(self) -> str:
        return f"team mark of thread {self.thread_id}"


class TeamLineQuerySet(models.QuerySet["TeamLine"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(account__in=MailAccount.objects.visible_to(user))

    def holding(self, terms: Sequence[Term], accounts: Collection[int]) -> Self:
        """Notes in `accounts` that hold every one of `terms`."""
        words = [Q(words__contains=f" {' '.join(term.tokens)}{'' if term.is_prefix else ' '}") for term in terms]
        return self.filter(*words, account__in=accounts, kind=TeamLine.Kind.NOTE)

    def written_by(self, user: User | AnonymousUser) -> Self:
        """Notes that `user` may change: his own, for as long as he reads the account."""
        return self.visible_to(user).filter(author=user.pk, kind=TeamLine.Kind.NOTE)


class TeamLine(models.Model):
    """A line between the messages of a team's conversation, which no mail and no export ever holds."""

    class Kind(models.TextChoices):
        NOTE = "note"
        GIVEN = "given"
        DONE = "done"
        OPENED = "opened"

    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    account = models.ForeignKey(MailAccount, models.CASCADE, related_name="+", db_index=False)
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="team_lines", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    # None: a message that came, or somebody who is no more.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    # To whom it was given; None: to nobody.
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    text = models.TextField(blank=True)
    # The tokens of a note with a space around each, as the search compares them.
    words = models.TextField(blank=True, default="", editable=False)
    written_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(null=True)

    objects = TeamLineQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["thread", "written_at"], name="team_line_thread"),
            models.Index(fields=["account", "-written_at"], name="team_notes", condition=Q(kind="note")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in thread {self.thread_id}"

    def write(self, text: str) -> None:
        """Take this text, and what it is found by; stores nothing."""
        self.text, self.words = text, f" {' '.join(tokens(text))} "


class Answering(models.Model):
    """Somebody has an answer to a team's conversation open. It says so itself, and is forgotten when it stops."""

    LASTS = timedelta(seconds=30)

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="+", db_index=False)
    account = models.ForeignKey(MailAccount, models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "user"], name="one_answering_per_person")]
        indexes = [models.Index(fields=["account", "until"], name="answering_account")]

    def __str__(self) -> str:
        return f"{self.user} answers thread {self.thread_id}"

    @classmethod
    def prune(cls, now: datetime) -> int:
        """Delete what nobody sees any more; return how many."""
        return cls.objects.filter(until__lt=now).delete()[0]
