"""After Send: it waits some seconds, every page offers to call it back; or it waits for the time that was chosen."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import MailAccount, Membership, User
from mailbox.models import Draft, Message, Outgoing

pytestmark = pytest.mark.usefixtures("submission_server")
KEY = "abcdefghijklmnop"


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def send(web: Client, account: MailAccount, **fields: str) -> Any:
    form = {"key": KEY, "kind": "new", "account": account.key, "to": "dana@far.test", "cc": "", "bcc": ""}
    form |= {"subject": "Tea", "text": "Shall we?"}
    return web.post("/compose/", form | (fields or {"do": "send"}))


def queries_of(web: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        web.get(path)
    return len(queries)


def later(**delta: float) -> str:
    return (timezone.now() + timedelta(**delta)).isoformat()


def test_what_is_sent_waits_as_long_as_its_writer_wishes(web: Client, alice: User, account: MailAccount) -> None:
    User.objects.filter(pk=alice.pk).update(undo_seconds=30)
    send(web, account)
    assert timedelta(seconds=20) < Outgoing.objects.get().due_at - timezone.now() <= timedelta(seconds=30)


def test_every_page_offers_to_call_it_back_at_no_query(web: Client, account: MailAccount) -> None:
    usual = queries_of(web, "/drafts/")
    send(web, account)
    for path in ("/", "/drafts/", "/settings/"):
        page = web.get(path).text
        assert f'action="/outbox/{KEY}/cancel/"' in page
        assert "Sending at" in page
    assert queries_of(web, "/drafts/") == usual


def test_nothing_is_offered_once_it_has_left(web: Client, account: MailAccount) -> None:
    send(web, account)
    session = web.session
    session["sending"] = [[KEY, "Tea", timezone.now().timestamp() - 1]]
    session.save()
    assert "Sending at" not in web.get("/").text


def test_undo_leads_to_the_draft_and_is_offered_no_more(web: Client, account: MailAccount) -> None:
    send(web, account)
    answer = web.post(f"/outbox/{KEY}/cancel/")
    assert answer.headers["Location"] == f"/compose/{KEY}/"
    page = web.get(answer.headers["Location"])
    assert page.context["draft"].text == "Shall we?"
    assert "Sending at" not in page.text
    assert not Outgoing.objects.exists()
    assert not Message.objects.exists()


def test_what_was_called_back_can_be_sent_again(web: Client, account: MailAccount) -> None:
    send(web, account)
    web.post(f"/outbox/{KEY}/cancel/")
    send(web, account)
    assert Outgoing.objects.get().key == KEY
    assert not Draft.objects.exists()


def test_undo_too_late_says_so_and_sends_once(web: Client, account: MailAccount) -> None:
    send(web, account)
    assert Outgoing.objects.get().claim(timezone.now() + timedelta(minutes=1))
    answer = web.post(f"/outbox/{KEY}/cancel/")
    assert "It is too late to cancel" in web.get(answer.headers["Location"]).text
    assert not Draft.objects.exists()


def test_undo_of_a_subject_full_of_marks_is_escaped(web: Client, account: MailAccount) -> None:
    send(web, account, do="send", subject="<b>Tea</b>")
    assert "&lt;b&gt;Tea" in web.get("/").text


# Later


def test_sends_later(web: Client, account: MailAccount) -> None:
    moment = later(days=3)
    answer = send(web, account, later=moment)
    outgoing = Outgoing.objects.get()
    assert outgoing.is_scheduled
    assert outgoing.due_at.isoformat() == moment
    assert "It leaves: " in web.get(answer.headers["Location"]).text
    assert not Message.objects.exists()


def test_a_time_that_has_passed_keeps_the_draft(web: Client, account: MailAccount) -> None:
    answer = send(web, account, later=later(hours=-1))
    assert answer.status_code == 422
    assert "That time has passed." in answer.text
    assert Draft.objects.get().text == "Shall we?"
    assert not Outgoing.objects.exists()


def test_the_composer_offers_times(web: Client) -> None:
    page = web.get("/compose/").text
    assert 'name="later"' in page
    assert 'type="datetime-local"' in page


def test_the_outbox_shows_when_it_leaves_and_what_can_be_done(web: Client, account: MailAccount) -> None:
    send(web, account, later=later(days=3))
    page = web.get("/outbox/").text
    assert "Scheduled. It leaves: " in page
    for words in ("Send now", "Change time", "Edit", "Cancel"):
        assert words in page


def test_sends_now_what_was_put_off(web: Client, account: MailAccount) -> None:
    send(web, account, later=later(days=3))
    web.post(f"/outbox/{KEY}/when/", {"now": "1"})
    assert Outgoing.objects.due(timezone.now()).exists()


def test_gives_it_another_time(web: Client, account: MailAccount) -> None:
    send(web, account, later=later(days=3))
    moment = later(days=1)
    assert web.post(f"/outbox/{KEY}/when/", {"later": moment}).headers["Location"] == "/outbox/"
    assert Outgoing.objects.get().due_at.isoformat() == moment


def test_no_time_changes_nothing(web: Client, account: MailAccount) -> None:
    send(web, account, later=later(days=3))
    before = Outgoing.objects.get().due_at
    for form in ({"later": "typed", "send_at": ""}, {"later": later(days=-1)}, {}):
        web.post(f"/outbox/{KEY}/when/", form)
    assert Outgoing.objects.get().due_at == before


def test_cancels_and_stays_in_the_outbox(web: Client, account: MailAccount) -> None:
    send(web, account, later=later(days=3))
    assert web.post(f"/outbox/{KEY}/cancel/", {"stay": "1"}).headers["Location"] == "/outbox/"
    assert Draft.objects.get().key == KEY


def test_only_who_may_send_from_the_account_changes_the_time(
    web: Client, account: MailAccount, bob: User, charlie: User
) -> None:
    send(web, account, later=later(days=3))
    for person in (bob, charlie):
        other = Client()
        other.force_login(person)
        assert other.post(f"/outbox/{KEY}/when/", {"now": "1"}).status_code == 404
    Membership.objects.filter(user=bob).update(role=Membership.Role.SEND)
    other.force_login(bob)
    assert other.post(f"/outbox/{KEY}/when/", {"now": "1"}).status_code == 302


def test_the_time_is_not_changed_by_looking(web: Client, account: MailAccount) -> None:
    send(web, account, later=later(days=3))
    assert web.get(f"/outbox/{KEY}/when/").status_code == 405
