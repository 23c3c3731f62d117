"""Leaving lists: by one POST from a worker, or by mail."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from mailbox import fetcher, outbox, tasks, unsubscribe, web
from mailbox.mime.compose import Unfit
from mailbox.mime.parse import parse
from mailbox.mime.unsubscribe import Method, Unsubscribe
from mailbox.models import Draft, Message, Outgoing, Unsubscription
from tests.cast import deliver, octets_of
from tests.web.odd_web import OddWeb, gives, leads_to

pytestmark = pytest.mark.django_db
ONE_CLICK = Unsubscribe(Method.ONE_CLICK, "https://far.test/u")
MAIL = Unsubscribe(Method.MAIL, "out@far.test", "leave", "please")


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    calls: list[tuple[str, int]] = []
    for module in (unsubscribe, tasks):
        monkeypatch.setattr(module, "wake", lambda name, pk: calls.append((name, pk)))
    return calls


@pytest.fixture
def letter(account) -> Message:
    [message] = deliver(account, octets_of("Boats"))
    return message


@pytest.fixture
def far(settings) -> Iterator[OddWeb]:
    settings.PRIVATE_WEB_HOSTS = ["127.0.0.1"]
    with OddWeb(gives(b"bye", "text/plain")) as server:
        yield server


def wish(letter: Message, alice, address: str = "http://127.0.0.1:9/") -> Unsubscription:
    return unsubscribe.ask(letter, alice, Unsubscribe(Method.ONE_CLICK, address), list_name="boats")


def test_asking_notes_the_wish_and_wakes_a_worker(letter, alice, woken):
    row = unsubscribe.ask(letter, alice, ONE_CLICK, list_name="boats")
    assert (row.account, row.target, row.state) == (letter.account, "https://far.test/u", "waiting")
    assert woken == [("leave_list", row.pk)]


def test_posts_what_rfc_8058_says_and_notes_the_answer(letter, alice, far):
    row = wish(letter, alice, f"{far.url}/u?1")
    unsubscribe.post(row)
    row.refresh_from_db()
    assert (row.state, row.reply, row.due_at) == ("done", "200 OK", None)
    assert far.requests == [b"POST /u?1 HTTP/1.1"]
    assert b"Content-Type: application/x-www-form-urlencoded" in far.heard
    assert b"Content-Length: 26" in far.heard
    assert far.lines[0]._received == b"List-Unsubscribe=One-Click"


@pytest.mark.parametrize(("status", "reply"), [("404 Not Found", "404 Not Found"), ("410 Gone", "410 Gone")])
def test_a_refusal_is_final_and_kept_in_the_server_s_words(letter, alice, settings, status, reply):
    settings.PRIVATE_WEB_HOSTS = ["127.0.0.1"]
    with OddWeb(gives(b"", "text/plain", status=status)) as server:
        row = wish(letter, alice, server.url)
        unsubscribe.post(row)
    row.refresh_from_db()
    assert (row.state, row.trouble, row.reply, row.due_at) == ("failed", "answered", reply, None)


def test_a_redirect_is_no_success(letter, alice, settings):
    settings.PRIVATE_WEB_HOSTS = ["127.0.0.1"]
    with OddWeb(leads_to("/thanks")) as server:
        row = wish(letter, alice, server.url)
        unsubscribe.post(row)
    row.refresh_from_db()
    assert (row.state, row.trouble, len(server.lines)) == ("failed", "answered", 1)


def test_the_private_network_is_not_asked(letter, alice):
    with OddWeb(gives()) as server:
        row = wish(letter, alice, server.url)
        unsubscribe.post(row)
    row.refresh_from_db()
    assert (row.state, row.trouble, row.reply, server.lines) == ("failed", "forbidden", "", [])


def test_what_may_pass_is_tried_again_and_given_up_in_the_end(letter, alice, monkeypatch):
    monkeypatch.setattr(fetcher, "post_one_click", raising(web.Unreachable("silent")))
    row = wish(letter, alice)
    unsubscribe.post(row)
    row.refresh_from_db()
    assert (row.state, row.trouble) == ("waiting", "unreachable")
    assert row.due_at
    assert row.due_at > timezone.now()
    for _ in range(4):
        Unsubscription.objects.update(due_at=timezone.now())
        unsubscribe.post(row)
    row.refresh_from_db()
    assert (row.state, row.due_at) == ("failed", None)


def raising(error: Exception):
    def fail(_address: str) -> None:
        raise error

    return fail


def test_two_workers_do_not_post_at_once(letter, alice, far):
    row = wish(letter, alice, far.url)
    assert Unsubscription.objects.get().claim(timezone.now())
    unsubscribe.post(row)
    assert far.lines == []


def test_the_tick_finds_what_a_lost_task_left(letter, alice, woken):
    row = wish(letter, alice)
    woken.clear()
    tasks.leave_due()
    assert woken == [("leave_list", row.pk)]
    Unsubscription.objects.update(due_at=timezone.now() + timedelta(minutes=1))
    tasks.leave_due()
    tasks.leave_list(row.pk)
    assert len(woken) == 1


def test_asking_again_begins_anew(letter, alice, woken):
    row = wish(letter, alice)
    row.claim(timezone.now())
    row.failed(timezone.now(), Unsubscription.Trouble.ANSWERED, reply="404", is_permanent=True)
    again = wish(letter, alice)
    assert again.pk == row.pk
    assert (again.state, again.trouble, again.reply, again.failure_count) == ("waiting", "", "", 0)
    assert Unsubscription.objects.due(timezone.now()).exists()


@pytest.mark.usefixtures("submission_server")
def test_a_mail_leaves_from_the_address_that_received(letter, alice):
    row = unsubscribe.ask(letter, alice, MAIL, list_name="boats")
    outgoing = Outgoing.objects.get()
    sent = parse(outgoing.original.octets)
    assert (outgoing.account, outgoing.reverse_path) == (letter.account, "alice@home.test")
    assert [each.address for each in outgoing.recipients.all()] == ["out@far.test"]
    assert (sent.header.subject, sent.text().strip()) == ("leave", "please")
    assert (row.state, row.outgoing, row.method) == ("done", outgoing, "mail")
    assert not Draft.objects.exists()


def test_without_a_server_no_mail_leaves_and_nothing_is_left_behind(letter, alice):
    with pytest.raises(outbox.NoServer):
        unsubscribe.ask(letter, alice, MAIL, list_name="boats")
    assert not Draft.objects.exists()
    assert not Unsubscription.objects.exists()


@pytest.mark.usefixtures("submission_server")
def test_an_address_that_cannot_be_written_to_is_told(letter, alice):
    with pytest.raises(Unfit):
        unsubscribe.ask(letter, alice, Unsubscribe(Method.MAIL, "out@far..test", "leave"), list_name="boats")
    assert not Draft.objects.exists()
