"""Labels: a person's own words on conversations, whichever account they lie in."""

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import MailAccount, User
from mailbox.models.thread import Folder, Thread
from webmail.keys import new_key

LONGEST_NAME = 100


class LabelQuerySet(models.QuerySet["Label"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Labels belong to one person: members of a shared account each have their own."""
        return self.filter(owner=user) if user.is_authenticated else self.none()


class Label(models.Model):
    """A word, nested by "/": "Travel/Japan" stands below "Travel", whether or not that is a label too."""

    COLOUR_COUNT = MailAccount.COLOUR_COUNT

    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="labels", db_index=False)
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    colour = models.PositiveSmallIntegerField(_("colour"), default=0)

    objects = LabelQuerySet.as_manager()

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        constraints = [
            models.UniqueConstraint(
                "owner",
                Lower("name"),
                name="one_label_per_name",
                violation_error_message=_("You have a label of that name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def tidy(name: str) -> str:
        """Return a typed name without empty levels and needless spaces; "" where nothing is left."""
        return "/".join(level for each in name.split("/") if (level := " ".join(each.split())))

    @classmethod
    def next_colour(cls, owner: User) -> int:
        """Return the colour after that of the person's newest label."""
        last = cls.objects.filter(owner=owner).order_by("-pk").values_list("colour", flat=True).first()
        return 0 if last is None else (last + 1) % cls.COLOUR_COUNT

    def tell_pages(self) -> None:
        """Have the open pages of its owner draw their lists again: a label has another look, or is no more."""
        MailAccount.objects.visible_to(self.owner).update(revision=F("revision") + 1)

    def rename(self, name: str) -> None:
        """Take another name, and take along what is nested below this label. In a transaction."""
        below = f"{self.name}/"
        for nested in type(self).objects.filter(owner=self.owner_id, name__startswith=below):
            moved = f"{name}/{nested.name.removeprefix(below)}"
            type(self).objects.filter(pk=nested.pk).update(name=moved[:LONGEST_NAME])
        self.name = name


class Labelled(models.Model):
    """A conversation that has a label, and where it stands in the label's list.

    The last three columns are derived by `threads.refresh`: which of the conversation's entries is shown, when its
    newest message came, and whether one of its messages is unread. What lies in the trash or in spam alone stands in
    no list, so the first two say nothing.
    """

    # No index of their own for what the constraint and the list begin with.
    label = models.ForeignKey(Label, models.CASCADE, related_name="labelled", db_index=False)
    account = models.ForeignKey(MailAccount, models.CASCADE, related_name="+", db_index=False)
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="labelled")
    folder = models.CharField(max_length=10, choices=Folder, blank=True)
    newest_at = models.DateTimeField(null=True)
    is_unread = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["label", "thread"], name="one_label_of_a_kind")]
        indexes = [
            models.Index(
                fields=["label", "account", "-newest_at", "-id"],
                name="labelled_list",
                condition=Q(newest_at__isnull=False),
            ),
            models.Index(fields=["label", "account"], name="labelled_unread", condition=Q(is_unread=True)),
        ]

    def __str__(self) -> str:
        return f"label {self.label_id} on thread {self.thread_id}"
