"""Who has written to an account, under which names, and since when: what a first message is held against."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from django.db import models

from accounts.models import MailAccount
from mailbox.models import rows
from mailbox.models.message import Message

_LONGEST_NAME, _LONGEST_ADDRESS = 255, 320


@lru_cache(maxsize=4096)
def fold_name(name: str) -> str:
    """Return `name` as names are compared: in one case and one width, with single spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())[:_LONGEST_NAME]


@lru_cache(maxsize=4096)
def fold_address(address: str) -> str:
    """Return `address` as addresses of senders are compared; no provider tells DANA@ from dana@."""
    return address.casefold()[:_LONGEST_ADDRESS]


class Sender(models.Model):
    """An address with one of its names. Rows outlive the messages: who has written is known after a tidying-up, too.

    A table of its own and no index of the messages: those of a full mailbox would be the dearest part of storing one.
    """

    account = models.ForeignKey(MailAccount, models.CASCADE, related_name="+", db_index=False)
    address = models.CharField(max_length=_LONGEST_ADDRESS)
    name = models.CharField(max_length=_LONGEST_NAME, blank=True)
    # When the first of these messages was received; the others may have been stored before it.
    first_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "address", "name"], name="one_sender_per_name")]
        indexes = [models.Index(fields=["account", "name", "address"], name="sender_name")]

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>"

    @classmethod
    def note(cls, messages: Iterable[Message]) -> None:
        """Remember who wrote `messages`: one statement, in the transaction that stores them."""
        first: dict[tuple[int, str, str], datetime] = {}
        for message in messages:
            if message.sender_address:
                address, name = fold_address(message.sender_address), fold_name(message.sender_name)
                seen = (message.account_id, address, name)
                first[seen] = min(first.get(seen, message.received_at), message.received_at)
        rows.write_earlier(cls, (*_KEY, "first_at"), [(*seen, at) for seen, at in first.items()])


_KEY = ("account_id", "address", "name")
