"""After an account was handed over, the octets of its mail come under the new owner's name, piece by piece.

Octets are stored once per person, so those that both have become one, and those that the former owner still needs
elsewhere are copied. Until all is done the account remembers its former owner, and whoever delivers settles first what
he brings: a message that is here is recognised all the while.
"""

from collections.abc import Collection, Iterator

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from accounts.models import MailAccount, User
from mailbox.models import Deposit, DraftFile, Message, Original, Outgoing

_AT_ONCE = 500
_HOLDERS = (Message, Outgoing)


def settle(account: MailAccount) -> None:
    """Bring all octets of `account` under its owner's name; a crash leaves a rest that the next call does."""
    for pks in _pieces(account):
        with transaction.atomic():
            _bring(_held(account), pks)
    MailAccount.objects.filter(pk=account.pk, owner=account.owner_id).update(former_owner=None)


def settle_octets(account: MailAccount, hashes: Collection[str]) -> None:
    """Bring those of these octets that `account` has under its owner's name. In a transaction that holds it."""
    strange = Original.objects.filter(sha256__in=hashes, owner=account.former_owner_id).filter(_is_of(account))
    _bring(account, list(strange.values_list("pk", flat=True)))


def settle_due() -> None:
    """Finish what was begun."""
    for account in MailAccount.objects.filter(former_owner__isnull=False):
        settle(account)


def settle_from(person: User) -> None:
    """Let nobody's mail lie under the name of `person`, who is about to be deleted."""
    strange = Message.objects.filter(original__owner=person).exclude(account__owner=person)
    for account in MailAccount.objects.filter(pk__in=strange.values("account")):
        settle(account)
    # A file that somebody else forwards from his mail, in a draft: it has no account.
    for writer in User.objects.filter(drafts__files__original__owner=person).exclude(pk=person.pk).distinct():
        files = DraftFile.objects.filter(draft__writer=writer, original__owner=person)
        with transaction.atomic():
            for pk, own in _owned(writer.pk, list(files.values_list("original", flat=True)), copies=True).items():
                files.filter(original=pk).update(original=own)


def _held(account: MailAccount) -> MailAccount:
    return MailAccount.objects.select_for_update().get(pk=account.pk)


def _pieces(account: MailAccount) -> Iterator[list[int]]:
    """Yield the keys of all octets that the account's mail needs, some hundred at a time."""
    for holder in _HOLDERS:
        there, last = holder._default_manager.filter(account=account).order_by("original"), 0
        while pks := list(there.filter(original__gt=last).values_list("original", flat=True)[:_AT_ONCE]):
            yield pks
            last = pks[-1]
    waiting = Deposit.objects.filter(maildrop__owner=account.owner_id).exclude(original__owner=account.owner_id)
    yield list(waiting.values_list("original", flat=True))


def _is_of(account: MailAccount) -> Q:
    return Q(
        Exists(Message.objects.filter(account=account, original=OuterRef("pk")))
        | Exists(Outgoing.objects.filter(account=account, original=OuterRef("pk")))
    )


def _bring(account: MailAccount, pks: Collection[int]) -> None:
    """Have the account's mail stand on octets of its owner."""
    strange = Original.objects.filter(pk__in=pks).exclude(owner=account.owner_id)
    needed = set(strange.filter(_needed_elsewhere(account)).values_list("pk", flat=True))
    twins = _owned(account.owner_id, needed, copies=True)
    twins |= _owned(account.owner_id, set(strange.values_list("pk", flat=True)) - needed, copies=False)
    for pk, own in twins.items():
        for holder in _HOLDERS:
            holder._default_manager.filter(account=account, original=pk).update(original=own)
        Deposit.objects.filter(maildrop__owner=account.owner_id, original=pk).update(original=own)
    strange.exclude(pk__in=twins).update(owner=account.owner_id)


def _needed_elsewhere(account: MailAccount) -> Q:
    """Octets that somebody else's mail, maildrop or draft stands on as well."""
    there = OuterRef("pk")
    return Q(
        Exists(Message.objects.filter(original=there).exclude(account__owner=account.owner_id))
        | Exists(Outgoing.objects.filter(original=there).exclude(account__owner=account.owner_id))
        | Exists(Deposit.objects.filter(original=there).exclude(maildrop__owner=account.owner_id))
        | Exists(DraftFile.objects.filter(original=there).exclude(draft__writer=account.owner_id))
    )


def _owned(owner: int, pks: Collection[int], *, copies: bool) -> dict[int, int]:
    """Return whose of these octets the owner has as well, by their keys; with `copies`, what he lacks is copied."""
    hashes = dict(Original.objects.filter(pk__in=pks).values_list("sha256", "pk"))
    if copies and pks:
        _copy(owner, pks)
    own = Original.objects.filter(owner=owner, sha256__in=hashes).values_list("sha256", "pk")
    return {hashes[sha256]: pk for sha256, pk in own}


def _copy(owner: int, pks: Collection[int]) -> None:
    """Copy rows within the database: their octets need not come here."""
    places = ", ".join(["%s"] * len(pks))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mailbox_original (owner_id, sha256, octets_count, compressed)"  # noqa: S608
            f" SELECT %s, sha256, octets_count, compressed FROM mailbox_original WHERE id IN ({places})"
            " ON CONFLICT DO NOTHING",
            [owner, *pks],
        )
