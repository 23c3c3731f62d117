"""What changes with everything that an open page shows by itself: three short words, for four small questions.

A page carries the words that it was made with and asks again and again whether they still hold (`poll`, `live`).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from accounts.models import MailAccount, User
from mailbox.models import Outgoing
from mailbox.views.sidebar import is_in_trouble, mail_token
from webmail.prepared import Prepared

# What leaves first is what somebody looks at; a mailing of thousands must not make every poll read it whole.
_LEAVING = 100


@dataclass(frozen=True, slots=True)
class Pulse:
    """One word for each topic; a word changes with anything that screens show of its topic."""

    mail: str
    """The lists and their counts, and the accounts in trouble."""
    sending: str
    """What is on its way out."""
    pulls: str
    """How the pulls go."""

    def __str__(self) -> str:
        return ".".join(astuple(self))

    def changed_since(self, words: str) -> list[str]:
        """Return the topics whose words are not those in `words`, an earlier pulse as text; all of them for rubbish."""
        earlier = words.split(".")
        is_pulse = len(earlier) == len(fields(self))
        now = zip(fields(self), astuple(self), strict=True)
        return [field.name for at, (field, word) in enumerate(now) if not is_pulse or word != earlier[at]]


def pulse_of(user_pk: int) -> Pulse:
    """Return the pulse of a person. Two queries, however many accounts he reads."""
    accounts = [_Account(*row) for row in _accounts(user=user_pk)]
    pks = [account.pk for account in accounts]
    return Pulse(
        mail=mail_token((account.pk, account.revision, account.is_in_trouble()) for account in accounts),
        sending=_word(_leaving(accounts=pks) if pks else ()),
        pulls=_word((account.pk, account[_PULL]) for account in accounts),
    )


class _Account(NamedTuple):
    """An account, and from the third column on its maildrop, or None for each."""

    pk: int
    revision: int
    is_paused: bool | None
    failure_count: int | None
    claimed_at: datetime | None
    came_count: int | None
    wanted_count: int | None
    last_pulled_at: datetime | None
    due_at: datetime | None
    trouble: str | None
    notice: str | None

    def is_in_trouble(self) -> bool:
        return self.failure_count is not None and is_in_trouble(bool(self.is_paused), self.failure_count)


_PULL = slice(2, None)


@Prepared
def _accounts(user: int) -> QuerySet[MailAccount, tuple[Any, ...]]:
    maildrop = [f"remote_maildrop__{name}" for name in _Account._fields[_PULL]]
    return MailAccount.objects.visible_to(User(pk=user)).values_list("pk", "revision", *maildrop)


@Prepared
def _leaving(accounts: list[int]) -> QuerySet[Outgoing, tuple[Any, ...]]:
    unfinished = Outgoing.objects.filter(account__in=accounts, finished_at=None).order_by("due_at", "pk")
    return unfinished.values_list("pk", "due_at", "claimed_at", "attempt_count")[:_LEAVING]


def _word(facts: Iterable[object]) -> str:
    """Hash the facts: they go into URLs, where no id may be read."""
    return hashlib.blake2s(repr(list(facts)).encode(), digest_size=6).hexdigest()
