"""An account becomes somebody else's, with all its mail: what goes along, what stays with the former owner.

The rows of the account carry its mail, so they stay where they are; its octets follow (`settling`).
"""

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import HandOver, LocalMaildrop, MailAccount, Membership, User
from mailbox import labelling, quotas, seen, settling, team, threads
from mailbox.models import Answering, Draft, Export, Label, Labelled, Push, TeamMark
from webmail.celery import wake

_AT_ONCE = 500


class Unfit(Exception):
    """It cannot be handed over as things stand."""


class IsThere(Unfit):
    """The new owner has an account of that address."""


class NoRoom(Unfit):
    """The new owner may not keep as much mail."""


class Gone(Unfit):
    """The offer was withdrawn meanwhile, or has become too old."""


def hand_over(offer: HandOver) -> MailAccount:
    """Give the account of `offer` to the person it was made to. Raises Unfit, and changes nothing then."""
    with transaction.atomic():
        account = MailAccount.objects.select_for_update(of=("self",)).select_related("owner").get(pk=offer.account_id)
        former, to = account.owner, offer.to
        _check(offer, account)
        # The read state of both in an order in which neither writes over what the other still needs.
        _leave_role(account, former, offer.stays_as)
        _give_labels(account, former, to, is_kept=bool(offer.stays_as))
        opened = _take_role(account, to)
        MailAccount.objects.filter(pk=account.pk).update(owner=to, former_owner=former)
        maildrops = LocalMaildrop.objects.filter(Q(account=account) | Q(address=account.address.lower()), owner=former)
        maildrops.update(owner=to)
        for at in range(0, len(opened), _AT_ONCE):
            threads.refresh(opened[at : at + _AT_ONCE])
        team.tell_pages([account.pk])
        wake("settle_due")
    return account


def _check(offer: HandOver, account: MailAccount) -> None:
    if not (offer.is_open and HandOver.objects.filter(pk=offer.pk).delete()[0]):
        raise Gone
    if account.former_owner_id:
        settling.settle(account)
    if offer.to.owned_accounts.filter(address__iexact=account.address).exists():
        raise IsThere
    room = quotas.room_of(offer.to)
    if room is not None and quotas.octets_of(account) > room:
        raise NoRoom


def _take_role(account: MailAccount, to: User) -> list[int]:
    """End the role that the new owner had; return the conversations whose read state becomes his own."""
    member = Membership.objects.filter(account=account, user=to).first()
    if member is None:
        return []
    changed = seen.become_owner(member)
    member.delete()
    return changed


def _leave_role(account: MailAccount, former: User, role: str) -> None:
    """Give the former owner his role, and leave him what he has not read; see to it that nothing else stays his."""
    if role:
        member = Membership.objects.create(account=account, user=former, role=role)
        seen.leave_unread(member)
    else:
        Answering.objects.filter(account=account, user=former).delete()
        Push.objects.filter(account=account, subscription__user=former).delete()
        TeamMark.objects.filter(account=account, assignee=former).update(assignee=None)
        for export in Export.objects.filter(owner=former, account=account):
            export.remove()
    if role != Membership.Role.SEND:
        _move_drafts(account, former)


def _move_drafts(account: MailAccount, former: User) -> None:
    """Keep what he has begun to write: it leaves from another account of his, where he has one."""
    other = former.owned_accounts.exclude(pk=account.pk).first()
    if other:
        kept = Draft.with_hidden.filter(writer=former, account=account, outgoing=None)
        kept.update(account=other, parent=None, sender="")
    User.objects.filter(pk=former.pk, answers_from__in=account.identities.values("address")).update(answers_from="")


def _give_labels(account: MailAccount, former: User, to: User, *, is_kept: bool) -> None:
    """Put the former owner's labels on the account's conversations for the new one, under the same names."""
    for label in Label.objects.filter(owner=former, labelled__account=account).distinct():
        own = labelling.named(to.pk, label.name)
        there = Labelled.objects.filter(label=own, account=account).values("thread")
        rows = Labelled.objects.filter(label=label, account=account).exclude(thread__in=there)
        if is_kept:
            Labelled.objects.bulk_create(_copies(rows, own), batch_size=_AT_ONCE, ignore_conflicts=True)
        else:
            rows.update(label=own)
            Labelled.objects.filter(label=label, account=account).delete()


def _copies(rows: QuerySet[Labelled], own: Label) -> list[Labelled]:
    columns = ("account_id", "thread_id", "folder", "newest_at", "is_unread")
    return [Labelled(label=own, **values) for values in rows.values(*columns)]
