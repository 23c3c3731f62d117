"""What is asked before something is done to a conversation, by scripts and without, and never of outsiders."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import MailAccount, Membership, User
from mailbox import labelling, quiet, threads
from mailbox.models import Entry, Label, Labelled, Message, ThreadMark
from tests.cast import deliver, octets_of

HTMX = {"HX-Request": "true"}
CHOICES = ["more", "snooze", "labels", "delete"]


@pytest.fixture
def message(account: MailAccount) -> Message:
    return deliver(account, octets_of("Tea"))[0]


@pytest.fixture
def web(client: Client, alice: User) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def until(**wait: float) -> str:
    return (timezone.now() + timedelta(**wait)).isoformat()


@pytest.mark.parametrize("of", CHOICES)
def test_a_choice_is_a_page_without_scripts_and_a_part_with_them(web: Client, message: Message, of: str) -> None:
    page, part = (web.get(f"/m/{message.key}/choices/{of}/", headers=headers) for headers in ({}, HTMX))
    assert "<html" in page.content.decode()
    assert "<html" not in part.content.decode()
    assert f"/m/{message.key}/" in part.content.decode()


@pytest.mark.parametrize("of", CHOICES)
def test_an_outsider_is_asked_nothing(client: Client, charlie: User, message: Message, of: str) -> None:
    client.force_login(charlie)
    assert client.get(f"/m/{message.key}/choices/{of}/").status_code == 404


def test_refuses_another_verb_and_another_choice(web: Client, message: Message) -> None:
    assert web.post(f"/m/{message.key}/choices/more/").status_code == 405
    assert web.get(f"/m/{message.key}/choices/explode/").status_code == 404


def test_snoozes_until_the_time_that_was_chosen(web: Client, message: Message) -> None:
    when = until(hours=3)
    response = web.post(f"/m/{message.key}/snooze/", {"later": when, "in": "inbox"}, headers=HTMX)
    assert ThreadMark.objects.get().wakes_at.isoformat() == when
    assert "Snoozed." in response.content.decode()
    assert Entry.objects.get().folder == "snoozed"


@pytest.mark.parametrize(
    "sent", [{}, {"later": "typed", "send_at": ""}, {"later": until(hours=-1)}, {"later": until(days=400)}]
)
def test_a_time_that_cannot_be_is_refused_in_words(web: Client, message: Message, sent: dict[str, str]) -> None:
    response = web.post(f"/m/{message.key}/snooze/", sent, headers=HTMX)
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    plain = web.post(f"/m/{message.key}/snooze/", sent | {"asked_at": f"/m/{message.key}/choices/snooze/"})
    assert plain.headers["Location"] == f"/m/{message.key}/choices/snooze/"
    assert Entry.objects.get().folder == "inbox"


def test_a_snoozed_conversation_can_be_brought_back_now(web: Client, message: Message) -> None:
    quiet.snooze([message.thread_id], until=until(hours=3))
    assert "Bring it back now" in web.get(f"/m/{message.key}/choices/snooze/").content.decode()


def test_the_snoozed_list_has_what_comes_back_first_on_top(web: Client, account: MailAccount, message: Message) -> None:
    [cake] = deliver(account, octets_of("Cake"))
    quiet.snooze([message.thread_id], until=until(hours=9))
    quiet.snooze([cake.thread_id], until=until(hours=2))
    response = web.get("/snoozed/")
    assert [row.entry.subject for row in response.context["rows"]] == ["Cake", "Tea"]
    first = ThreadMark.objects.get(pk=cake.thread_id).wakes_at
    assert f'datetime="{first.isoformat()}"' in response.content.decode()


def test_makes_a_label_and_puts_it_on(web: Client, alice: User, message: Message) -> None:
    sent = {"name": " Travel / Japan ", "in": "inbox", "menu": "1"}
    page = web.post(f"/m/{message.key}/label/", sent, headers=HTMX).content.decode()
    label = Label.objects.get()
    assert (label.name, label.owner) == ("Travel/Japan", alice)
    assert Labelled.objects.get().thread_id == message.thread_id
    assert 'id="label-choices"' in page
    assert f'formaction="/m/{message.key}/unlabel/" name="label" value="{label.key}"' in page


def test_a_name_that_is_known_is_that_label(web: Client, alice: User, message: Message) -> None:
    label = Label.objects.create(owner=alice, name="Travel")
    web.post(f"/m/{message.key}/label/", {"name": "travel"})
    assert Labelled.objects.get().label == label


def test_a_label_without_a_name_is_refused(web: Client, message: Message) -> None:
    assert web.post(f"/m/{message.key}/label/", {"name": " / "}, headers=HTMX).status_code == 422
    assert not Label.objects.exists()


def test_nobody_uses_another_persons_label(web: Client, bob: User, message: Message) -> None:
    label = Label.objects.create(owner=bob, name="Bob's")
    assert web.post(f"/m/{message.key}/label/", {"label": label.key}).status_code == 404
    labelling.label([message.thread_id], label=label.pk)
    assert web.post(f"/m/{message.key}/unlabel/", {"label": label.key}).status_code == 404
    assert Labelled.objects.exists()


def test_nobody_sees_another_persons_label(web: Client, bob: User, message: Message) -> None:
    label = Label.objects.create(owner=bob, name="Surprise")
    labelling.label([message.thread_id], label=label.pk)
    for url in ("/", f"/m/{message.key}/", f"/m/{message.key}/choices/labels/"):
        assert "Surprise" not in web.get(url).content.decode()
    assert web.get(f"/label/{label.key}/").status_code == 404


def test_a_muted_conversation_says_so_and_can_be_unmuted(web: Client, message: Message) -> None:
    web.post(f"/m/{message.key}/mute/")
    assert "Muted" in web.get("/archive/").content.decode()
    assert f"/m/{message.key}/unmute/" in web.get(f"/m/{message.key}/choices/more/").content.decode()
    web.post(f"/m/{message.key}/unmute/")
    assert f"/m/{message.key}/mute/" in web.get(f"/m/{message.key}/choices/more/").content.decode()


def test_deleting_for_ever_asks_first_and_cannot_be_taken_back(web: Client, message: Message) -> None:
    threads.trash([message.thread_id])
    question = web.get(f"/m/{message.key}/choices/delete/?in=trash").content.decode()
    assert "This cannot be undone." in question
    assert Message.objects.exists()
    page = web.post(f"/m/{message.key}/delete/", {"in": "trash"}, headers=HTMX).content.decode()
    assert not Message.objects.exists()
    assert "Deleted for ever." in page
    assert "/undo/" not in page


def test_a_member_deletes_nothing_for_ever_unless_he_may_send(client: Client, bob: User, message: Message) -> None:
    threads.trash([message.thread_id])
    client.force_login(bob)
    assert "Only the owner" in client.get(f"/m/{message.key}/choices/delete/").content.decode()
    assert client.post(f"/m/{message.key}/delete/").status_code == 404
    assert Message.objects.exists()
    Membership.objects.update(role=Membership.Role.SEND)
    client.post(f"/m/{message.key}/delete/")
    assert not Message.objects.exists()
