"""Files of mail that people have uploaded, and how far they are imported."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import MailAccount
from webmail.claims import Claimable
from webmail.keys import new_key

_KEPT = timedelta(days=30)


class MailImportQuerySet(models.QuerySet["MailImport"]):
    def due(self, now: datetime) -> Self:
        """Imports that are not through and that no process works on."""
        return self.filter(MailImport.is_free(now), state=MailImport.State.RUNNING).order_by("pk")


class MailImport(Claimable):
    """A file on its way into an account. It lies in `folder()` under its key until it is through."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        STOPPED = "stopped"

    NAMED = 20

    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    account = models.ForeignKey(MailAccount, models.CASCADE, related_name="imports")
    file_name = models.CharField(max_length=255)
    octets_count = models.PositiveBigIntegerField()
    octets_done = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    found_count = models.PositiveIntegerField(default=0)
    new_count = models.PositiveIntegerField(default=0)
    # What could not be read, in the reader's own words: the first of it, and how much there was.
    skipped = models.JSONField(default=list)
    skipped_count = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField(default=timezone.now)

    objects = MailImportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state"], name="mail_import_due", condition=Q(state="running"))]

    def __str__(self) -> str:
        return f"{self.file_name} into {self.account_id}"

    @staticmethod
    def folder() -> Path:
        """Where uploaded files lie, for this installation's processes alone."""
        path: Path = settings.DATA_DIR / "imports"
        path.mkdir(mode=0o700, exist_ok=True)
        return path

    @property
    def path(self) -> Path:
        return self.folder() / self.key

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING

    @property
    def known_count(self) -> int:
        """Messages that were here already."""
        return self.found_count - self.new_count

    def stop(self) -> None:
        """Have no further batch begun; what came stays."""
        type(self).objects.filter(pk=self.pk, state=self.State.RUNNING).update(state=self.State.STOPPED)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        self.path.unlink(missing_ok=True)
        return super().delete(*args, **options)

    @classmethod
    def prune(cls, now: datetime) -> None:
        """Forget old imports, and delete files that belong to none: their upload was cut, or their account is gone."""
        for each in cls.objects.filter(begun_at__lt=now - _KEPT).exclude(state=cls.State.RUNNING):
            each.delete()
        running = set(cls.objects.filter(state=cls.State.RUNNING).values_list("key", flat=True))
        for path in cls.folder().iterdir():
            if path.name not in running and path.stat().st_mtime < (now - timedelta(days=1)).timestamp():
                path.unlink(missing_ok=True)
