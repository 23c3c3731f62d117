"""A selection of the trash or of spam deleted for ever: asked about, and only by those who may."""

from collections.abc import Sequence

import pytest
from django.test import Client

from accounts.models import MailAccount, Membership, User
from mailbox import bulk, threads
from mailbox.models import BulkAct, Entry, Message
from mailbox.views import selection
from tests.cast import deliver, octets_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def thrown(account: MailAccount) -> list[Message]:
    """Three conversations in the trash."""
    messages = deliver(account, *(octets_of(f"Letter {number}") for number in range(3)))
    threads.trash([each.thread_id for each in messages])
    return messages


@pytest.fixture
def web(client: Client, alice: User) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def form(messages: Sequence[Message]) -> dict[str, str | list[str]]:
    return {"key": [each.key for each in messages], "in": "trash", "next": "/trash/"}


def test_asks_first_and_says_how_many(web: Client, thrown: list[Message]) -> None:
    page = web.post("/selection/choices/delete/", form(thrown[:2]), headers=HTMX).content.decode()
    assert "2 messages will be deleted for ever. This cannot be undone." in page
    assert Message.objects.count() == 3


def test_without_scripts_the_question_is_a_page_that_carries_the_selection(web: Client, thrown: list[Message]) -> None:
    page = web.post("/selection/choices/delete/", form(thrown[:2])).content.decode()
    assert page.count('<input type="hidden" name="key"') == 2
    assert 'action="/selection/?verb=delete"' in page


def test_deletes_what_was_selected_and_offers_no_undo(web: Client, thrown: list[Message]) -> None:
    page = web.post("/selection/?verb=delete", form(thrown[:2]), headers=HTMX).content.decode()
    assert list(Message.objects.values_list("subject", flat=True)) == ["Letter 2"]
    assert Entry.objects.count() == 1
    assert "2 conversations deleted for ever." in page
    assert "/undo/" not in page
    assert page.count('hx-swap-oob="delete"') == 2


def test_a_form_does_it_leads_back_and_says_so(web: Client, thrown: list[Message]) -> None:
    assert web.post("/selection/?verb=delete", form(thrown)).headers["Location"] == "/trash/"
    page = web.get("/trash/").content.decode()
    assert "3 conversations deleted for ever." in page
    assert "/undo/" not in page


def test_cannot_be_taken_back(web: Client, thrown: list[Message]) -> None:
    web.post("/selection/?verb=delete", form(thrown))
    act = BulkAct.objects.get()
    assert not bulk.undo(act, is_awaited=True)
    web.post(f"/selection/{act.key}/undo/")
    act.refresh_from_db()
    assert (act.state, Message.objects.count()) == ("done", 0)


def test_leaves_what_a_conversation_has_elsewhere(web: Client, account: MailAccount) -> None:
    [first] = deliver(account, octets_of("Boat", message_id="boat@x"))
    threads.trash([first.thread_id])
    [answer] = deliver(account, octets_of("Re: Boat", references=["boat@x"]))
    web.post("/selection/?verb=delete", form([first]))
    assert list(Message.objects.all()) == [answer]


def test_a_whole_view_goes_by_a_worker(
    web: Client, account: MailAccount, thrown: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "SHORT", 2)
    [kept] = deliver(account, octets_of("Kept"))
    whole = {"all": "1", "in": "trash"}
    page = web.post("/selection/choices/delete/", whole, headers=HTMX).content.decode()
    assert "3 messages will be deleted for ever." in page
    web.post("/selection/?verb=delete", whole, headers=HTMX)
    assert Message.objects.count() == 4
    bulk.run(BulkAct.objects.get(), pause_seconds=0)
    assert list(Message.objects.all()) == [kept]


@pytest.mark.parametrize("where", ["inbox", "archive", "search"])
def test_only_the_trash_and_spam_offer_it(web: Client, thrown: list[Message], where: str) -> None:
    elsewhere = form(thrown) | {"in": where}
    assert web.post("/selection/choices/delete/", elsewhere).status_code == 404
    assert web.post("/selection/?verb=delete", elsewhere).status_code == 404
    assert Message.objects.count() == 3


def test_an_outsider_gets_404_and_deletes_nothing(client: Client, thrown: list[Message], charlie: User) -> None:
    client.force_login(charlie)
    assert client.post("/selection/choices/delete/", form(thrown)).status_code == 404
    assert client.post("/selection/?verb=delete", form(thrown)).status_code == 404
    client.post("/selection/?verb=delete", {"all": "1", "in": "trash"})
    assert Message.objects.count() == 3


@pytest.mark.parametrize(("role", "left"), [("read", 3), ("send", 0)])
@pytest.mark.parametrize("is_all", [True, False])
def test_a_member_may_who_may_send(
    client: Client, thrown: list[Message], bob: User, role: str, left: int, is_all: bool
) -> None:
    Membership.objects.filter(user=bob).update(role=role)
    client.force_login(bob)
    chosen = {"all": "1", "in": "trash"} if is_all else form(thrown)
    page = client.post("/selection/choices/delete/", chosen, headers=HTMX).content.decode()
    assert ("nothing here that you may delete" in page) == bool(left)
    assert ("The rest stays" in page) == bool(left)
    client.post("/selection/?verb=delete", chosen)
    assert Message.objects.count() == left


def test_a_worker_leaves_alone_what_is_no_longer_the_persons_to_delete(
    bob: User, account: MailAccount, thrown: list[Message]
) -> None:
    Membership.objects.filter(user=bob).update(role=Membership.Role.SEND)
    act = bulk.begin(bob, "delete", [each.thread_id for each in thrown], is_awaited=False)
    Membership.objects.filter(user=bob).update(role=Membership.Role.READ)
    bulk.run(act, pause_seconds=0)
    assert Message.objects.count() == 3
