"""A person's mail packed into one file that only he can download, for a day."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import MailAccount, User
from mailbox.models.label import Label
from webmail.claims import Claimable
from webmail.keys import new_key

# Long enough to find a moment for a large download, short enough that no second copy of a mailbox lies about.
KEPT = timedelta(days=1)
# Files of one person that may lie there at once, those that are being made with them.
MOST = 3


class ExportQuerySet(models.QuerySet["Export"]):
    def of(self, user: User | AnonymousUser) -> Self:
        """Exports of this person: nobody else sees, downloads or deletes them."""
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def due(self, now: datetime) -> Self:
        """Exports that are still to be made and that no process works on."""
        return self.filter(Export.is_free(now), state=Export.State.WAITING).order_by("pk")

    def current(self, now: datetime) -> Self:
        """Those whose day is not over."""
        return self.filter(Q(ready_at=None, begun_at__gt=now - KEPT) | Q(ready_at__gt=now - KEPT))


class Export(Claimable):
    """What is packed: all mail of the person's own accounts, of one of them, or what has one of his labels."""

    class Form(models.TextChoices):
        MBOX = "mbox", _("One mbox file for each folder")
        EML = "eml", _("One .eml file for each message")

    class State(models.TextChoices):
        WAITING = "waiting"
        READY = "ready"
        FAILED = "failed"

    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    account = models.ForeignKey(MailAccount, models.CASCADE, null=True, related_name="+", db_index=False)
    label = models.ForeignKey(Label, models.CASCADE, null=True, related_name="+", db_index=False)
    form = models.CharField(max_length=10, choices=Form, default=Form.MBOX)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    # The system's own words where it failed.
    problem = models.CharField(max_length=255, blank=True)
    # Null until it is known.
    message_count = models.PositiveIntegerField(null=True)
    done_count = models.PositiveIntegerField(default=0)
    octets_count = models.PositiveBigIntegerField(default=0)
    begun_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state"], name="export_due", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return f"export {self.key}"

    @property
    def is_under_way(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def path(self) -> Path:
        """Where the file lies, in a folder that web server and worker share."""
        return folder() / f"{self.key}.zip"

    @property
    def name(self) -> str:
        """What the file is called where it is saved."""
        return f"mail-{self.begun_at:%Y-%m-%d}.zip"

    @property
    def leaves_at(self) -> datetime | None:
        return self.ready_at + KEPT if self.ready_at else None

    def remove(self) -> None:
        """Forget it, and delete its file; a worker that still writes it finds its claim gone."""
        self.delete()
        self.path.unlink(missing_ok=True)

    @classmethod
    def prune(cls, now: datetime) -> None:
        """Delete what is over, and files to which no row belongs any more."""
        cls.objects.exclude(pk__in=cls.objects.current(now).values("pk")).delete()
        known = set(cls.objects.values_list("key", flat=True))
        for path in folder().glob("*"):
            if path.name.partition(".")[0] not in known:
                path.unlink(missing_ok=True)


def folder() -> Path:
    return Path(settings.DATA_DIR) / "exports"
