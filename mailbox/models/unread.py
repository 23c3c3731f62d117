"""What the members of a shared account have not read. Of its owner the messages themselves say it."""

from django.db import models

from accounts.models import Membership
from mailbox.models.thread import Thread


class Unread(models.Model):
    """A conversation that a member has not read, from the message on that was received at `since`.

    Whatever has no row is read, so that somebody who joins an account of a hundred thousand messages costs no row, and
    an account without members none ever.
    """

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="+", db_index=False)
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["membership", "thread"], name="one_unread_per_member")]

    def __str__(self) -> str:
        return f"thread {self.thread_id} unread by member {self.membership_id}"
