"""What a conversation carries that none of its messages tells: that it is muted, that it sleeps, that it came back."""

from django.db import models
from django.db.models import Q

from accounts.models import MailAccount
from mailbox.models.thread import Thread


class ThreadMark(models.Model):
    """A conversation out of the ordinary. Most have no row, so that a pull finds next to nothing to read here."""

    thread = models.OneToOneField(Thread, models.CASCADE, primary_key=True, related_name="mark")
    account = models.ForeignKey(MailAccount, models.CASCADE, related_name="+", db_index=False)
    # New messages go past the inbox.
    is_muted = models.BooleanField(default=False)
    # When it comes back into the inbox; null while it does not sleep.
    wakes_at = models.DateTimeField(null=True)
    # When it last came back: there it stands in the inbox, however old its messages are.
    woke_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["wakes_at"], name="mark_due", condition=Q(wakes_at__isnull=False)),
            models.Index(
                fields=["account", "wakes_at", "thread"], name="mark_sleeping", condition=Q(wakes_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"mark of thread {self.thread_id}"
