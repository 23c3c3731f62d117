"""From a message to its answer: who gets it, from whom, and what stands in it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from accounts.models import Identity, MailAccount, Membership, SubmissionServer, User
from mailbox.answers import Answer, answer, blank_text, file_key, sending_account, store
from mailbox.models import Draft, DraftFile, Folder, Message
from tests.cast import deliver

Kind = Draft.Kind


@pytest.fixture(autouse=True)
def _can_send(submission_server: SubmissionServer) -> None:
    """Every account of these tests has a server to send by."""


@pytest.fixture
def work(alice: User) -> MailAccount:
    """Alice's second account."""
    account = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    Identity.objects.create(account=account, name="Alice Adams", address=account.address, is_default=True)
    SubmissionServer.objects.create(account=account, host="127.0.0.1", port=9, security="none", may_be_private=True)
    return account


def received(account: MailAccount, body: str = "Shall we?", **fields: str) -> Message:
    """A message in `account` with these header fields."""
    header = {
        "From": "Dana <dana@far.test>",
        "To": "alice@home.test",
        "Subject": "Tea",
        "Date": "Mon, 03 Nov 2025 14:05:00 +0000",
        "Message-ID": "<tea@far.test>",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    } | {name.replace("_", "-"): value for name, value in fields.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in header.items() if value)
    return deliver(account, f"{lines}\r\n{body}\r\n".encode())[0]


def reply(message: Message, writer: User, kind: Kind = Kind.REPLY) -> Answer:
    return answer(message, kind, writer)


def test_goes_to_the_author(account: MailAccount, alice: User) -> None:
    assert reply(received(account), alice).to == "Dana <dana@far.test>"


def test_goes_where_the_author_wants_replies(account: MailAccount, alice: User) -> None:
    message = received(account, Reply_To="Tea club <club@far.test>, erin@far.test")
    assert reply(message, alice).to == "Tea club <club@far.test>, erin@far.test"


def test_does_not_go_to_oneself_when_the_reply_address_is_ones_own(account: MailAccount, alice: User) -> None:
    assert reply(received(account, Reply_To="ALICE@home.test"), alice).to == "Dana <dana@far.test>"


def test_answering_ones_own_message_goes_to_its_recipients(account: MailAccount, alice: User) -> None:
    message = received(account, From="Alice <alice@home.test>", To="Dana <dana@far.test>, alice@home.test")
    assert reply(message, alice).to == "Dana <dana@far.test>"


def test_a_note_to_oneself_is_answered_to_oneself(account: MailAccount, alice: User) -> None:
    message = received(account, From="alice@home.test", To="alice@home.test")
    assert reply(message, alice, Kind.REPLY_ALL).to == "alice@home.test"


def test_reply_leaves_the_others_out(account: MailAccount, alice: User) -> None:
    found = reply(received(account, To="alice@home.test, erin@far.test", Cc="frank@far.test"), alice)
    assert (found.to, found.cc) == ("Dana <dana@far.test>", "")


def test_reply_to_all_takes_everybody_once_but_oneself(account: MailAccount, work: MailAccount, alice: User) -> None:
    message = received(
        account,
        To="alice@home.test, Erin <erin@far.test>, dana@FAR.test",
        Cc="ALICE@work.test, frank@far.test, erin@far.test",
    )
    found = reply(message, alice, Kind.REPLY_ALL)
    assert found.to == "Dana <dana@far.test>, Erin <erin@far.test>"
    assert found.cc == "frank@far.test"


def test_a_name_with_special_characters_is_quoted(account: MailAccount, alice: User) -> None:
    message = received(account, From='"Doe, \\"Dana\\" <x@evil.test>" <dana@far.test>')
    assert reply(message, alice).to == '"Doe, \\"Dana\\" <x@evil.test>" <dana@far.test>'


def test_a_message_without_an_author_is_answered_to_nobody(account: MailAccount, alice: User) -> None:
    found = reply(received(account, From=""), alice)
    assert found.to == ""
    assert "somebody wrote:" in found.text


@pytest.mark.parametrize(
    ("subject", "kind", "expected"),
    [
        ("Tea", Kind.REPLY, "Re: Tea"),
        ("RE: AW: Tea", Kind.REPLY, "Re: Tea"),
        ("Tea", Kind.FORWARD, "Fwd: Tea"),
        ("Re: Tea", Kind.FORWARD, "Fwd: Re: Tea"),
    ],
)
def test_marks_the_subject_once(account: MailAccount, alice: User, subject: str, kind: Kind, expected: str) -> None:
    assert reply(received(account, Subject=subject), alice, kind).subject == expected


def test_quotes_the_text_below_a_line_that_says_who_wrote_it(account: MailAccount, alice: User) -> None:
    message = received(account, body="Shall we?\r\n> at four\r\n\r\nDana")
    expected = "\n\nOn Mon 3 Nov 2025 at 14:05, Dana wrote:\n> Shall we?\n>> at four\n>\n> Dana\n"
    assert reply(message, alice).text == expected


def test_says_the_time_in_the_readers_zone(account: MailAccount, alice: User) -> None:
    message = received(account)
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        assert "On Mon 3 Nov 2025 at 23:05, Dana wrote:" in reply(message, alice).text


def test_quotes_what_is_seen_of_html(account: MailAccount, alice: User) -> None:
    html = "<p>Shall <b>we</b>?</p><style>p { color: red }</style>"
    text = reply(received(account, body=html, Content_Type="text/html; charset=utf-8"), alice).text
    assert "> Shall we?" in text
    assert "<p>" not in text
    assert "color" not in text


def test_the_signature_stands_between_the_answer_and_the_quotation(account: MailAccount, alice: User) -> None:
    account.identities.update(signature="Alice Adams\n+44 1")
    text = reply(received(account), alice).text
    assert text.startswith("\n\n-- \nAlice Adams\n+44 1\n\nOn Mon 3 Nov 2025")


def test_the_signature_stands_below_a_new_message(account: MailAccount) -> None:
    assert blank_text(account) == ""
    account.identities.update(signature="Alice Adams")
    assert blank_text(account) == "\n\n-- \nAlice Adams\n"


def test_a_forwarded_message_begins_with_its_header(account: MailAccount, alice: User) -> None:
    message = received(account, Cc="Erin <erin@far.test>", body="Shall we?")
    found = reply(message, alice, Kind.FORWARD)
    assert found.to == ""
    assert found.text == (
        "\n\n---------- Forwarded message ----------\nFrom: Dana <dana@far.test>\nDate: Mon 3 Nov 2025 at 14:05\n"
        "Subject: Tea\nTo: alice@home.test\nCc: Erin <erin@far.test>\n\nShall we?\n"
    )


def test_leaves_from_the_account_that_received_the_parent(account: MailAccount, work: MailAccount, alice: User) -> None:
    assert reply(received(work), alice).account == work
    assert reply(received(account), alice).account == account


def test_leaves_from_ones_own_account_where_the_other_may_only_be_read(account: MailAccount, bob: User) -> None:
    own = MailAccount.objects.create(owner=bob, name="Bob", address="bob@home.test")
    SubmissionServer.objects.create(account=own, host="127.0.0.1", port=9, security="none", may_be_private=True)
    assert reply(received(account), bob).account == own


def test_a_member_who_may_send_answers_from_the_shared_account(account: MailAccount, bob: User) -> None:
    Membership.objects.update(role=Membership.Role.SEND)
    assert reply(received(account), bob).account == account


def test_nobody_answers_without_an_account_to_send_from(account: MailAccount, bob: User) -> None:
    with pytest.raises(MailAccount.DoesNotExist):
        reply(received(account), bob)
    with pytest.raises(MailAccount.DoesNotExist):
        sending_account(bob, account)


MIXED = (
    '--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n--b\r\nContent-Type: application/pdf; name="plan.pdf"\r\n'
    'Content-Disposition: attachment; filename="plan.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    "JVBERi0xAAAA\r\n--b--\r\n"
)


def with_file(account: MailAccount) -> Message:
    return received(account, body=MIXED, Content_Type='multipart/mixed; boundary="b"', Content_Transfer_Encoding="")


def test_preparing_stores_nothing(account: MailAccount, alice: User) -> None:
    draft, files = reply(with_file(account), alice, Kind.FORWARD).draft("k" * 16, alice)
    assert draft.key == "k" * 16
    assert [each.name for each in files] == ["plan.pdf"]
    assert not Draft.objects.exists()


def test_storing_a_forward_attaches_the_files_under_the_keys_shown_before(account: MailAccount, alice: User) -> None:
    message = with_file(account)
    _draft, shown = reply(message, alice, Kind.FORWARD).draft("k" * 16, alice)
    draft = store("k" * 16, alice, account, kind=Kind.FORWARD, parent=message)
    stored = draft.files.get()
    assert stored.key == shown[0].key
    assert (stored.name, stored.media_type, stored.content()) == ("plan.pdf", "application/pdf", b"%PDF-1\0\0\0")


def test_storing_twice_is_storing_once(account: MailAccount, alice: User) -> None:
    message = with_file(account)
    first = store("k" * 16, alice, account, kind=Kind.FORWARD, parent=message)
    assert store("k" * 16, alice, account, kind=Kind.FORWARD, parent=message) == first
    assert DraftFile.objects.count() == 1


def test_a_reply_takes_no_files_along(account: MailAccount, alice: User) -> None:
    assert not store("k" * 16, alice, account, kind=Kind.REPLY, parent=with_file(account)).files.exists()


def test_keys_of_files_tell_drafts_and_parts_apart() -> None:
    keys = {file_key("a" * 16, 1), file_key("a" * 16, 2), file_key("b" * 16, 1)}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {16}


def test_speaks_the_readers_language_where_it_is_known(account: MailAccount, alice: User) -> None:
    message = received(account)
    message.dated_at = datetime(2025, 11, 3, 14, 5, tzinfo=UTC)
    with translation.override("ja"):
        text = reply(message, alice).text
    assert "14:05" in text
    assert "> Shall we?" in text


# Which address it leaves from -----------------------------------------------------------------------------------------


@pytest.fixture
def shop(account: MailAccount) -> Identity:
    """An alias of Alice's, in a domain that is hers alone."""
    return Identity.objects.create(
        account=account, name="The shop", address="shop@alice.test", signature="The shop", is_catch_all=True
    )


@pytest.mark.parametrize(
    ("fields", "sender"),
    [
        ({"To": "Alice <alice@home.test>"}, ""),
        ({"To": "SHOP@alice.test"}, "shop@alice.test"),
        ({"To": "dana@far.test", "Cc": "shop@alice.test"}, "shop@alice.test"),
        ({"To": "club@far.test", "Delivered_To": "shop@alice.test"}, "shop@alice.test"),
        ({"To": "shop@alice.test", "Delivered_To": "alice@home.test"}, "shop@alice.test"),
        ({"To": "alice@home.test", "X_Original_To": "orders@alice.test"}, "orders@alice.test"),
        ({"To": "orders@alice.test"}, "orders@alice.test"),
        ({"To": "club@far.test"}, ""),
        ({"To": ""}, ""),
    ],
)
def test_leaves_from_the_address_that_received_the_parent(
    account: MailAccount, alice: User, shop: Identity, fields: dict[str, str], sender: str
) -> None:
    for kind in (Kind.REPLY, Kind.REPLY_ALL, Kind.FORWARD):
        found = reply(received(account, **fields), alice, kind)
        assert (found.account, found.sender) == (account, sender)


def test_signs_as_the_address_that_received_the_parent(account: MailAccount, alice: User, shop: Identity) -> None:
    assert "-- \nThe shop\n" in reply(received(account, To="orders@alice.test"), alice).text


def test_another_answer_to_what_was_sent_leaves_from_the_same_address(
    account: MailAccount, alice: User, shop: Identity
) -> None:
    message = received(account, From="shop@alice.test", To="alice@home.test, dana@far.test")
    message.folder = Folder.SENT
    found = reply(message, alice)
    assert (found.sender, found.to) == ("shop@alice.test", "dana@far.test")


def test_an_address_that_the_domain_caught_is_left_out_of_the_answer(
    account: MailAccount, alice: User, bob: User, shop: Identity
) -> None:
    MailAccount.objects.create(owner=bob, address="bob@alice.test")
    message = received(account, To="orders@alice.test, bob@alice.test, erin@far.test")
    assert reply(message, alice, Kind.REPLY_ALL).to == "Dana <dana@far.test>, bob@alice.test, erin@far.test"


def test_another_account_s_address_does_not_answer_for_this_one(
    account: MailAccount, work: MailAccount, alice: User
) -> None:
    found = reply(received(account, To="club@far.test", Cc=work.address), alice)
    assert (found.account, found.sender) == (account, "")


def test_leaves_from_the_address_that_the_writer_wants(account: MailAccount, alice: User, work: MailAccount) -> None:
    alice.answers_from = "alice@work.test"
    assert reply(received(account), alice).account == work


def test_a_wish_that_is_no_address_of_ones_own_is_passed_by(account: MailAccount, alice: User) -> None:
    alice.answers_from = "bob@elsewhere.test"
    assert reply(received(account), alice).account == account


def test_what_others_share_is_answered_from_its_own_address(account: MailAccount, bob: User) -> None:
    Membership.objects.filter(account=account, user=bob).update(role=Membership.Role.SEND)
    own = MailAccount.objects.create(owner=bob, name="Bob", address="bob@home.test")
    SubmissionServer.objects.create(account=own, host="127.0.0.1", port=9, security="none", may_be_private=True)
    bob.answers_from = "bob@home.test"
    assert reply(received(account), bob).account == account
