"""Under which addresses a person writes: identities, the account's own, and those that a domain catches."""

import pytest

from accounts.models import Identity, LocalMaildrop, MailAccount, Membership, SubmissionServer, User
from accounts.senders import Sender, Senders, folded


@pytest.fixture(autouse=True)
def _can_send(submission_server: SubmissionServer) -> None:
    """Alice's account has a server to send by."""


@pytest.fixture
def shop(account: MailAccount) -> Identity:
    """An alias in Alice's account, whose domain is hers alone."""
    return Identity.objects.create(account=account, name="The shop", address="shop@alice.test", is_catch_all=True)


def words(senders: Senders) -> list[str]:
    return [str(each) for each in senders.all]


def at(writer: User, account: MailAccount, address: str) -> Sender | None:
    return Senders.of(writer).at(account, address)


def test_every_identity_is_a_sender_the_default_first(alice: User, account: MailAccount, shop: Identity) -> None:
    assert words(Senders.of(alice)) == ["Alice <alice@home.test>", "The shop <shop@alice.test>"]


def test_the_account_s_own_address_is_one_where_no_identity_has_it(alice: User, account: MailAccount) -> None:
    account.identities.update(address="other@home.test")
    assert words(Senders.of(alice)) == ["Alice <other@home.test>", "alice@home.test"]
    account.identities.all().delete()
    assert words(Senders.of(alice)) == ["alice@home.test"]
    assert Senders.of(alice).default_of(account).address == "alice@home.test"


def test_forms_call_the_default_by_its_account(alice: User, account: MailAccount, shop: Identity) -> None:
    assert [each.value for each in Senders.of(alice).all] == [account.key, f"{account.key} shop@alice.test"]


def test_a_member_who_may_send_writes_under_all_of_them(bob: User, account: MailAccount, shop: Identity) -> None:
    assert words(Senders.of(bob)) == []
    Membership.objects.update(role=Membership.Role.SEND)
    assert len(Senders.of(bob).all) == 2


def test_an_outsider_writes_under_none(charlie: User, account: MailAccount) -> None:
    assert Senders.of(charlie).all == ()
    assert at(charlie, account, account.address) is None


def test_two_queries_whatever_there_is(alice: User, account: MailAccount, django_assert_num_queries) -> None:
    for number in range(20):
        other = MailAccount.objects.create(owner=alice, address=f"a{number}@home.test")
        SubmissionServer.objects.create(account=other, host="127.0.0.1", port=9)
        Identity.objects.create(account=other, address=other.address)
    with django_assert_num_queries(2):
        assert len({each.account.address for each in Senders.of(alice).all}) == 21


def test_spelling_makes_no_difference(alice: User, account: MailAccount) -> None:
    assert str(at(alice, account, "ALICE@Home.Test")) == "Alice <alice@home.test>"
    account.identities.update(address="alice@bücher.test")
    assert at(alice, account, "alice@xn--bcher-kva.test")


def test_a_domain_that_is_one_s_own_takes_every_address(alice: User, account: MailAccount, shop: Identity) -> None:
    assert str(at(alice, account, "anything@alice.test")) == "The shop <anything@alice.test>"
    assert at(alice, account, "anything@home.test") is None
    assert at(alice, account, "anything@sub.alice.test") is None


def test_an_address_of_somebody_else_is_never_caught(
    alice: User, bob: User, account: MailAccount, shop: Identity
) -> None:
    MailAccount.objects.create(owner=bob, address="bob@alice.test")
    LocalMaildrop.objects.create(owner=bob, address="bobby@alice.test")
    other = MailAccount.objects.create(owner=bob, address="bob@far.test")
    Identity.objects.create(account=other, address="Robert@alice.test")
    for address in ("BOB@alice.test", "bobby@alice.test", "robert@alice.test"):
        assert at(alice, account, address) is None
    asked = {"bob@alice.test", "bobby@alice.test", "x@alice.test", "alice@home.test", "dana@far.test"}
    assert Senders.of(alice).own(asked) == {"x@alice.test", "alice@home.test"}


def test_the_account_that_got_a_message_answers_it(alice: User, account: MailAccount, shop: Identity) -> None:
    work = MailAccount.objects.create(owner=alice, address="alice@work.test")
    SubmissionServer.objects.create(account=work, host="127.0.0.1", port=9)
    senders = Senders.of(alice)
    addressed = ["alice@work.test", "dana@far.test", "shop@alice.test"]
    assert senders.first_at(account, addressed).address == "shop@alice.test"
    assert senders.first_at(work, addressed).address == "alice@work.test"
    assert senders.first_at(account, ["dana@far.test"]) is None


@pytest.mark.parametrize("local_part", ["", "a b", "a\r\nBcc: eve@far.test\r\n", "a" * 400, "\0", "é"])
def test_no_domain_catches_what_is_no_address(
    alice: User, account: MailAccount, shop: Identity, local_part: str
) -> None:
    assert at(alice, account, f"{local_part}@alice.test") is None


def test_folding_never_fails() -> None:
    assert folded("A@" + "ü" * 80 + ".test") == "a@" + "ü" * 80 + ".test"
    assert folded("") == ""
