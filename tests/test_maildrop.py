"""The local maildrops: what SMTP puts in, what POP3 gives out, and that neither loses or leaks anything."""

import re
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.hashers import make_password
from django.db import DatabaseError
from django.utils import timezone

from accounts.models import LocalMaildrop, MailAccount, User
from mailbox import delivery, maildrop, pop3
from mailbox.models import Deposit, Folder, Message, Original
from mailbox.smtp import Arrival
from tests.cast import PASSWORD, octets_of
from webmail.claims import STALE, ClaimLost

pytestmark = pytest.mark.django_db
OCTETS = octets_of("Hello", message_id="1@far.test")


@pytest.fixture
def office() -> maildrop.PostOffice:
    return maildrop.PostOffice()


def maildrop_of(owner: User, address: str, account: MailAccount | None = None) -> LocalMaildrop:
    return LocalMaildrop.objects.create(owner=owner, address=address, account=account, password=make_password(PASSWORD))


def arrival(*recipients: LocalMaildrop, octets: bytes = OCTETS, **fields: Any) -> Arrival:
    values = {
        "reverse_path": "dana@far.test",
        "peer": "192.0.2.7",
        "helo": "mx.far.test",
        "is_esmtp": True,
        "tls": None,
    }
    addresses = tuple(each.address for each in recipients)
    return Arrival(recipients=recipients, addresses=addresses, octets=octets, **{"tls": None, **values, **fields})


def opened(office: maildrop.PostOffice, user: str = "alice@home.test") -> pop3.Opened:
    answer = office.open(user, PASSWORD, "192.0.2.7")
    assert isinstance(answer, pop3.Opened)
    return answer


# Finding


@pytest.mark.parametrize("address", ["alice@home.test", "Alice@HOME.test", " alice@home.test "])
def test_finds_the_maildrop_of_a_recipient_in_any_case(local_maildrop: LocalMaildrop, address: str) -> None:
    assert maildrop.find(address) == local_maildrop


@pytest.mark.parametrize("address", ["postmaster", "Postmaster@HOME.test"])
def test_mail_for_the_postmaster_goes_to_whoever_runs_the_place(
    local_maildrop: LocalMaildrop, bob: User, address: str
) -> None:
    assert maildrop.find(address) == local_maildrop
    bob.is_superuser = True
    bob.save()
    of_bob = maildrop_of(bob, "bob@home.test")
    assert maildrop.find(address) == of_bob


def test_a_postmaster_with_a_maildrop_of_its_own_gets_the_mail_of_its_domain(
    local_maildrop: LocalMaildrop, bob: User
) -> None:
    own = maildrop_of(bob, "postmaster@home.test")
    assert maildrop.find("postmaster@home.test") == own


def test_nobody_is_postmaster_of_a_foreign_domain(local_maildrop: LocalMaildrop) -> None:
    assert maildrop.find("postmaster@far.test") is None
    assert maildrop.find("postmaster@ome.test") is None


@pytest.mark.parametrize("address", ["", "alice", "bob@home.test", "alice@home.test.far.test", "alice@home.tes%"])
def test_finds_nobody_else(local_maildrop: LocalMaildrop, address: str) -> None:
    assert maildrop.find(address) is None


# Receiving


def test_puts_two_trace_fields_on_top_and_changes_no_octet_below(local_maildrop: LocalMaildrop) -> None:
    odd = b"no header \x00\xff\r\n\r\n.\r\n" + b"x" * 20_000
    maildrop.receive(arrival(local_maildrop, octets=odd))
    stored = Deposit.objects.get().original.octets
    assert stored.endswith(odd)
    trace = stored.removesuffix(odd).decode()
    assert re.fullmatch(
        r"Return-Path: <dana@far\.test>\r\n"
        r"Received: from mx\.far\.test \(\[192\.0\.2\.7\]\)\r\n\tby localhost with ESMTP\r\n"
        r"\tfor <alice@home\.test>;\r\n\t\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000\r\n",
        trace,
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reverse_path": ""}, b"Return-Path: <>\r\n"),
        ({"tls": "TLSv1.3"}, b"with ESMTPS\r\n"),
        ({"is_esmtp": False}, b"with SMTP\r\n"),
        ({"helo": "x\r\nBcc: a"}, b"from xBcc:a ("),
    ],
)
def test_the_trace_tells_how_it_came(local_maildrop: LocalMaildrop, fields: dict[str, Any], words: bytes) -> None:
    maildrop.receive(arrival(local_maildrop, **fields))
    assert words in Deposit.objects.get().original.octets


def test_the_trace_names_nobody_where_there_are_several(alice: User, local_maildrop: LocalMaildrop) -> None:
    maildrop.receive(arrival(local_maildrop, maildrop_of(alice, "hidden@home.test")))
    assert b"hidden" not in Deposit.objects.first().original.octets


def test_a_linked_account_has_it_in_its_inbox_too(account: MailAccount, local_maildrop: LocalMaildrop) -> None:
    local_maildrop.account = account
    local_maildrop.save()
    before = timezone.now()
    maildrop.receive(arrival(local_maildrop))
    message, deposit = Message.objects.get(), Deposit.objects.get()
    assert (message.account, message.folder, message.subject) == (account, Folder.INBOX, "Hello")
    assert not message.is_read
    assert before <= message.received_at <= timezone.now()
    assert message.octets == deposit.original.octets
    assert Original.objects.count() == 1


def test_without_a_link_it_only_waits(account: MailAccount, local_maildrop: LocalMaildrop) -> None:
    maildrop.receive(arrival(local_maildrop))
    assert Deposit.objects.get().maildrop == local_maildrop
    assert not Message.objects.exists()


def test_each_of_several_recipients_has_it_and_one_inbox_has_it_once(
    alice: User, bob: User, account: MailAccount, local_maildrop: LocalMaildrop
) -> None:
    local_maildrop.account = account
    local_maildrop.save()
    second = maildrop_of(alice, "family@home.test", account)
    maildrop.receive(arrival(local_maildrop, second, maildrop_of(bob, "bob@home.test")))
    assert Deposit.objects.values("maildrop").distinct().count() == 3
    assert Message.objects.count() == 1
    assert Original.objects.count() == 2


def test_a_recipient_named_twice_gets_it_once(local_maildrop: LocalMaildrop) -> None:
    maildrop.receive(arrival(local_maildrop, local_maildrop))
    assert Deposit.objects.count() == 1


@pytest.mark.parametrize(
    "moment", ["mailbox.delivery.deliver", "mailbox.maildrop.deposit", "mailbox.models.Deposit.objects.create"]
)
def test_a_failure_halfway_stores_nothing(account: MailAccount, local_maildrop: LocalMaildrop, moment: str) -> None:
    local_maildrop.account = account
    local_maildrop.save()
    with mock.patch(moment, side_effect=DatabaseError("disk full")), pytest.raises(DatabaseError):
        maildrop.receive(arrival(local_maildrop))
    assert not Deposit.objects.exists()
    assert not Message.objects.exists()
    assert not Original.objects.exists()


# Opening


def test_lists_what_waits_with_sizes_and_ids(office: maildrop.PostOffice, local_maildrop: LocalMaildrop) -> None:
    deposits = [maildrop.deposit(local_maildrop, octets) for octets in (OCTETS, b"", b"x" * 100)]
    assert list(opened(office).listing) == [
        pop3.Listed(1, len(OCTETS), deposits[0].uidl),
        pop3.Listed(2, 0, deposits[1].uidl),
        pop3.Listed(3, 100, deposits[2].uidl),
    ]


def test_the_ids_stay_and_differ_also_for_equal_octets(
    office: maildrop.PostOffice, local_maildrop: LocalMaildrop
) -> None:
    for _ in range(3):
        maildrop.deposit(local_maildrop, OCTETS)
    first = opened(office)
    office.update(first, [2])
    office.close(first)
    ids = [listed.uidl for listed in first.listing]
    assert len(set(ids)) == 3
    assert [listed.uidl for listed in opened(office).listing] == [ids[0], ids[2]]


@pytest.mark.parametrize(("user", "password"), [("alice@home.test", "wrong"), ("nobody@home.test", PASSWORD)])
def test_a_wrong_password_and_an_unknown_user_are_told_alike(
    office: maildrop.PostOffice, local_maildrop: LocalMaildrop, user: str, password: str
) -> None:
    assert office.open(user, password, "192.0.2.7") == pop3.Rejected("AUTH", "Wrong user name or password")
    local_maildrop.refresh_from_db()
    assert local_maildrop.claimed_at is None


def test_an_unknown_user_costs_as_much_time_as_a_wrong_password(
    office: maildrop.PostOffice, local_maildrop: LocalMaildrop
) -> None:
    with mock.patch("mailbox.maildrop.make_password") as hashing:
        office.open("nobody@home.test", "guess", "192.0.2.7")
    hashing.assert_called_once_with("guess")


def test_a_second_session_is_turned_away_until_the_first_has_closed(
    office: maildrop.PostOffice, local_maildrop: LocalMaildrop
) -> None:
    first = opened(office)
    answer = office.open("alice@home.test", PASSWORD, "192.0.2.8")
    assert isinstance(answer, pop3.Rejected)
    assert answer.code == "IN-USE"
    office.close(first)
    assert opened(office)


def test_the_lock_of_a_server_that_died_is_free_at_once(
    office: maildrop.PostOffice, local_maildrop: LocalMaildrop
) -> None:
    opened(office)
    local_maildrop.refresh_from_db()
    LocalMaildrop.objects.update(claimed_by=f"{local_maildrop.claimed_by}0")
    assert opened(office)


def test_a_failure_while_listing_unlocks_it_again(office: maildrop.PostOffice, local_maildrop: LocalMaildrop) -> None:
    with mock.patch("mailbox.maildrop._opened", side_effect=DatabaseError), pytest.raises(DatabaseError):
        office.open("alice@home.test", PASSWORD, "192.0.2.7")
    assert opened(office)


# Retrieving and deleting


def test_gives_the_octets_as_they_were_stored(office: maildrop.PostOffice, local_maildrop: LocalMaildrop) -> None:
    messages = [OCTETS, b"", b".\r\n\x00\xff", b"x" * 100_000]
    for octets in messages:
        maildrop.deposit(local_maildrop, octets)
    session = opened(office)
    assert [office.retrieve(session, number) for number in range(1, 5)] == messages


def test_what_comes_later_waits_for_the_next_session(
    office: maildrop.PostOffice, local_maildrop: LocalMaildrop
) -> None:
    maildrop.deposit(local_maildrop, OCTETS)
    session = opened(office)
    maildrop.deposit(local_maildrop, b"later")
    office.update(session, [1])
    office.close(session)
    assert [listed.octets for listed in opened(office).listing] == [5]


def test_a_message_that_is_gone_is_said_to_be(office: maildrop.PostOffice, local_maildrop: LocalMaildrop) -> None:
    maildrop.deposit(local_maildrop, OCTETS)
    session = opened(office)
    Deposit.objects.all().delete()
    with pytest.raises(LookupError):
        office.retrieve(session, 1)


def test_a_deletion_empties_the_maildrop_and_never_the_inbox(
    office: maildrop.PostOffice, account: MailAccount, local_maildrop: LocalMaildrop
) -> None:
    local_maildrop.account = account
    local_maildrop.save()
    maildrop.receive(arrival(local_maildrop))
    whole = Message.objects.get().octets
    session = opened(office)
    office.update(session, [1])
    office.close(session)
    assert not Deposit.objects.exists()
    assert Message.objects.get().octets == whole
    assert Message.objects.get().folder == Folder.INBOX


def test_a_deletion_from_the_inbox_leaves_it_for_the_phone(
    office: maildrop.PostOffice, account: MailAccount, local_maildrop: LocalMaildrop
) -> None:
    local_maildrop.account = account
    local_maildrop.save()
    maildrop.receive(arrival(local_maildrop))
    delivery.remove(list(Message.objects.all()))
    assert office.retrieve(opened(office), 1).endswith(OCTETS)


def test_octets_that_nobody_needs_any_more_are_gone(
    office: maildrop.PostOffice, local_maildrop: LocalMaildrop, alice: User
) -> None:
    maildrop.deposit(local_maildrop, OCTETS)
    maildrop.deposit(maildrop_of(alice, "family@home.test"), OCTETS)
    for user, left in (("alice@home.test", 1), ("family@home.test", 0)):
        office.update(opened(office, user), [1])
        assert Original.objects.count() == left


def test_a_failure_while_deleting_deletes_nothing(office: maildrop.PostOffice, local_maildrop: LocalMaildrop) -> None:
    maildrop.deposit(local_maildrop, OCTETS)
    maildrop.deposit(local_maildrop, b"two")
    session = opened(office)
    with mock.patch.object(delivery, "drop_unused", side_effect=DatabaseError), pytest.raises(DatabaseError):
        office.update(session, [1, 2])
    assert Deposit.objects.count() == 2


def test_a_long_session_keeps_its_lock(office: maildrop.PostOffice, local_maildrop: LocalMaildrop) -> None:
    maildrop.deposit(local_maildrop, OCTETS)
    session = opened(office)
    for _ in range(2):
        with mock.patch.object(timezone, "now", return_value=timezone.now() + STALE - timedelta(minutes=1)):
            office.retrieve(session, 1)
    with mock.patch.object(timezone, "now", return_value=timezone.now() + STALE + timedelta(minutes=1)):
        answer = office.open("alice@home.test", PASSWORD, "192.0.2.8")
    assert isinstance(answer, pop3.Rejected)
    office.close(session)
    assert opened(office)


def test_a_session_that_was_replaced_deletes_nothing(
    office: maildrop.PostOffice, local_maildrop: LocalMaildrop
) -> None:
    maildrop.deposit(local_maildrop, OCTETS)
    session = opened(office)
    LocalMaildrop.objects.update(claimed_at=timezone.now(), claimed_by="another machine")
    with pytest.raises(ClaimLost):
        office.update(session, [1])
    office.close(session)
    assert Deposit.objects.exists()
    assert LocalMaildrop.objects.get().claimed_by == "another machine"
