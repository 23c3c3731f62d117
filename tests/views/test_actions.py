"""What a person does with a conversation: by a form, by htmx, and never with somebody else's."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import MailAccount, User
from mailbox.models import Deed, Entry, Folder, Message
from mailbox.views.actions import VERBS
from tests.cast import deliver, octets_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def message(account: MailAccount) -> Message:
    return deliver(account, octets_of("Tea"))[0]


@pytest.fixture
def web(client: Client, alice: User) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def state(message: Message) -> tuple[str, bool, bool]:
    message.refresh_from_db()
    return message.folder, message.is_read, message.is_starred


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("archive", ("archive", False, False)),
        ("trash", ("trash", False, False)),
        ("star", ("inbox", False, True)),
        ("read", ("inbox", True, False)),
    ],
)
def test_a_form_does_it_and_leads_back(
    web: Client, message: Message, verb: str, expected: tuple[str, bool, bool]
) -> None:
    response = web.post(f"/m/{message.key}/{verb}/", {"next": "/starred/?account=x"})
    assert state(message) == expected
    assert response.status_code == 302
    assert response.headers["Location"] == "/starred/?account=x"


@pytest.mark.parametrize(("verb", "undo"), [("star", "unstar"), ("read", "unread")])
def test_a_mark_can_be_taken_away(web: Client, message: Message, verb: str, undo: str) -> None:
    web.post(f"/m/{message.key}/{verb}/")
    web.post(f"/m/{message.key}/{undo}/")
    assert state(message) == ("inbox", False, False)


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test", "javascript:alert(1)", ""])
def test_never_leads_to_another_site(web: Client, message: Message, target: str) -> None:
    response = web.post(f"/m/{message.key}/archive/", {"next": target, "in": "starred"})
    assert response.headers["Location"] == "/starred/"


@pytest.mark.parametrize("verb", VERBS)
def test_looking_changes_nothing(web: Client, message: Message, verb: str) -> None:
    assert web.get(f"/m/{message.key}/{verb}/").status_code == 405
    assert state(message) == ("inbox", False, False)


@pytest.mark.parametrize("verb", VERBS)
def test_an_outsider_gets_404(client: Client, message: Message, charlie: User, verb: str) -> None:
    client.force_login(charlie)
    assert client.post(f"/m/{message.key}/{verb}/").status_code == 404
    assert state(message) == ("inbox", False, False)


def test_a_member_may_do_it(client: Client, message: Message, bob: User) -> None:
    client.force_login(bob)
    client.post(f"/m/{message.key}/archive/")
    assert state(message)[0] == "archive"


def test_an_unknown_verb_is_404(web: Client, message: Message) -> None:
    assert web.post(f"/m/{message.key}/explode/").status_code == 404


def test_needs_the_token_of_its_own_site(alice: User, message: Message) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post(f"/m/{message.key}/trash/").status_code == 403
    assert state(message)[0] == "inbox"


def test_htmx_takes_the_row_away_and_counts_again(web: Client, message: Message) -> None:
    page = web.post(f"/m/{message.key}/archive/", {"in": "inbox"}, headers=HTMX).content.decode()
    assert f'<li id="row-{message.thread_id}" hx-swap-oob="delete">' in page
    assert 'id="unread-all" class="sidebar__count" hx-swap-oob="true"></span>' in page
    assert f'action="/undo/{Deed.objects.get().key}/"' in page


def test_htmx_draws_the_row_again(web: Client, message: Message) -> None:
    response = web.post(f"/m/{message.key}/star/", {"in": "inbox"}, headers=HTMX)
    assert response.context["rows"][0].entry.is_starred
    assert f'formaction="/m/{message.key}/unstar/"' in response.content.decode()


def test_a_found_conversation_stays_when_it_is_archived(web: Client, message: Message) -> None:
    response = web.post(f"/m/{message.key}/archive/", {"in": "search"}, headers=HTMX)
    assert [row.folder for row in response.context["rows"]] == [Folder.ARCHIVE.label]


def test_an_open_conversation_closes_when_it_is_put_away(web: Client, message: Message) -> None:
    response = web.post(f"/m/{message.key}/trash/", {"in": "inbox", "pane": "1", "next": "/"}, headers=HTMX)
    assert response.headers["HX-Push-Url"] == "/"
    assert '<section id="pane" hx-swap-oob="innerHTML">' in response.content.decode()


def test_an_open_conversation_stays_when_it_is_starred(web: Client, message: Message) -> None:
    response = web.post(f"/m/{message.key}/star/", {"in": "inbox", "pane": "1"}, headers=HTMX)
    assert "HX-Push-Url" not in response.headers
    assert f'id="offers-{message.thread_id}"' in response.content.decode()


def test_what_the_eye_has_seen_is_said_to_the_ear_alone(web: Client, message: Message) -> None:
    page = web.post(f"/m/{message.key}/star/", {"in": "inbox"}, headers=HTMX).content.decode()
    assert 'class="undo undo--seen"' in page
    assert "Starred." in page


def test_a_page_that_marks_as_read_by_itself_leaves_the_last_offer_alone(web: Client, message: Message) -> None:
    page = web.post(f"/m/{message.key}/read/", {"in": "inbox", "by_itself": "1"}, headers=HTMX).content.decode()
    assert state(message)[1]
    assert not Deed.objects.exists()
    assert 'id="undo"' not in page


def test_says_nothing_where_nothing_changed(web: Client, message: Message) -> None:
    page = web.post(f"/m/{message.key}/unstar/", {"in": "inbox"}, headers=HTMX).content.decode()
    assert 'id="undo"' not in page
    assert not Deed.objects.exists()


def test_htmx_takes_it_back_and_calls_for_the_list_again(web: Client, message: Message) -> None:
    web.post(f"/m/{message.key}/archive/", {"in": "inbox"}, headers=HTMX)
    response = web.post(f"/undo/{Deed.objects.get().key}/", {"in": "inbox", "message": message.key}, headers=HTMX)
    assert response.headers["HX-Trigger"] == "mail-changed"
    assert [row.entry.thread_id for row in response.context["rows"]] == [message.thread_id]
    assert Entry.objects.get().folder == Folder.INBOX
    assert not Deed.objects.exists()


def test_without_scripts_the_next_page_offers_to_take_it_back(web: Client, message: Message) -> None:
    web.post(f"/m/{message.key}/trash/")
    key = Deed.objects.get().key
    assert f'action="/undo/{key}/"' in web.get("/").content.decode()
    response = web.post(f"/undo/{key}/", {"next": "/starred/"})
    assert response.headers["Location"] == "/starred/"
    assert state(message)[0] == "inbox"
    assert f"/undo/{key}/" not in web.get("/").content.decode()


def test_nobody_takes_back_what_another_has_done(client: Client, alice: User, bob: User, message: Message) -> None:
    client.force_login(alice)
    client.post(f"/m/{message.key}/trash/")
    client.force_login(bob)
    client.post(f"/undo/{Deed.objects.get().key}/")
    assert state(message)[0] == "trash"
    assert Deed.objects.exists()


def test_looking_takes_nothing_back(web: Client, message: Message) -> None:
    web.post(f"/m/{message.key}/trash/")
    assert web.get(f"/undo/{Deed.objects.get().key}/").status_code == 405
    assert state(message)[0] == "trash"


def test_an_act_that_was_taken_back_already_says_so(web: Client) -> None:
    page = web.post("/undo/gone/", {"in": "inbox"}, headers=HTMX).content.decode()
    assert "That was taken back already" in page


@pytest.mark.parametrize(("verb", "most"), [("star", 21), ("archive", 21)])
def test_an_act_costs_as_much_in_a_full_mailbox(
    web: Client, account: MailAccount, message: Message, verb: str, most: int
) -> None:
    def cost(of: Message) -> int:
        with CaptureQueriesContext(connection) as queries:
            web.post(f"/m/{of.key}/{verb}/", {"in": "inbox"}, headers=HTMX)
        return len(queries)

    web.get("/")
    few = cost(message)
    many = deliver(account, *(octets_of(f"Tea {number}") for number in range(1000)))
    assert cost(many[500]) == few <= most


def test_an_older_message_in_the_trash_changes_no_buttons(web: Client, account: MailAccount, message: Message) -> None:
    thrown_away = deliver(account, octets_of("Re: Tea", references=[message.message_id]), folder=Folder.TRASH)[0]
    Message.objects.filter(pk=thrown_away.pk).update(thread=message.thread_id)
    answers = [
        web.post(f"/m/{message.key}/star/", {"pane": "1", "message": message.key}, headers=HTMX),
        web.get(f"/m/{message.key}/standing/", headers=HTMX),
    ]
    for answer in answers:
        assert f"/m/{message.key}/archive/" in answer.text
        assert f"/m/{message.key}/restore/" not in answer.text
    web.post(f"/m/{message.key}/trash/")
    assert f"/m/{message.key}/restore/" in web.get(f"/m/{message.key}/standing/", headers=HTMX).text
