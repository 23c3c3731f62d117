"""Under which names and addresses a person writes, and which addresses are his own."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Self

import idna
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.db.models.functions import Lower

from accounts.models import Identity, LocalMaildrop, MailAccount, User


@dataclass(frozen=True, slots=True)
class Sender:
    """What stands in From: an identity, and an address of its own or one that its domain catches."""

    identity: Identity
    address: str
    is_default: bool = False
    """Whether the account writes under it unless another is chosen."""

    @property
    def account(self) -> MailAccount:
        return self.identity.account

    @property
    def stored(self) -> str:
        """The address as a draft keeps it: a default may change, and the draft follows."""
        return "" if self.is_default else self.address

    @property
    def value(self) -> str:
        """What a form calls it."""
        return f"{self.account.key} {self.stored}".strip()

    def __str__(self) -> str:
        return f"{self.identity.name} <{self.address}>" if self.identity.name else self.address


@dataclass(frozen=True, slots=True)
class Senders:
    """Everything that a person may write under, the first account first: two queries, however much that is."""

    writer: User
    all: tuple[Sender, ...]

    @classmethod
    def of(cls, writer: User, *, accounts: Iterable[MailAccount] | None = None) -> Self:
        """The senders of `accounts`, by default of those that `writer` may send from."""
        chosen = MailAccount.objects.usable_for_sending_by(writer) if accounts is None else accounts
        by_pk = {each.pk: each for each in chosen}
        identities: dict[int, list[Identity]] = {pk: [] for pk in by_pk}
        for identity in Identity.objects.filter(account__in=by_pk).order_by("-is_default", "id"):
            identity.account = by_pk[identity.account_id]
            identities[identity.account_id].append(identity)
        return cls(writer, tuple(each for pk, found in identities.items() for each in _of_account(by_pk[pk], found)))

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains of which every address is the writer's."""
        return tuple(dict.fromkeys(domain(each.address) for each in self.all if each.identity.is_catch_all))

    def default_of(self, account: MailAccount) -> Sender:
        """What the account writes under unless another is chosen."""
        return next(each for each in self.all if each.account == account and each.is_default)

    def at(self, account: MailAccount, address: str) -> Sender | None:
        """The sender of that account and address, the default one for ""; None where it is not the writer's."""
        known = [each for each in self.all if each.account == account]
        if not address:
            return next((each for each in known if each.is_default), None)
        return _exact(known, address) or self._caught(known, address)

    def valued(self, value: str) -> Sender | None:
        """The sender that a form calls `value`; None where it is not the writer's."""
        key, _blank, address = value.partition(" ")
        account = next((each.account for each in self.all if each.account.key == key), None)
        return self.at(account, address) if account else None

    def typed(self, text: str, *, beside: Sender | None = None) -> Sender | None:
        """The sender whom `text` means, an address or what stands before the @ in a domain of the writer's own.

        Of two accounts that could have it, that of `beside` does. None where it is not the writer's.
        """
        local_part, _at, name = text.strip().rpartition("@")
        if not local_part:
            near = domain(beside.address) if beside else ""
            local_part, name = name, near if near in self.domains else next(iter(self.domains), "")
        nearest_first = sorted(self.all, key=lambda each: beside is None or each.account != beside.account)
        address = f"{local_part}@{name}"
        return _exact(nearest_first, address) or self._caught(nearest_first, address)

    def first_at(self, account: MailAccount, addresses: Iterable[str]) -> Sender | None:
        """The first of `addresses` that the account writes under; that any does, where the account cannot send."""
        known = [each for each in self.all if each.account == account] or self.all
        found = (_exact(known, each) or self._caught(known, each) for each in addresses)
        return next(filter(None, found), None)

    def caught(self, pairs: Iterable[tuple[int, str]]) -> list[Sender]:
        """The senders of those (account, address) that are none of the listed ones, but of a domain of the writer's."""
        catching = {(each.account.pk, domain(each.address)): each for each in self.all if each.identity.is_catch_all}
        rest = [pair for pair in pairs if (pair[0], domain(pair[1])) in catching and not _exact(self.all, pair[1])]
        own = self.own({address for _account, address in rest}) if rest else frozenset()
        return [Sender(catching[pk, domain(each)].identity, each) for pk, each in rest if each in own]

    def own(self, addresses: Collection[str]) -> frozenset[str]:
        """Those of `addresses` that are the writer's own, as they are written."""
        exact = {folded(each.address) for each in self.all}
        domains = {domain(each.address) for each in self.all if each.identity.is_catch_all}
        caught = {each for each in addresses if domain(each) in domains}
        others = addresses_of_others(self.writer, caught) if caught else frozenset()
        return frozenset(
            each for each in addresses if folded(each) in exact or (each in caught and folded(each) not in others)
        )

    def _caught(self, senders: Iterable[Sender], address: str) -> Sender | None:
        """The sender whose domain takes every address, unless this one is another person's."""
        catching = (each for each in senders if each.identity.is_catch_all)
        found = next((each for each in catching if domain(each.address) == domain(address)), None)
        if found is None or not _is_address(address) or addresses_of_others(self.writer, [address]):
            return None
        return Sender(found.identity, address)


def folded(address: str) -> str:
    """What two spellings of an address have in common: small letters, and the domain in A-labels (RFC 5890)."""
    local_part, at, name = address.strip().lower().rpartition("@")
    try:
        return f"{local_part}{at}{name if name.isascii() else idna.encode(name, uts46=True).decode('ascii')}"
    except UnicodeError:
        return f"{local_part}{at}{name}"


def domain(address: str) -> str:
    return folded(address).rpartition("@")[2]


def _of_account(account: MailAccount, identities: list[Identity]) -> list[Sender]:
    """The identities, and the account's own address where none of them has it."""
    found = [Sender(each, each.address, is_default=each is identities[0]) for each in identities]
    if _exact(found, account.address):
        return found
    return [*found, Sender(Identity(account=account, address=account.address), account.address, is_default=not found)]


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _exact(senders: Iterable[Sender], address: str) -> Sender | None:
    return next((each for each in senders if folded(each.address) == folded(address)), None)


def addresses_of_others(person: User, addresses: Collection[str]) -> frozenset[str]:
    """Those of `addresses`, folded, that belong to other people of this installation."""
    wanted = {each.lower() for each in addresses} | {folded(each) for each in addresses}
    accounts = MailAccount.objects.exclude(pk__in=MailAccount.objects.spoken_for_by(person).values("pk"))
    found: tuple[QuerySet[Any], ...] = (
        LocalMaildrop.objects.exclude(owner=person),
        accounts,
        Identity.objects.filter(account__in=accounts),
    )
    rows = (each.annotate(small=Lower("address")).filter(small__in=wanted) for each in found)
    return frozenset(folded(address) for some in rows for address in some.values_list("address", flat=True))
