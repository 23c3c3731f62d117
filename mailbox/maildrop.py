"""The local maildrops: what the embedded SMTP server puts in, and what the embedded POP3 server gives out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.models import LocalMaildrop, User
from mailbox import delivery, documents, news, pop3, quotas, smtp
from mailbox.mime import trace
from mailbox.models import Deposit, Original

_LOCK_RENEWED_AFTER = timedelta(minutes=1)

# In -------------------------------------------------------------------------------------------------------------------


def find(address: str) -> LocalMaildrop | None:
    """Return the maildrop of a recipient, or None: this server relays for nobody (RFC 5321, 7.9).

    Raises smtp.MailboxFull where its owner has no room: the sender keeps the message and tries again.
    """
    maildrops = LocalMaildrop.objects.select_related("account__owner", "owner")
    found = maildrops.at(address).first() or (maildrops.operators().first() if _is_postmaster(address) else None)
    if found and any(quotas.is_full(person) for person in _keepers(found)):
        raise smtp.MailboxFull
    return found


def _keepers(found: LocalMaildrop) -> set[User]:
    """Those whose room its mail takes."""
    return {found.owner, *([found.account.owner] if found.account else [])}


def _is_postmaster(address: str) -> bool:
    """Whether this is the address that every server must take mail for, alone or with a domain of its own.

    RFC 5321, 4.5.1.
    """
    local_part, _at, domain = address.strip().lower().partition("@")
    return local_part == "postmaster" and (not domain or LocalMaildrop.objects.in_domain(domain).exists())


def receive(arrival: smtp.Arrival) -> None:
    """Store a message for each of its recipients, all or none; the client is told "accepted" only after this returns.

    A maildrop that is linked to an account also delivers into that inbox, in the same transaction. Raises
    smtp.MailboxFull where none of the recipients has room.
    """
    octets = _trace(arrival) + arrival.octets
    maildrops = {each.pk: each for each in arrival.recipients if isinstance(each, LocalMaildrop)}
    _refuse_when_full(maildrops.values(), len(octets))
    linked = {each.account.pk: each.account for each in maildrops.values() if each.account}
    # Always in the same order: two arrivals that lock the same accounts must not wait for each other.
    accounts = [linked[pk] for pk in sorted(linked)]
    prepared = [delivery.prepare(account, octets, received_at=timezone.now()) for account in accounts]
    with transaction.atomic():
        for account, arrived in zip(accounts, prepared, strict=True):
            [delivered] = delivery.deliver(account, [arrived])
            documents.ask_for([arrived.message])
            news.note(account, [delivered.message] if delivered.is_new else [])
        for maildrop in maildrops.values():
            deposit(maildrop, octets, reverse_path=arrival.reverse_path)
        # Octets are stored once per person.
        for person in {person for each in maildrops.values() for person in _keepers(each)}:
            quotas.note(person, len(octets))


def _refuse_when_full(maildrops: Collection[LocalMaildrop], octets: int) -> None:
    """Refuse what fits for nobody. Where it fits for some, all get it: they had room when they were named."""
    people = [person for each in maildrops for person in _keepers(each)]
    rooms = [quotas.room_of(person) for person in people]
    if people and all(room is not None and room < octets for room in rooms):
        raise smtp.MailboxFull(is_for_ever=all(person.quota_octets < octets for person in people))


def deposit(maildrop: LocalMaildrop, octets: bytes, *, reverse_path: str = "") -> Deposit:
    """Put a message into a maildrop, where it waits for a POP3 client."""
    return Deposit.objects.create(
        maildrop=maildrop, original=Original.stored(maildrop.owner_id, octets), reverse_path=reverse_path[:320]
    )


def _trace(arrival: smtp.Arrival) -> bytes:
    """Return the fields that a server adds to what it takes (RFC 5321, 4.4)."""
    received = trace.received(
        helo=arrival.helo,
        peer=arrival.peer,
        by=settings.HOSTNAME,
        protocol=("ESMTP" if arrival.is_esmtp else "SMTP") + ("S" if arrival.tls else ""),
        at=timezone.localtime(),
        # With several recipients, naming one would tell the others of a Bcc (RFC 5321, 7.6).
        recipient=arrival.addresses[0] if len(arrival.addresses) == 1 else "",
    )
    return trace.return_path(arrival.reverse_path) + received


# Out ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Session:
    """An open maildrop: the deposits that it held then, by message number from 1."""

    maildrop: LocalMaildrop
    deposits: tuple[int, ...]


class PostOffice:
    """What the POP3 server asks of the world (RFC 1939)."""

    def open(self, user: str, password: str, peer: str) -> pop3.Opened | pop3.Rejected:
        """Check the password, lock the maildrop, list it. Unknown users cost as much time as wrong passwords."""
        maildrop = LocalMaildrop.objects.at(user).first()
        if maildrop is None:
            make_password(password)
            return pop3.Rejected()
        if not maildrop.check_password(password):
            return pop3.Rejected()
        if not maildrop.claim(timezone.now()):
            return pop3.Rejected("IN-USE", "Another session has this maildrop open")
        try:
            return _opened(maildrop)
        except BaseException:
            maildrop.release()
            raise

    def retrieve(self, opened: pop3.Opened, number: int) -> bytes:
        """Return a message's octets. Raises LookupError when it is gone, ClaimLost when another session took over."""
        session = _session(opened)
        _keep_lock(session.maildrop)
        deposit = Deposit.objects.select_related("original").filter(pk=session.deposits[number - 1]).first()
        if deposit is None:
            raise LookupError(number)
        return deposit.original.octets

    def update(self, opened: pop3.Opened, deleted: Sequence[int]) -> None:
        """Empty the maildrop of these messages. What was delivered into an inbox stays there.

        Raises ClaimLost, and deletes nothing, when another session took over.
        """
        session = _session(opened)
        gone = [session.deposits[number - 1] for number in deleted]
        session.maildrop.renew_claim(timezone.now())
        with transaction.atomic():
            originals = list(Deposit.objects.filter(pk__in=gone).values_list("original", flat=True))
            Deposit.objects.filter(pk__in=gone).delete()
            delivery.drop_unused(originals)

    def close(self, opened: pop3.Opened) -> None:
        """Release the lock."""
        _session(opened).maildrop.release()


def _opened(maildrop: LocalMaildrop) -> pop3.Opened:
    waiting = list(maildrop.deposits.values_list("pk", "original__octets_count", "uidl"))
    listing = [pop3.Listed(number, size, uidl) for number, (_pk, size, uidl) in enumerate(waiting, start=1)]
    return pop3.Opened(listing, _Session(maildrop, tuple(pk for pk, *_rest in waiting)))


def _keep_lock(maildrop: LocalMaildrop) -> None:
    """Renew the lock now and then: a slow line may take longer than a claim lives."""
    now = timezone.now()
    if maildrop.claimed_at is None or now - maildrop.claimed_at > _LOCK_RENEWED_AFTER:
        maildrop.renew_claim(now)


def _session(opened: pop3.Opened) -> _Session:
    assert isinstance(opened.handle, _Session)
    return opened.handle
