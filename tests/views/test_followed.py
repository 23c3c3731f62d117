"""What came into a conversation while it lay open."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import MailAccount, User
from mailbox import labelling, threads
from mailbox.models import Folder, Label, Message
from tests.cast import deliver, octets_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(client: Client, alice: User) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture
def open_letter(account: MailAccount) -> Message:
    [message] = deliver(account, octets_of("Boats", message_id="one@far.test"))
    return message


def answer(account: MailAccount, sender: str = "Dana <dana@far.test>", hour: int = 10, **options: Any) -> Message:
    octets = octets_of(
        "Re: Boats", sender=sender, references=["one@far.test"], date=f"Mon, 24 Nov 2025 {hour}:00:00 +0000"
    )
    return deliver(account, octets, **options)[0]


def test_says_nothing_while_nobody_has_written(web, open_letter):
    assert web.get(f"/m/{open_letter.key}/followed/").status_code == 204


def test_names_who_has_written_and_leads_there(web, account, open_letter):
    came = answer(account)
    page = web.get(f"/m/{open_letter.key}/followed/", {"in": "inbox"}).content.decode()
    assert "Dana has just written." in page
    assert f'href="/m/{came.key}/?in=inbox"' in page


def test_counts_several(web, account, open_letter):
    answer(account, hour=10)
    answer(account, "Eve <eve@far.test>", hour=11)
    assert "2 new messages have come, the last from Eve." in web.get(f"/m/{open_letter.key}/followed/").content.decode()


def test_what_the_reader_wrote_or_threw_away_is_no_news(web, account, open_letter):
    answer(account, folder=Folder.SENT, hour=10)
    answer(account, folder=Folder.TRASH, hour=11)
    assert web.get(f"/m/{open_letter.key}/followed/").status_code == 204


def test_an_open_conversation_asks_for_what_follows_its_last_message(web, account, open_letter):
    came = answer(account)
    page = web.get(f"/m/{open_letter.key}/?in=inbox").content.decode()
    assert f'hx-get="/m/{came.key}/followed/?in=inbox"' in page


def test_members_hear_it_and_outsiders_find_nothing(client, account, open_letter, bob, charlie):
    answer(account)
    client.force_login(bob)
    assert client.get(f"/m/{open_letter.key}/followed/").status_code == 200
    client.force_login(charlie)
    assert client.get(f"/m/{open_letter.key}/followed/").status_code == 404


def test_refuses_another_verb(web, open_letter):
    assert web.post(f"/m/{open_letter.key}/followed/").status_code == 405


def test_escapes_who_has_written(web, account, open_letter):
    answer(account, '"<b>Eve</b>" <eve@far.test>')
    assert "&lt;b&gt;Eve" in web.get(f"/m/{open_letter.key}/followed/").content.decode()


def test_what_others_change_of_an_open_conversation_is_drawn_again(web, alice, open_letter):
    label = Label.objects.create(owner=alice, name="Boats")
    labelling.label([open_letter.thread_id], label=label.pk)
    threads.star([open_letter.thread_id])
    assert f'hx-get="/m/{open_letter.key}/standing/' in web.get(f"/m/{open_letter.key}/?in=inbox").content.decode()
    page = web.get(f"/m/{open_letter.key}/standing/", {"in": "inbox"}).content.decode()
    assert page.count('hx-swap-oob="outerMorph"') == 2
    assert 'aria-label="Remove the label Boats"' in page
    assert 'aria-label="Remove the star"' in page


def test_an_outsider_is_told_nothing_of_it(client, charlie, open_letter):
    client.force_login(charlie)
    assert client.get(f"/m/{open_letter.key}/standing/").status_code == 404
