"""The trash and spam: what they say of when what leaves for ever, and their emptying."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import MailAccount, Membership, User
from mailbox import quiet, threads
from mailbox.models import Entry, Folder, Message
from mailbox.tasks import empty_due
from tests.cast import deliver, octets_of


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture
def thrown(account: MailAccount) -> Message:
    [message] = deliver(account, octets_of("Tea"))
    threads.trash([message.thread_id])
    return message


@pytest.mark.parametrize(("url", "act"), [("/trash/", threads.trash), ("/spam/", threads.spam)])
def test_says_when_what_leaves_for_ever(web: Client, account: MailAccount, url: str, act: threads.Act) -> None:
    [message] = deliver(account, octets_of("Tea"))
    act([message.thread_id])
    response = web.get(url)
    [row] = response.context["rows"]
    message.refresh_from_db()
    assert message.trashed_at
    assert row.signs.leaves_at == message.trashed_at + timedelta(days=30)
    assert "leaves for ever after 30 days" in response.content.decode()
    assert "Leaves for ever: " in response.content.decode()


def test_says_where_nothing_leaves_by_itself(web: Client, alice: User, thrown: Message) -> None:
    User.objects.filter(pk=alice.pk).update(trash_days=0)
    response = web.get("/trash/")
    assert "Nothing leaves from here by itself." in response.content.decode()
    assert response.context["rows"][0].signs.leaves_at is None


def test_asks_before_it_empties(web: Client, thrown: Message) -> None:
    page = web.get("/trash/empty/").content.decode()
    assert "1 message will be deleted for ever." in page
    assert Message.objects.exists()


def test_empties_and_leaves_the_rest(web: Client, account: MailAccount, thrown: Message) -> None:
    [spam, kept] = deliver(account, octets_of("Spam"), octets_of("Kept"))
    threads.spam([spam.thread_id])
    assert web.post("/trash/empty/").headers["Location"] == "/trash/"
    assert [row.entry.subject for row in web.get("/trash/").context["rows"]] == []
    empty_due()
    assert set(Message.objects.values_list("pk", flat=True)) == {spam.pk, kept.pk}
    web.post("/spam/empty/")
    empty_due()
    assert Message.objects.get() == kept


def test_empties_one_account_alone(web: Client, alice: User, thrown: Message) -> None:
    work = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    [other] = deliver(work, octets_of("Other"))
    threads.trash([other.thread_id])
    web.post("/trash/empty/", {"account": work.key})
    empty_due()
    assert Message.objects.get() == thrown


@pytest.mark.parametrize("named", ["removed", "his"])
def test_an_account_that_is_not_there_is_not_all_accounts(
    web: Client, account: MailAccount, bob: User, thrown: Message, named: str
) -> None:
    his = MailAccount.objects.create(owner=bob, name="Bob's", address="bob@home.test")
    key = {"removed": "k" * 16, "his": his.key}[named]
    assert web.get("/trash/empty/", {"account": key}).status_code == 404
    assert web.post("/trash/empty/", {"account": key}).status_code == 404
    assert web.post(f"/trash/empty/?account={key}").status_code == 404
    empty_due()
    assert Message.objects.get() == thrown


@pytest.mark.parametrize("role", Membership.Role.values)
def test_an_account_that_a_member_does_not_speak_for_or_see_widens_to_nothing(
    client: Client, account: MailAccount, bob: User, thrown: Message, role: str
) -> None:
    own = MailAccount.objects.create(owner=bob, name="Bob's", address="bob@home.test")
    [kept] = deliver(own, octets_of("Kept"))
    threads.trash([kept.thread_id])
    Membership.objects.filter(user=bob).update(role=role, is_hidden=role == Membership.Role.SEND)
    client.force_login(bob)
    client.post("/trash/empty/", {"account": account.key})
    empty_due()
    assert set(Message.objects.all()) == {thrown, kept}


def test_what_the_list_does_not_show_is_not_emptied_with_it(
    client: Client, account: MailAccount, bob: User, thrown: Message
) -> None:
    Membership.objects.filter(user=bob).update(role=Membership.Role.SEND, is_hidden=True)
    client.force_login(bob)
    client.post("/trash/empty/")
    empty_due()
    assert Message.objects.get() == thrown


def test_a_member_who_may_only_read_empties_nothing(client: Client, bob: User, thrown: Message) -> None:
    client.force_login(bob)
    assert "alice@home.test" in client.get("/trash/empty/").content.decode()
    client.post("/trash/empty/")
    empty_due()
    assert Message.objects.exists()


def test_an_outsider_empties_nothing(client: Client, charlie: User, thrown: Message) -> None:
    client.force_login(charlie)
    client.post("/trash/empty/")
    empty_due()
    assert Message.objects.exists()


def test_spam_stands_in_no_other_list_and_comes_back(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, octets_of("Tea"))
    threads.star([message.thread_id])
    web.post(f"/m/{message.key}/spam/")
    for url in ("/", "/starred/", "/archive/"):
        assert not web.get(url).context["rows"]
    assert [row.entry.subject for row in web.get("/spam/").context["rows"]] == ["Tea"]
    assert web.get(f"/m/{message.key}/").status_code == 200
    web.post(f"/m/{message.key}/not-spam/")
    assert Entry.objects.get().folder == Folder.INBOX


def test_spam_that_was_thrown_away_is_put_back_as_spam(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, octets_of("Tea"))
    for act in (threads.spam, threads.trash, threads.restore):
        act([message.thread_id])
    message.refresh_from_db()
    assert message.folder == Folder.SPAM
    assert message.trashed_at
    assert timezone.now() - message.trashed_at < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("url", "act"),
    [
        ("/trash/", threads.trash),
        ("/spam/", threads.spam),
        ("/snoozed/", partial(quiet.snooze, until="2100-01-01T08:00:00+09:00")),
    ],
)
def test_the_cost_does_not_grow_with_what_lies_there(
    web: Client, account: MailAccount, url: str, act: threads.Act
) -> None:
    def cost(count: int) -> int:
        messages = deliver(account, *(octets_of(f"{count} {number}") for number in range(count)))
        act([each.thread_id for each in messages])
        with CaptureQueriesContext(connection) as queries:
            assert len(web.get(url).context["rows"]) == min(count, 50)
        return len(queries)

    assert cost(10) == cost(1000)
