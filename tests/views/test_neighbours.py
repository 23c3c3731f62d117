"""From one conversation to the next, in every list."""

import pytest
from django.test import Client

from accounts.models import MailAccount, User
from mailbox import threads
from mailbox.models import Message
from tests.cast import deliver, octets_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def messages(account: MailAccount) -> list[Message]:
    """Three conversations, the oldest first."""
    dates = (f"{day} Nov 2025 09:00:00 +0000" for day in (3, 4, 5))
    return deliver(account, *(octets_of(f"Letter from {date[:5]}", date=date) for date in dates))


@pytest.fixture
def web(client: Client, alice: User) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def test_leads_down_and_up_the_list(web: Client, messages: list[Message]) -> None:
    old, middle, new = messages
    assert web.get(f"/m/{middle.key}/below/").headers["Location"] == f"/m/{old.key}/?in=inbox"
    assert web.get(f"/m/{middle.key}/above/").headers["Location"] == f"/m/{new.key}/?in=inbox"


def test_mixes_the_accounts(web: Client, alice: User, messages: list[Message]) -> None:
    work = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    [between] = deliver(work, octets_of("Between", date="4 Nov 2025 12:00:00 +0000"))
    [_, middle, new] = messages
    assert between.key in web.get(f"/m/{middle.key}/above/").headers["Location"]
    assert between.key in web.get(f"/m/{new.key}/below/").headers["Location"]
    account = messages[0].account.key
    assert middle.key in web.get(f"/m/{new.key}/below/", {"account": account}).headers["Location"]


def test_passes_over_what_the_list_does_not_show(web: Client, messages: list[Message]) -> None:
    old, middle, new = messages
    threads.archive([middle.thread_id])
    assert old.key in web.get(f"/m/{new.key}/below/").headers["Location"]


def test_behind_the_last_one_comes_the_list(web: Client, messages: list[Message]) -> None:
    assert web.get(f"/m/{messages[0].key}/below/", {"in": "inbox"}).headers["Location"] == "/"
    assert web.get(f"/m/{messages[0].key}/below/", headers=HTMX).status_code == 204


def test_follows_what_was_found(web: Client, messages: list[Message]) -> None:
    old, middle, _new = messages
    found = web.get(f"/m/{middle.key}/below/", {"in": "search", "q": "letter"})
    assert found.headers["Location"] == f"/m/{old.key}/?in=search&q=letter"


def test_an_outsider_gets_404(client: Client, messages: list[Message], charlie: User) -> None:
    client.force_login(charlie)
    assert client.get(f"/m/{messages[1].key}/below/").status_code == 404


def test_refuses_another_verb(web: Client, messages: list[Message]) -> None:
    assert web.post(f"/m/{messages[1].key}/below/").status_code == 405


def test_the_conversation_links_to_both(web: Client, messages: list[Message]) -> None:
    page = web.get(f"/m/{messages[1].key}/", {"in": "starred"}).content.decode()
    assert f'href="/m/{messages[1].key}/below/?in=starred"' in page
    assert f'href="/m/{messages[1].key}/above/?in=starred"' in page
