"""The poll of an open list: nothing while nothing happened, else the top of the list and the counters."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import MailAccount, User
from mailbox import threads
from mailbox.views.entries import PAGE, Cursor
from mailbox.views.sidebar import token_for
from tests.cast import deliver, octets_of


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def test_says_nothing_while_nothing_changed(web: Client, alice: User, account: MailAccount) -> None:
    deliver(account, octets_of("Old"))
    response = web.get("/live/", {"since": token_for(alice)})
    assert response.status_code == 204
    assert response.content == b""


def test_asks_one_question_of_the_database_while_nothing_changed(web: Client, alice: User) -> None:
    token = token_for(alice)
    with CaptureQueriesContext(connection) as queries:
        web.get("/live/", {"since": token})
    # The session and the person come first.
    assert len(queries) <= 3


def test_shows_what_arrived_and_counts_it(web: Client, alice: User, account: MailAccount) -> None:
    deliver(account, octets_of("Old"))
    before = web.get("/").context
    deliver(account, octets_of("New", date="Tue, 25 Nov 2025 09:00:00 +0000"))
    response = web.get("/live/", {"since": before["sidebar"].token, "in": "inbox", "first": str(before["first"])})
    page = response.content.decode()
    assert [row.entry.subject for row in response.context["rows"]] == ["New", "Old"]
    assert response.context["arrived"] == 1
    assert "1 new conversation" in page
    assert 'id="unread-all"' in page
    assert f"since={token_for(alice)}" in page


def test_announces_nothing_when_a_conversation_went_away(web: Client, account: MailAccount) -> None:
    [message, _other] = deliver(account, octets_of("One"), octets_of("Two"))
    before = web.get("/").context
    threads.archive([message.thread_id])
    response = web.get("/live/", {"since": before["sidebar"].token, "first": str(before["first"])})
    assert response.context["arrived"] == 0
    assert [row.entry.subject for row in response.context["rows"]] == ["Two"]


def test_grows_down_to_where_the_reader_loaded_more(web: Client, account: MailAccount) -> None:
    dates = [f"{day} Nov 2025 {hour:02}:00:00 +0000" for day in (3, 4, 5) for hour in range(24)]
    deliver(account, *(octets_of(date, date=date) for date in dates[: PAGE + 5]))
    before = web.get("/").context
    deliver(account, octets_of("New", date="25 Nov 2025 09:00:00 +0000"))
    response = web.get("/live/", {"since": "x", "through": str(before["next"])})
    shown = [row.entry.subject for row in response.context["rows"]]
    assert shown[0] == "New"
    assert len(shown) == PAGE + 1
    assert Cursor.of(response.context["rows"][-1].entry) == before["next"]


def test_offers_more_when_a_short_list_has_grown_long(web: Client, account: MailAccount) -> None:
    dates = [f"{day} Nov 2025 {hour:02}:00:00 +0000" for day in (3, 4, 5) for hour in range(24)]
    deliver(account, *(octets_of(date, date=date) for date in dates[: PAGE + 5]))
    response = web.get("/live/", {"since": "x"})
    assert f'href="/?before={response.context["next"]}"' in response.content.decode()
    again = web.get("/live/", {"since": "x", "through": str(response.context["next"])})
    assert "?before=" not in again.content.decode()


def test_keeps_to_the_account_and_the_list_that_are_open(web: Client, alice: User, account: MailAccount) -> None:
    work = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    deliver(account, octets_of("Home"))
    deliver(work, octets_of("Work"))
    response = web.get("/live/", {"since": "x", "account": work.key})
    assert [row.entry.subject for row in response.context["rows"]] == ["Work"]
    assert web.get("/live/", {"since": "x", "in": "trash"}).context["rows"] == []


@pytest.mark.parametrize("query", [{}, {"in": "nowhere"}, {"through": "rubbish", "first": "rubbish"}])
def test_understands_any_question(web: Client, account: MailAccount, query: dict[str, str]) -> None:
    deliver(account, octets_of("One"))
    assert [row.entry.subject for row in web.get("/live/", query).context["rows"]] == ["One"]


def test_an_outsider_hears_nothing(client: Client, account: MailAccount, charlie: User) -> None:
    deliver(account, octets_of("Private"))
    client.force_login(charlie)
    assert "Private" not in client.get("/live/").content.decode()


def test_is_never_cached(web: Client) -> None:
    assert "no-store" in web.get("/live/").headers["Cache-Control"]
