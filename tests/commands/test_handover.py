"""The operator hands over what somebody who is gone has left: by the same rules, said before, noted for both."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent, Departure, HandOver, MailAccount, Membership, User
from mailbox import handing_over, tasks
from mailbox.models import Draft, Message
from tests.cast import deliver, octets_of

pytestmark = pytest.mark.usefixtures("account")


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the operator answers; to be asked once more than that is the end of the input."""
    answers: list[str] = []

    def read(_question: str) -> str:
        if not answers:
            raise EOFError
        return answers.pop(0)

    monkeypatch.setattr("builtins.input", read)
    return answers


def handover(*options: str, address: str = "alice@home.test", owner: str = "alice", to: str = "charlie") -> str:
    out = StringIO()
    call_command("handover", address, "--from", owner, "--to", to, *options, stdout=out)
    return out.getvalue()


def test_gives_the_account_of_somebody_who_is_kept_out_with_its_mail(account, alice, charlie):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    deliver(account, octets_of("Along"))
    assert handover("--yes") == "alice@home.test is charlie's now.\n"
    assert Message.objects.visible_to(charlie).count() == 1
    assert not Message.objects.visible_to(alice).exists()
    tasks.settle_due()
    assert Message.objects.get().original.owner == charlie


def test_the_address_may_be_written_in_capitals(charlie):
    handover("--yes", address="Alice@HOME.test")
    assert MailAccount.objects.get().owner == charlie


def test_what_goes_along_and_what_stays_is_as_when_the_owner_does_it(account, alice, bob, charlie):
    other = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    Draft.objects.create(writer=alice, account=account, subject="Begun")
    handover("--yes")
    assert [each.user for each in account.memberships.all()] == [bob]
    assert Draft.objects.get().account == other
    assert MailAccount.objects.owned_by(alice).get() == other


@pytest.mark.parametrize("role", Membership.Role.values)
def test_the_former_owner_may_be_left_a_role(account, alice, charlie, role):
    handover("--yes", "--stays-as", role)
    assert account.memberships.get(user=alice).role == role


def test_says_what_happens_and_asks(account, charlie, typed):
    deliver(account, octets_of("One"), octets_of("Two"))
    typed.append("y")
    said = handover()
    for words in ("alice@home.test becomes charlie's", "(messages: 2)", "alice sees nothing of it here any more"):
        assert words in said
    assert MailAccount.objects.get().owner == charlie


def test_says_before_that_the_former_owner_stays_a_reader(charlie, typed):
    typed.append("yes")
    assert "alice can still read its mail, until charlie changes that." in handover("--stays-as", "read")


@pytest.mark.parametrize("answers", [[], [""], ["n"], ["alice"]])
def test_anything_but_yes_changes_nothing(alice, charlie, typed, answers):
    typed += answers
    with pytest.raises(CommandError, match="Nothing was changed"):
        handover()
    assert MailAccount.objects.get().owner == alice
    assert not AuditEvent.objects.filter(what="handed-over").exists()


def test_both_find_it_in_their_logs_done_by_nobody_who_signed_in(charlie):
    handover("--yes")
    events = AuditEvent.objects.filter(what="handed-over").order_by("pk")
    assert [each.person.username for each in events if each.person] == ["alice", "charlie"]
    assert {(each.actor_name, each.about) for each in events} == {("", "alice@home.test: alice → charlie")}


def test_an_open_offer_of_the_owner_is_void(account, bob, charlie):
    HandOver.objects.create(account=account, to=bob)
    handover("--yes")
    assert not HandOver.objects.exists()
    assert MailAccount.objects.get().owner == charlie


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"owner": "erin"}, "There is nobody named erin"),
        ({"to": "erin"}, "There is nobody named erin"),
        ({"owner": "charlie", "to": "bob"}, "charlie has no account alice@home.test"),
        ({"address": "alice@work.test"}, "alice has no account alice@work.test"),
        ({"to": "alice"}, "The account is alice's already"),
    ],
)
def test_a_name_that_does_not_fit_is_said(alice, charlie, named, words):
    with pytest.raises(CommandError, match=words):
        handover("--yes", **named)
    assert MailAccount.objects.get().owner == alice


def test_nobody_gets_an_account_who_may_not_sign_in_or_is_leaving(alice, bob, charlie):
    User.objects.filter(pk=bob.pk).update(is_active=False)
    Departure.ask(charlie, at_once=False)
    with pytest.raises(CommandError, match="bob is kept out"):
        handover("--yes", to="bob")
    with pytest.raises(CommandError, match="charlie is about to leave"):
        handover("--yes")
    assert MailAccount.objects.get().owner == alice


def test_refused_where_the_new_owner_has_that_address_and_all_stays_as_it_was(account, alice, bob, charlie):
    MailAccount.objects.create(owner=charlie, name="Mine", address="ALICE@home.test")
    offer = HandOver.objects.create(account=account, to=bob)
    with pytest.raises(CommandError, match=r"charlie has an account with this address already.*Nothing was changed"):
        handover("--yes")
    assert MailAccount.objects.get(pk=account.pk).owner == alice
    assert HandOver.objects.get() == offer


def test_refused_where_the_new_owner_has_no_room(account, alice, charlie):
    deliver(account, octets_of("Large"))
    User.objects.filter(pk=charlie.pk).update(quota_mb=1)
    Message.objects.update(octets_count=2 * 2**20)
    with pytest.raises(CommandError, match="charlie may not keep as much mail"):
        handover("--yes")
    assert MailAccount.objects.get().owner == alice


def test_refused_where_the_owner_has_handed_it_over_while_the_operator_read(account, bob, charlie, monkeypatch):
    def meanwhile(_question: str) -> str:
        handing_over.hand_over(HandOver.objects.create(account=account, to=bob))
        return "y"

    monkeypatch.setattr("builtins.input", meanwhile)
    with pytest.raises(CommandError, match="handed over by its owner meanwhile"):
        handover()
    assert MailAccount.objects.get().owner == bob
