"""Where a message lies, and the rest of one that was too large: who may ask for it, and what is shown meanwhile."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import MailAccount, RemoteMaildrop, User
from mailbox.models import Folder, Message, RetrievedUidl
from mailbox.views import rest
from mailbox.views.on_server import on_server
from tests.cast import deliver, octets_of, remote_maildrop

HTMX = {"HX-Request": "true"}
LATER = timezone.now() + timedelta(hours=6)
LONG_AGO = datetime(2025, 3, 1, 12, tzinfo=UTC)
LARGE = 48_000_000

type Collect = Callable[..., Message]


@pytest.fixture
def maildrop(account: MailAccount) -> RemoteMaildrop:
    return remote_maildrop(account, port=9, login="alice", password="x", due_at=LATER)


@pytest.fixture
def collect(account: MailAccount, maildrop: RemoteMaildrop) -> Collect:
    """Collect a message as a pull does, with these facts in the row that remembers it."""

    def collect(octets: bytes = b"", uidl: str = "1", **facts: Any) -> Message:
        [message] = deliver(account, octets or octets_of("Boat"), is_read=True)
        row = {"octets_count": message.octets_count, "sha256": message.original.sha256} | facts
        RetrievedUidl.objects.create(maildrop=maildrop, uidl=uidl, message=message, **row)
        return message

    return collect


@pytest.fixture
def stub(collect: Collect) -> Message:
    """The beginning of a message of 48 MB."""
    return collect(proof="stub", octets_count=LARGE)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(rest, "wake", lambda name, pk: asked.append((name, pk)))
    return asked


@pytest.fixture
def web(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def page_of(web: Client, message: Message) -> str:
    return web.get(f"/m/{message.key}/").content.decode()


def ask(web: Client, message: Message, **options: Any) -> Any:
    return web.post(f"/m/{message.key}/rest/", **options)


# Where it lies


@pytest.mark.parametrize(
    ("mode", "facts", "says"),
    [
        ("keep", {}, "Kept there"),
        ("delete", {}, "Will be deleted there at the next look"),
        ("delete", {"deletion": "pending"}, "Will be deleted there at the next look"),
        ("delete", {"proof": "body"}, "Kept there"),
        ("delete", {"proof": "stub"}, "Kept there"),
        (
            "keep",
            {"deletion": "done", "deleted_at": datetime(2025, 3, 1, 12, tzinfo=UTC)},
            "Deleted there on 2025-03-01",
        ),
        ("keep", {"unlisted_at": timezone.now()}, "No longer there"),
        ("delete-after", {"retrieved_at": datetime(2099, 3, 1, 12, tzinfo=UTC)}, "Until 2099-03-15"),
        ("delete-after", {"retrieved_at": timezone.now() - timedelta(days=15)}, "Will be deleted there"),
        ("leave-newest", {}, "Kept as long as it is among the newest 500"),
        ("leave-newest", {"deletion": "pending"}, "Will be deleted there"),
    ],
)
def test_says_what_becomes_of_a_message_on_its_server(web, maildrop, collect, mode, facts, says):
    RemoteMaildrop.objects.update(mode=mode)
    assert says in page_of(web, collect(**facts))


def test_recent_mode_keeps_everything_there(web, collect):
    RemoteMaildrop.objects.update(mode="delete", is_recent=True)
    assert "Kept there" in page_of(web, collect())


@pytest.mark.parametrize("folder", [Folder.SENT, Folder.INBOX])
def test_says_nothing_of_mail_that_no_server_had(web, account, maildrop, folder):
    [message] = deliver(account, octets_of("Sent or imported"), folder=folder)
    assert "On the server" not in page_of(web, message)


def test_of_several_ids_the_one_that_is_listed_counts(collect, maildrop):
    message = collect(uidl="1")
    RetrievedUidl.objects.update(unlisted_at=timezone.now())
    collect(uidl="2")
    collect(uidl="3", unlisted_at=timezone.now())
    assert on_server([message])[message.pk].fate == "kept"


def test_a_conversation_costs_one_query(web, collect):
    def cost(message: Message) -> int:
        with CaptureQueriesContext(connection) as queries:
            page_of(web, message)
        return sum("mailbox_retrieveduidl" in query["sql"] for query in queries)

    message = collect(octets_of("Boat", message_id="1@x"))
    assert cost(message) == 1
    for number in range(2, 9):
        collect(octets_of("Re: Boat", references=["1@x"], text=str(number)), uidl=str(number))
    Message.objects.update(is_read=False)
    assert cost(message) == 1


def test_nobody_s_password_is_decrypted_for_a_page(web, stub, settings, monkeypatch):
    monkeypatch.setattr("accounts.fields.EncryptedTextField.from_db_value", lambda *_: pytest.fail("decrypted"))
    assert page_of(web, stub)


# The rest


def test_a_beginning_offers_the_rest(web, stub):
    page = page_of(web, stub)
    assert "This is only the beginning of a message of 48.0 MB." in page
    assert f'action="/m/{stub.key}/rest/"' in page


def test_a_whole_message_offers_nothing(web, collect):
    message = collect()
    RetrievedUidl.objects.create(
        maildrop=RemoteMaildrop.objects.get(), uidl="2", octets_count=LARGE, proof="stub", message=message
    )
    assert "only the beginning" not in page_of(web, message)


def test_asking_makes_the_pull_due_and_wakes_it(web, stub, woken, maildrop):
    page = ask(web, stub, headers=HTMX).content.decode()
    maildrop.refresh_from_db()
    assert RetrievedUidl.objects.get().is_wanted
    assert maildrop.due_at <= timezone.now()
    assert woken == [("pull_maildrop", maildrop.pk)]
    assert "The rest is on its way." in page
    assert f'hx-get="/m/{stub.key}/?sheet=whole"' in page
    assert "<html" not in page


def test_asking_without_scripts_leads_back_to_the_message(web, stub, woken):
    assert ask(web, stub).url == f"/m/{stub.key}/#sheet-{stub.key}"


def test_a_pause_stays_and_is_named(web, stub, woken, maildrop):
    RemoteMaildrop.objects.update(is_paused=True)
    page = ask(web, stub, headers=HTMX).content.decode()
    assert RemoteMaildrop.objects.get().is_paused
    assert RetrievedUidl.objects.get().is_wanted
    assert woken == []
    assert "that is paused for this account" in page
    assert "hx-trigger" not in page.split("message__rest")[1].split("</div>")[0]


def test_the_page_waits_until_the_whole_message_is_there(web, stub, woken):
    ask(web, stub)
    assert web.get(f"/m/{stub.key}/?sheet=whole", headers=HTMX).status_code == 204
    RetrievedUidl.objects.update(proof="hash", is_wanted=False)
    answer = web.get(f"/m/{stub.key}/?sheet=whole", headers=HTMX)
    assert answer.status_code == 200
    assert f'id="sheet-{stub.key}"' in answer.content.decode()
    assert "only the beginning" not in answer.content.decode()


def test_waiting_is_cheap(web, stub, woken, django_assert_max_num_queries):
    ask(web, stub)
    with django_assert_max_num_queries(4):
        web.get(f"/m/{stub.key}/?sheet=whole", headers=HTMX)


def test_what_is_larger_than_letterbox_takes_is_not_offered(web, stub, woken, settings):
    settings.MESSAGE_OCTETS_LIMIT = 20_000_000
    page = page_of(web, stub)
    assert "takes messages of up to 20.0 MB" in page
    assert "/rest/" not in page
    assert ask(web, stub).status_code == 302
    assert not RetrievedUidl.objects.get().is_wanted
    assert woken == []


@pytest.mark.parametrize("gone", [{"unlisted_at": timezone.now()}, {"deletion": "done", "deleted_at": timezone.now()}])
def test_what_left_the_server_cannot_be_had(web, stub, woken, gone):
    RetrievedUidl.objects.update(**gone)
    assert "The rest is no longer on the server." in page_of(web, stub)
    ask(web, stub)
    assert not RetrievedUidl.objects.get().is_wanted
    assert woken == []


def test_asking_for_what_is_whole_does_nothing(web, collect, woken, maildrop):
    assert ask(web, collect()).status_code == 302
    maildrop.refresh_from_db()
    assert (maildrop.due_at, woken) == (LATER, [])


def test_a_member_may_ask(client, stub, woken, bob):
    client.force_login(bob)
    assert "Download the rest" in page_of(client, stub)
    assert ask(client, stub, headers=HTMX).status_code == 200
    assert RetrievedUidl.objects.get().is_wanted


def test_to_an_outsider_the_message_does_not_exist(client, stub, woken, charlie):
    client.force_login(charlie)
    assert ask(client, stub).status_code == 404
    assert client.get(f"/m/{stub.key}/?sheet=whole", headers=HTMX).status_code == 404
    assert not RetrievedUidl.objects.get().is_wanted
    assert woken == []


def test_who_is_signed_out_is_asked_to_sign_in(client, stub, woken):
    assert ask(client, stub).url.startswith("/account/login/")
    assert not RetrievedUidl.objects.get().is_wanted


def test_refuses_another_verb(web, stub):
    assert web.get(f"/m/{stub.key}/rest/").status_code == 405
