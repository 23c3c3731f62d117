"""The people somebody has written to, as the address fields offer them."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from accounts.models import User
from mailbox.mime.addresses import Address
from mailbox.mime.completion import marked, sought
from webmail.keys import new_key

# A message written today weighs as much as two of this age.
_HALF_LIFE = timedelta(days=60)
_LONGEST_NAME, _LONGEST_ADDRESS = 255, 320


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Whom somebody writes to is his own business, whoever else reads the account."""
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def matching(self, query: str) -> Self:
        """Contacts of which a word begins with each word of `query`, best first; none for an empty query."""
        pieces = sought(query)
        if not pieces:
            return self.none()
        return self.filter(*(Q(words__contains=piece) for piece in pieces)).order_by("-weight", "id")

    def upsert(self, contacts: Iterable["Contact"]) -> None:
        """Write the rows, over those of the same owner and address: one statement for some hundred of them."""
        # In one order, or two transactions could wait for each other's rows.
        rows = sorted(contacts, key=lambda each: (each.owner_id, each.folded))
        Contact.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["owner", "folded"],
            update_fields=["name", "address", "words", "uses", "last_used_at", "weight"],
        )


class Contact(models.Model):
    """One address that a person has written to, under the name that was used last."""

    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    # No index of its own: the two below begin with it.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="contacts", db_index=False)
    name = models.CharField(max_length=_LONGEST_NAME, blank=True)
    # As it was written last; the letters before the @ are passed on as they are (RFC 5321, 2.4).
    address = models.CharField(max_length=_LONGEST_ADDRESS)
    folded = models.CharField(max_length=_LONGEST_ADDRESS)
    # Name and address as `mailbox.mime.completion` compares them.
    words = models.TextField()
    uses = models.PositiveIntegerField(default=0)
    last_used_at = models.DateTimeField()
    # Uses that fade with time, as a logarithm: the order of two contacts changes only when one of them is used.
    weight = models.FloatField()

    objects = ContactQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "folded"], name="one_contact_per_address")]
        indexes = [models.Index(fields=["owner", "-weight", "id"], name="contact_best")]

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address

    @property
    def as_address(self) -> Address:
        return Address(self.name, self.address)

    def use(self, written: Address, moment: datetime) -> None:
        """Count one message to this contact, sent at `moment` to the name and address `written`; stores nothing."""
        weight, name = moment.timestamp() / _HALF_LIFE.total_seconds(), written.name[:_LONGEST_NAME]
        if not self.uses or moment >= self.last_used_at:
            self.last_used_at = moment
            self.address, self.name = written.address[:_LONGEST_ADDRESS], name or self.name
        self.name = self.name or name
        self.words = marked(self.name, self.address)
        self.weight = _sum(self.weight, weight) if self.uses else weight
        self.uses += 1

    @staticmethod
    def fold(address: str) -> str:
        """What two spellings of one address have in common."""
        return address.lower()[:_LONGEST_ADDRESS]


def _sum(one: float, other: float) -> float:
    """The logarithm to base 2 of the sum of what two such logarithms stand for."""
    most, least = max(one, other), min(one, other)
    return most + math.log2(1 + 2 ** (least - most))
