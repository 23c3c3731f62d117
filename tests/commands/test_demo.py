"""The demo: two people, their mail, and nothing that happens twice."""

import io

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.models import Identity, LocalMaildrop, MailAccount, RemoteMaildrop, SubmissionServer, User
from mailbox import search
from mailbox.mime.parse import parse
from mailbox.models import Attachment, Deposit, Entry, Message, Thread

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_chosen_password(monkeypatch):
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)


def demo(*arguments: str) -> str:
    out = io.StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


def passwords(said: str) -> dict[str, str]:
    lines = [line.split() for line in said.splitlines() if " password " in line]
    return {words[0]: words[2] for words in lines}


def row_counts() -> dict[str, int]:
    models = (User, MailAccount, Identity, RemoteMaildrop, SubmissionServer, LocalMaildrop, Message, Thread, Deposit)
    return {model.__name__: model.objects.count() for model in models}


def test_prints_who_can_sign_in_and_the_passwords_fit():
    said = passwords(demo())
    assert list(said) == ["alice", "bob"]
    assert said["alice"] != said["bob"]
    for name, password in said.items():
        assert len(password) == 19
        assert User.objects.get(username=name).check_password(password)


def test_a_second_run_adds_nothing_and_changes_no_password():
    password = passwords(demo())["alice"]
    before = row_counts()
    said = demo()
    assert row_counts() == before
    assert "as printed when it was made" in said
    assert "--reset-passwords" in said
    assert User.objects.get(username="alice").check_password(password)


def test_passwords_can_be_made_anew():
    old = passwords(demo())["alice"]
    new = passwords(demo("--reset-passwords"))["alice"]
    assert new != old
    assert User.objects.get(username="alice").check_password(new)


def test_the_environment_may_choose_the_password(monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORD", "sails-and-lighthouses")
    assert passwords(demo()) == {"alice": "sails-and-lighthouses", "bob": "sails-and-lighthouses"}
    stored = User.objects.get(username="alice").password
    assert demo() == demo()
    assert User.objects.get(username="alice").password == stored


def test_standard_input_may_choose_the_password(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("sails-and-lighthouses\n"))
    demo("--password-stdin")
    assert User.objects.get(username="bob").check_password("sails-and-lighthouses")


def test_an_empty_password_changes_nothing(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    with pytest.raises(CommandError, match="no password"):
        demo("--password-stdin")
    assert not User.objects.exists()


def test_somebody_real_of_that_name_is_left_alone():
    User.objects.create_user("bob", password="mine")
    with pytest.raises(CommandError, match="bob"):
        demo("--reset-passwords")
    assert [user.username for user in User.objects.all()] == ["bob"]
    assert User.objects.get().check_password("mine")


def test_a_maildrop_of_somebody_real_is_left_alone():
    charlie = User.objects.create_user("charlie")
    LocalMaildrop.objects.create(owner=charlie, address="alice@home.test")
    with pytest.raises(CommandError, match=r"alice@home\.test"):
        demo()
    assert User.objects.get() == charlie


def test_an_account_that_was_removed_comes_back_with_its_way_open():
    demo()
    deposits = Deposit.objects.count()
    MailAccount.objects.get(address="alice@home.test").delete()
    demo()
    account = MailAccount.objects.get(address="alice@home.test")
    assert LocalMaildrop.objects.at(account.address).get().check_password(account.remote_maildrop.password)
    assert Deposit.objects.count() == deposits


def test_the_accounts_collect_and_submit_at_the_embedded_servers():
    demo()
    for name, mode in {"alice": "keep", "bob": "delete"}.items():
        account = MailAccount.objects.get(owner__username=name)
        remote, local = account.remote_maildrop, LocalMaildrop.objects.get(owner__username=name)
        assert (remote.host, remote.port, remote.security) == ("127.0.0.1", settings.POP3D_PORT, "none")
        assert (remote.mode, remote.every_minutes, remote.may_be_private) == (mode, 1, True)
        assert local.address == remote.login == account.address
        assert local.check_password(remote.password)
        assert local.account is None
        submission = account.submission_server
        assert (submission.host, submission.port, submission.login) == ("127.0.0.1", settings.SMTPD_PORT, "")
        assert submission.may_be_private


def test_they_write_under_their_names():
    demo()
    assert [str(each) for each in Identity.objects.order_by("address")] == [
        "Alice Moreau <alice@home.test>",
        "Bob Tanaka <bob@home.test>",
    ]
    assert User.objects.get(username="alice").get_full_name() == "Alice Moreau"


def test_alice_has_about_sixty_messages_in_every_state():
    demo()
    hers = Message.objects.filter(account__owner__username="alice")
    assert 55 <= hers.count() <= 70
    assert set(hers.values_list("folder", flat=True)) == {"inbox", "sent", "archive", "trash"}
    assert 5 <= hers.filter(folder="inbox", is_read=False).count() <= 12
    assert hers.filter(is_starred=True).count() >= 4
    assert not hers.filter(folder="trash", trashed_at=None).exists()


def test_each_sees_only_the_mail_of_their_own():
    demo()
    alice, bob = User.objects.get(username="alice"), User.objects.get(username="bob")
    hers, his = Message.objects.visible_to(alice), Message.objects.visible_to(bob)
    assert {message.account.address for message in hers.select_related("account")} == {"alice@home.test"}
    assert {message.account.address for message in his.select_related("account")} == {"bob@home.test"}
    assert hers.count() + his.count() == Message.objects.count()
    assert not hers.filter(subject="The boat needs a new oar").exists()
    assert his.filter(subject="The boat needs a new oar").exists()


def test_the_family_writes_back_and_forth_in_one_conversation():
    demo()
    entry = Entry.objects.get(account__owner__username="alice", folder="inbox", subject__startswith="Rose turns 80")
    assert entry.message_count == 7
    assert [name for name, _ in entry.senders] == ["Bob Tanaka", "Alice Moreau", "Charlie Moreau"]
    assert (entry.unread_count, entry.is_starred) == (1, True)


def test_six_messages_wait_for_the_first_pull_and_join_conversations():
    demo()
    waiting = list(Deposit.objects.filter(maildrop__address="alice@home.test"))
    assert len(waiting) == 6
    assert all(deposit.reverse_path for deposit in waiting)
    ids = {parse(deposit.original.octets).header.message_id for deposit in waiting}
    assert not Message.objects.filter(account__owner__username="alice", message_id__in=ids).exists()
    answer = next(p for d in waiting if (p := parse(d.original.octets)).header.references)
    assert Message.objects.filter(message_id=answer.header.references[0], folder="inbox").exists()


def test_the_mail_can_be_found():
    demo()
    account = MailAccount.objects.get(owner__username="alice")
    for query in ["radio", "りんどう", "おでん", "湊書房", "gâteau", "invoice-4127", "Solberg"]:
        assert search.find(query, [account.pk]), query


def test_there_are_files_and_a_picture_inside_a_message():
    demo()
    hers = Attachment.objects.filter(message__account__owner__username="alice")
    assert {"application/pdf", "image/png", "text/csv", "text/calendar", "message/rfc822"} == set(
        hers.values_list("media_type", flat=True)
    )
    lake = hers.get(file_name="lake.png")
    assert lake.is_inline
    html = parse(lake.message.octets).html
    assert html
    assert f"cid:{lake.content_id}" in html.text()
