"""One act on many conversations, done in batches that a worker's death cannot spoil, and taken back as exactly."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from accounts.models import User
from mailbox.models.deed import KEPT
from webmail.claims import Claimable
from webmail.keys import new_key


class BulkActQuerySet(models.QuerySet["BulkAct"]):
    def of(self, user: User | AnonymousUser) -> Self:
        """Acts of this person: nobody else sees, stops or takes them back."""
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def due(self, now: datetime) -> Self:
        """Acts that are not through and that no process works on."""
        return self.filter(BulkAct.is_free(now), state__in=BulkAct.UNDER_WAY).order_by("pk")


class BulkAct(Claimable):
    """What a person does to many conversations at once; `done_count` of them are through."""

    class State(models.TextChoices):
        DOING = "doing"
        DONE = "done"
        STOPPED = "stopped"
        UNDOING = "undoing"
        UNDONE = "undone"

    UNDER_WAY = (State.DOING, State.UNDOING)
    # The verbs that leave nothing behind that could be taken back.
    FINAL = frozenset({"delete"})

    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    # A name in `bulk.CHANGES`, or one of FINAL.
    verb = models.CharField(max_length=20)
    # What that change takes by name beside the conversations.
    given = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.DOING)
    # The list whose conversations a worker is still to write into batches, as `extent` has it; null once that is done.
    extent = models.JSONField(null=True)
    # The newest message of all that was there when it began: what came later is not put away unseen.
    last_message = models.PositiveBigIntegerField(null=True)
    conversation_count = models.PositiveIntegerField()
    done_count = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField()

    objects = BulkActQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state"], name="bulk_act_due", condition=Q(state__in=["doing", "undoing"])),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.conversation_count} conversations"

    @property
    def is_under_way(self) -> bool:
        return self.state in self.UNDER_WAY

    @property
    def is_listed(self) -> bool:
        """Whether it is known by now how many conversations there are."""
        return self.extent is None

    @property
    def is_final(self) -> bool:
        return self.verb in self.FINAL

    @property
    def can_be_undone(self) -> bool:
        return not self.is_final and self.state in (self.State.DONE, self.State.STOPPED)

    def stop(self) -> bool:
        """Have no further batch begun; False when there was nothing left to stop."""
        return bool(self._changes_to(self.State.STOPPED, self.State.DOING))

    def take_back(self) -> bool:
        """Have what was done undone; False when that is under way or over."""
        return not self.is_final and bool(self._changes_to(self.State.UNDOING, self.State.DONE, self.State.STOPPED))

    def next_batch(self) -> "BulkBatch | None":
        """Return what is to be done next in the state that the row has now; None when this act is through."""
        self.refresh_from_db(fields=["state", "done_count"])
        if self.state == self.State.DOING:
            return self.batches.filter(is_done=False).order_by("number").first()
        if self.state == self.State.UNDOING:
            return self.batches.filter(is_done=True).order_by("-number").first()
        return None

    def fill(self, thread_ids: Sequence[int], size: int) -> None:
        """Write the batches of what was found in its extent. In the transaction of whoever holds the claim."""
        BulkBatch.cut(self, thread_ids, size)
        self.extent, self.conversation_count = None, len(thread_ids)
        self.save(update_fields=["extent", "conversation_count"])

    def ended(self) -> None:
        """Note that no batch is left."""
        self._changes_to(self.State.DONE, self.State.DOING)
        self._changes_to(self.State.UNDONE, self.State.UNDOING)
        self.refresh_from_db(fields=["state"])

    @classmethod
    def prune(cls, now: datetime) -> None:
        cls.objects.filter(begun_at__lt=now - KEPT).exclude(state__in=cls.UNDER_WAY).delete()

    def _changes_to(self, state: State, *before: State) -> int:
        return BulkAct.objects.filter(pk=self.pk, state__in=before).update(state=state)


class BulkBatch(models.Model):
    """Some conversations of an act, done in one transaction together with this row."""

    act = models.ForeignKey(BulkAct, models.CASCADE, related_name="batches", db_index=False)
    number = models.PositiveIntegerField()
    threads = models.JSONField()
    # The key of what it changed; "" where it changed nothing.
    deed = models.CharField(max_length=16, blank=True)
    is_done = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["act", "number"], name="one_bulk_batch_per_number")]

    def __str__(self) -> str:
        return f"batch {self.number} of {self.act_id}"

    @classmethod
    def cut(cls, act: BulkAct, thread_ids: Sequence[int], size: int) -> None:
        """Write the batches of `act`, `size` conversations each."""
        starts = range(0, len(thread_ids), size)
        BulkBatch.objects.bulk_create(
            BulkBatch(act=act, number=number, threads=list(thread_ids[start : start + size]))
            for number, start in enumerate(starts)
        )
