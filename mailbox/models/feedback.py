"""What is reported of a sent message after it arrived."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from mailbox.models.message import Message
from mailbox.models.outgoing import Outgoing


class Feedback(models.Model):
    """That a message was opened, deleted or called spam. Anybody can write such a report, so it decides nothing."""

    class Kind(models.TextChoices):
        DISPLAYED = "displayed", _("opened")
        DELETED = "deleted", _("deleted")
        DISPATCHED = "dispatched", _("passed on")
        PROCESSED = "processed", _("taken by a program")
        DENIED = "denied", _("receipt declined")
        FAILED = "failed", _("receipt failed")
        ABUSE = "abuse", _("reported as spam")
        FRAUD = "fraud", _("reported as fraud")
        VIRUS = "virus", _("reported as harmful")
        NOT_SPAM = "not-spam", _("reported as no spam")
        OPT_OUT = "opt-out", _("wants no more of this")
        OTHER = "other", _("complained about")

    # No index of its own: the constraint begins with it.
    outgoing = models.ForeignKey(Outgoing, models.CASCADE, related_name="feedback", db_index=False)
    # One of its recipients; empty where the report names nobody whom it was sent to.
    address = models.CharField(max_length=320, blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    reported_at = models.DateTimeField()
    report = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["reported_at", "id"]
        # However many reports are written, they fill no table.
        constraints = [models.UniqueConstraint(fields=["outgoing", "address", "kind"], name="one_feedback_of_a_kind")]

    def __str__(self) -> str:
        return f"{self.address}: {self.kind}"

    @property
    def is_complaint(self) -> bool:
        return self.kind in (self.Kind.ABUSE, self.Kind.FRAUD, self.Kind.VIRUS, self.Kind.OTHER)
