"""Contacts: they grow with what is sent, are offered in the right order, and are their owner's alone."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command

from accounts.models import MailAccount, Membership, SubmissionServer, User
from mailbox import outbox
from mailbox.contacts import derive, learn
from mailbox.mime.addresses import Address
from mailbox.mime.compose import Unfit
from mailbox.models import Contact, Folder, Outgoing
from tests.cast import deliver, octets_of
from tests.outgoing import draft_of, queued

pytestmark = pytest.mark.django_db
TODAY = datetime(2025, 11, 24, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _can_send(submission_server: SubmissionServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alice's account has a server to send by, and no worker wakes."""
    monkeypatch.setattr(outbox, "wake", lambda *_call: None)


def wrote(writer: User, address: str, name: str = "", *, days_ago: int = 0, times: int = 1) -> None:
    for _ in range(times):
        learn(writer, [Address(name, address)], TODAY - timedelta(days=days_ago))


def offered(user: User, query: str) -> list[str]:
    return [each.address for each in Contact.objects.visible_to(user).matching(query)]


def known(user: User) -> list[tuple[str, int]]:
    return [(str(each), each.uses) for each in Contact.objects.visible_to(user).order_by("folded")]


# Growing --------------------------------------------------------------------------------------------------------------


def test_everybody_a_message_names_becomes_a_contact_of_its_writer(account: MailAccount, alice: User) -> None:
    queued(
        account, to='"Adams, Dana" <Dana@far.test>, erin@far.test', cc="frank@far.test", bcc="田中恵子 <keiko@far.test>"
    )
    expected = ["Adams, Dana <Dana@far.test>", "erin@far.test", "frank@far.test", "田中恵子 <keiko@far.test>"]
    assert [name for name, _uses in known(alice)] == expected


def test_a_member_s_contacts_are_his_and_not_the_owner_s(account: MailAccount, alice: User, bob: User) -> None:
    Membership.objects.update(role=Membership.Role.SEND)
    draft = draft_of(account)
    draft.writer = bob
    outbox.queue(draft)
    assert known(alice) == []
    assert known(bob) == [("dana@far.test", 1)]


def test_spellings_of_one_address_are_one_contact_under_its_last_name(alice: User) -> None:
    wrote(alice, "dana@far.test", "Dana")
    wrote(alice, "DANA@far.test")
    wrote(alice, "Dana@far.test", "Dana Adams")
    assert known(alice) == [("Dana Adams <Dana@far.test>", 3)]
    assert offered(alice, "adams") == ["Dana@far.test"]


def test_what_was_not_queued_leaves_no_contact(account: MailAccount, alice: User) -> None:
    with pytest.raises(Unfit):
        queued(account, to="dana@far.test", subject="a\nb")
    assert known(alice) == []


def test_two_queries_however_many_people(alice: User, django_assert_num_queries) -> None:
    wrote(alice, "p7@far.test")
    people = [Address(f"Person {number}", f"p{number}@far.test") for number in range(50)]
    with django_assert_num_queries(2):
        learn(alice, people, TODAY)
    assert Contact.objects.count() == 50
    assert Contact.objects.get(folded="p7@far.test").uses == 2


def test_a_name_without_end_is_cut(alice: User) -> None:
    wrote(alice, "dana@far.test", "Dana " * 200)
    assert len(Contact.objects.get().name) == 255


# Finding --------------------------------------------------------------------------------------------------------------


def test_use_and_recency_decide_the_order(alice: User) -> None:
    wrote(alice, "once.today@far.test")
    wrote(alice, "often.long.ago@far.test", days_ago=720, times=20)
    wrote(alice, "often@far.test", days_ago=30, times=10)
    wrote(alice, "twice.this.week@far.test", days_ago=5, times=2)
    expected = ["often@far.test", "twice.this.week@far.test", "once.today@far.test", "often.long.ago@far.test"]
    assert offered(alice, "far") == expected


def test_an_old_message_found_late_does_not_make_a_contact_new(alice: User) -> None:
    wrote(alice, "dana@far.test", "Dana Adams")
    wrote(alice, "dana@far.test", "Miss Dana", days_ago=400)
    contact = Contact.objects.get()
    assert (contact.name, contact.last_used_at, contact.uses) == ("Dana Adams", TODAY, 2)


def test_contacts_are_their_owner_s_alone(account: MailAccount, alice: User, bob: User, charlie: User) -> None:
    wrote(alice, "dana@far.test")
    assert offered(alice, "dana") == ["dana@far.test"]
    assert offered(bob, "dana") == offered(charlie, "dana") == []
    assert not Contact.objects.visible_to(AnonymousUser()).exists()


@pytest.mark.parametrize("query", ["%", "_", "\\", "a%", "d_na", "'"])
def test_signs_of_a_pattern_mean_themselves(alice: User, query: str) -> None:
    wrote(alice, "dana@far.test")
    assert offered(alice, query) == []


def test_every_word_must_be_found(alice: User) -> None:
    wrote(alice, "dana@far.test", "Dana Adams")
    wrote(alice, "dan@far.test", "Dan Brown")
    assert offered(alice, "dan ada") == ["dana@far.test"]
    assert offered(alice, "") == []


# Deriving -------------------------------------------------------------------------------------------------------------


def sent(account: MailAccount, subject: str, to: str, date: str = "Mon, 24 Nov 2025 09:00:00 +0000") -> None:
    octets = octets_of(subject, sender="alice@home.test", date=date).replace(
        b"To: alice@home.test", f"To: {to}".encode()
    )
    deliver(account, octets, folder=Folder.SENT)


def test_contacts_are_found_in_sent(account: MailAccount, alice: User) -> None:
    sent(account, "One", "Dana <dana@far.test>, erin@far.test")
    sent(account, "Two", "dana@far.test", date="Mon, 03 Nov 2025 09:00:00 +0000")
    deliver(account, octets_of("Not sent"))
    assert derive([account]) == 2
    assert known(alice) == [("Dana <dana@far.test>", 2), ("erin@far.test", 1)]


def test_blind_copies_are_found_and_belong_to_their_writer(account: MailAccount, alice: User, bob: User) -> None:
    queued(account, bcc="frank@far.test")
    Outgoing.objects.update(writer=bob)
    Contact.objects.all().delete()
    derive([account])
    assert known(alice) == []
    assert known(bob) == [("dana@far.test", 1), ("frank@far.test", 1)]


def test_finding_them_again_counts_nothing_twice_and_forgets_nothing(account: MailAccount, alice: User) -> None:
    wrote(alice, "gone@far.test", "Gone")
    wrote(alice, "dana@far.test", "Dana Adams", times=5)
    sent(account, "One", "Dana <dana@far.test>", date="Mon, 03 Nov 2025 09:00:00 +0000")
    before = known(alice), offered(alice, "far")
    derive([account])
    derive([account])
    assert (known(alice), offered(alice, "far")) == before
    assert offered(alice, "adams") == ["dana@far.test"]


def test_the_command_says_how_many(account: MailAccount) -> None:
    sent(account, "One", "Dana <dana@far.test>, erin@far.test")
    out = StringIO()
    call_command("contacts", account="alice@home.test", stdout=out)
    assert out.getvalue() == "Found 2 contacts.\n"
    with pytest.raises(CommandError, match="There is no account"):
        call_command("contacts", account="nobody@home.test")
