"""Give the account of a person who is gone to somebody else, as that person would have handed it over."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.audit import What
from accounts.handing import note_for_both
from accounts.models import Departure, HandOver, MailAccount, Membership, User
from mailbox import handing_over

_WHY_NOT = {
    handing_over.IsThere: "{to} has an account with this address already. Delete that one first.",
    handing_over.NoRoom: "{to} may not keep as much mail. Allow more room in the panel, under People.",
    handing_over.Gone: "The account was handed over by its owner meanwhile.",
}
_STAYS = {
    "": "{owner} sees nothing of it here any more.",
    Membership.Role.READ: "{owner} can still read its mail, until {to} changes that.",
    Membership.Role.SEND: "{owner} can still read its mail and send from it, until {to} changes that.",
}
_WHAT_HAPPENS = """\
{address} becomes {to}'s, with all its mail (messages: {count}), its servers and passwords, names and
signatures, members, its address on this server, and what waits in its outbox.
Labels of {owner} on its mail become {to}'s, under the same names. {stays}
Drafts, contacts and settings of {owner} stay with {owner}. Both find it in their audit log.
{owner} may know the password at the provider: change it there if that is not wanted.
"""


class Command(BaseCommand):
    help = "Give the account of a person who is gone to somebody else, with all its mail. Says what happens, and asks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="the mail address of the account")
        parser.add_argument("--from", dest="owner", required=True, metavar="USER", help="whose account it is")
        parser.add_argument("--to", required=True, metavar="USER", help="whose it becomes")
        parser.add_argument(
            "--stays-as",
            default="",
            choices=Membership.Role.values,
            help="what the former owner may do there afterwards (default: nothing)",
        )
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *_: Any, address: str, owner: str, to: str, stays_as: str, yes: bool, **__: Any) -> None:
        account, receiver = _account(address, _person(owner)), _receiver(to, former=owner)
        if not yes:
            self._ask(account, receiver, stays_as)
        try:
            _hand_over(account, receiver, stays_as)
        except handing_over.Unfit as reason:
            words = _WHY_NOT[type(reason)].format(to=receiver.username)
            raise CommandError(f"{words} Nothing was changed.") from reason
        self.stdout.write(f"{account.address} is {receiver.username}'s now.")

    def _ask(self, account: MailAccount, to: User, stays_as: str) -> None:
        names = {"owner": account.owner.username, "to": to.username}
        stays, count = _STAYS[stays_as].format(**names), f"{account.messages.count():,}"
        self.stdout.write(_WHAT_HAPPENS.format(address=account.address, count=count, stays=stays, **names))
        try:
            answer = input("Hand it over? [y/N] ")
        except EOFError:
            answer = ""
        if answer.strip().lower() not in {"y", "yes"}:
            raise CommandError("Nothing was changed.")


@transaction.atomic
def _hand_over(account: MailAccount, to: User, stays_as: str) -> None:
    """Do what an offer and its acceptance do; an offer of the owner's that is open is void. Raises Unfit."""
    former = account.owner
    if MailAccount.objects.select_for_update().filter(pk=account.pk, owner=former).first() is None:
        raise handing_over.Gone
    HandOver.objects.filter(account=account).delete()
    handing_over.hand_over(HandOver.objects.create(account=account, to=to, stays_as=stays_as))
    note_for_both(What.HANDED_OVER, account, former, to)


def _person(name: str) -> User:
    person = User.objects.filter(username=name).first()
    if person is None:
        raise CommandError(f"There is nobody named {name}. Nothing was changed.")
    return person


def _account(address: str, owner: User) -> MailAccount:
    account = owner.owned_accounts.select_related("owner").filter(address__iexact=address).first()
    if account is None:
        raise CommandError(f"{owner.username} has no account {address}. Nothing was changed.")
    return account


def _receiver(name: str, *, former: str) -> User:
    """Return the new owner: somebody else, who signs in here and stays."""
    receiver = _person(name)
    if name == former:
        raise CommandError(f"The account is {name}'s already.")
    if not receiver.is_active:
        raise CommandError(f"{name} is kept out. Let {name} in again first, or choose somebody else.")
    if Departure.objects.filter(user=receiver).exists():
        raise CommandError(f"{name} is about to leave this Letterbox. Choose somebody else.")
    return receiver
