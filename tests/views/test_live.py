"""What an open page hears: nothing while nothing happened, else what to ask for again."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import MailAccount, SubmissionServer, User
from mailbox import threads
from mailbox.models import Entry, Message
from mailbox.views import rows
from mailbox.views.cursors import Cursor
from mailbox.views.pulse import Pulse, pulse_of
from mailbox.views.rows import PAGE
from tests.cast import deliver, octets_of, remote_maildrop
from tests.outgoing import queued


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def test_says_nothing_while_nothing_changed(web: Client, alice: User, account: MailAccount) -> None:
    deliver(account, octets_of("Old"))
    response = web.get("/live/", {"since": str(pulse_of(alice.pk))})
    assert response.status_code == 204
    assert response.content == b""


def test_asks_four_questions_of_the_database_while_nothing_changed(
    web: Client, alice: User, account: MailAccount, django_assert_num_queries
) -> None:
    for number in range(5):
        MailAccount.objects.create(owner=alice, name=str(number), address=f"{number}@home.test")
    pulse = pulse_of(alice.pk)
    # The session, the person, the accounts with their maildrops, what is on its way out.
    with django_assert_num_queries(4):
        assert web.get("/live/", {"since": str(pulse)}).status_code == 204


def test_a_page_begins_with_the_word_for_its_lists(web: Client, alice: User, account: MailAccount) -> None:
    deliver(account, octets_of("Old"))
    page = web.get("/").content.decode()
    assert f'data-pulse="{pulse_of(alice.pk).mail}"' in page
    assert 'data-unread="1"' in page


def test_new_mail_changes_the_lists_alone(web: Client, alice: User, account: MailAccount) -> None:
    before = pulse_of(alice.pk)
    deliver(account, octets_of("New"))
    heard = web.get("/live/", {"since": str(before)}).json()
    assert heard == {"pulse": str(pulse_of(alice.pk)), "changed": ["mail"], "unread": "1"}


def test_a_message_on_its_way_changes_with_each_step(
    alice: User, account: MailAccount, submission_server: SubmissionServer
) -> None:
    before = pulse_of(alice.pk)
    leaving = queued(account)
    waiting = pulse_of(alice.pk)
    assert "sending" in waiting.changed_since(str(before))
    leaving.claim(timezone.now())
    claimed = pulse_of(alice.pk)
    assert claimed.changed_since(str(waiting)) == ["sending"]
    leaving.attempted(due_at=None)
    assert pulse_of(alice.pk).changed_since(str(claimed)) == ["sending"]


def test_a_pull_changes_with_each_batch(alice: User, account: MailAccount) -> None:
    maildrop = remote_maildrop(account, port=9, login="alice", password="x")
    before = pulse_of(alice.pk)
    maildrop.claim(timezone.now())
    claimed = pulse_of(alice.pk)
    assert claimed.changed_since(str(before)) == ["pulls"]
    maildrop.renew_claim(timezone.now(), came_count=300, wanted_count=900)
    assert pulse_of(alice.pk).changed_since(str(claimed)) == ["pulls"]


def test_an_account_in_trouble_changes_the_side_bar(alice: User, account: MailAccount) -> None:
    maildrop = remote_maildrop(account, port=9, login="alice", password="x")
    before = pulse_of(alice.pk)
    maildrop.is_paused = True
    maildrop.save()
    assert pulse_of(alice.pk).changed_since(str(before)) == ["mail", "pulls"]


@pytest.mark.parametrize("rubbish", ["", "x", "a.b", "a.b.c.d"])
def test_everything_changed_since_rubbish(rubbish: str) -> None:
    assert Pulse("a", "b", "c").changed_since(rubbish) == ["mail", "sending", "pulls"]


def test_what_a_new_page_does_not_know_yet_counts_as_changed() -> None:
    assert Pulse("a", "b", "c").changed_since("a..") == ["sending", "pulls"]


def test_what_others_get_changes_nothing_for_an_outsider(account: MailAccount, charlie: User, bob: User) -> None:
    outsider, member = pulse_of(charlie.pk), pulse_of(bob.pk)
    deliver(account, octets_of("Private"))
    assert pulse_of(charlie.pk) == outsider
    assert pulse_of(bob.pk).changed_since(str(member)) == ["mail"]


def test_the_health_mark_comes_with_the_counts(web: Client, account: MailAccount) -> None:
    remote_maildrop(account, port=9, login="alice", password="x", is_paused=True)
    assert "Mail could not be collected" in web.get("/live/counters/").content.decode()


def test_counts_of_the_side_bar_come_alone(web: Client, account: MailAccount) -> None:
    deliver(account, octets_of("New"))
    page = web.get("/live/counters/").content.decode()
    assert 'id="unread-all"' in page
    assert f'id="unread-{account.key}"' in page
    assert "New" not in page


def test_shows_what_arrived_and_counts_it(web: Client, account: MailAccount) -> None:
    deliver(account, octets_of("Old"))
    before = web.get("/").context
    deliver(account, octets_of("New", date="Tue, 25 Nov 2025 09:00:00 +0000"))
    response = web.get("/live/list/", {"in": "inbox", "first": str(before["first"])})
    page = response.content.decode()
    assert [row.entry.subject for row in response.context["rows"]] == ["New", "Old"]
    assert response.context["arrived"] == 1
    assert "1 new conversation" in page
    assert f"first={response.context['first']}" in page


def test_announces_nothing_when_a_conversation_went_away(web: Client, account: MailAccount) -> None:
    [message, _other] = deliver(account, octets_of("One"), octets_of("Two"))
    before = web.get("/").context
    threads.archive([message.thread_id])
    response = web.get("/live/list/", {"first": str(before["first"])})
    assert response.context["arrived"] == 0
    assert [row.entry.subject for row in response.context["rows"]] == ["Two"]


def test_grows_down_to_where_the_reader_loaded_more(web: Client, account: MailAccount) -> None:
    dates = [f"{day} Nov 2025 {hour:02}:00:00 +0000" for day in (3, 4, 5) for hour in range(24)]
    deliver(account, *(octets_of(date, date=date) for date in dates[: PAGE + 5]))
    before = web.get("/").context
    deliver(account, octets_of("New", date="25 Nov 2025 09:00:00 +0000"))
    response = web.get("/live/list/", {"through": str(before["next"])})
    shown = [row.entry.subject for row in response.context["rows"]]
    assert shown[0] == "New"
    assert len(shown) == PAGE + 1
    assert Cursor.of(response.context["rows"][-1].entry) == before["next"]


def test_offers_more_when_a_short_list_has_grown_long(web: Client, account: MailAccount) -> None:
    dates = [f"{day} Nov 2025 {hour:02}:00:00 +0000" for day in (3, 4, 5) for hour in range(24)]
    deliver(account, *(octets_of(date, date=date) for date in dates[: PAGE + 5]))
    response = web.get("/live/list/", {})
    assert f'href="/?before={response.context["next"]}"' in response.content.decode()
    again = web.get("/live/list/", {"through": str(response.context["next"])})
    assert "?before=" not in again.content.decode()


def test_keeps_to_the_account_and_the_list_that_are_open(web: Client, alice: User, account: MailAccount) -> None:
    work = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    deliver(account, octets_of("Home"))
    deliver(work, octets_of("Work"))
    response = web.get("/live/list/", {"account": work.key})
    assert [row.entry.subject for row in response.context["rows"]] == ["Work"]
    assert web.get("/live/list/", {"in": "trash"}).context["rows"] == []


@pytest.mark.parametrize("query", [{}, {"in": "nowhere"}, {"through": "rubbish", "first": "rubbish"}])
def test_understands_any_question(web: Client, account: MailAccount, query: dict[str, str]) -> None:
    deliver(account, octets_of("One"))
    assert [row.entry.subject for row in web.get("/live/list/", query).context["rows"]] == ["One"]


def test_an_outsider_hears_nothing(client: Client, account: MailAccount, charlie: User) -> None:
    deliver(account, octets_of("Private"))
    client.force_login(charlie)
    assert "Private" not in client.get("/live/list/").content.decode()


def test_is_never_cached(web: Client) -> None:
    assert "no-store" in web.get("/live/").headers["Cache-Control"]


def test_a_part_that_was_loaded_below_the_top_is_drawn_again_as_it_is_now(web: Client, account: MailAccount) -> None:
    messages = deliver(
        account, *(octets_of(f"Letter {n}", date=f"1 Nov 2025 10:{59 - n}:00 +0000") for n in range(PAGE + 3))
    )
    below = web.get("/", {"before": str(web.get("/").context["next"])}, headers={"HX-Request": "true"})
    [url] = re.findall(r'hx-get="(/live/list/part/[^"]+)"', below.content.decode())
    threads.archive([messages[PAGE].thread_id])
    again = web.get(url.replace("&amp;", "&")).content.decode()
    assert url in again
    assert [f"Letter {n}" in again for n in range(PAGE - 1, PAGE + 3)] == [False, False, True, True]
    threads.to_inbox([messages[PAGE].thread_id])
    assert f"Letter {PAGE}<" in web.get(url.replace("&amp;", "&")).content.decode()


def test_a_part_ends_where_the_next_one_begins(web: Client, account: MailAccount) -> None:
    deliver(
        account, *(octets_of(f"Letter {n}", date=f"1 Nov 2025 {9 + n // 60}:{n % 60}:00 +0000") for n in range(110))
    )
    top = web.get("/").context["next"]
    middle = web.get("/", {"before": str(top)}).context
    part = web.get("/live/list/part/", {"in": "inbox", "before": str(top), "through": str(middle["next"])})
    assert [row.entry.pk for row in part.context["rows"]] == [row.entry.pk for row in middle["rows"]]


@pytest.fixture
def many(account: MailAccount, monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """Four pages of conversations, the newest first, of which one answer draws no more than two pages."""
    monkeypatch.setattr(rows, "FRESH_LIMIT", 2 * PAGE)
    dates = (f"1 Nov 2025 {23 - n // 60}:{59 - n % 60}:00 +0000" for n in range(4 * PAGE))
    return deliver(account, *(octets_of(f"Letter {n}", date=date) for n, date in enumerate(dates)))


def place_of(message: Message) -> str:
    return str(Cursor.of(Entry.objects.get(thread=message.thread_id)))


def below(web: Client, page: str) -> list[str]:
    """Follow the link at the end of a list, and of what it leads to."""
    found: list[str] = []
    while link := re.search(r'class="rows__more" href="([^"]+)"', page):
        answer = web.get(unescape(link[1]), headers={"HX-Request": "true"})
        found += [row.entry.subject for row in answer.context["rows"]]
        page = answer.content.decode()
    return found


def test_a_top_that_has_grown_too_long_is_cut_and_the_rest_follows_it(web: Client, many: list[Message]) -> None:
    response = web.get("/live/list/", {"through": place_of(many[3 * PAGE])})
    page = response.content.decode()
    shown = [row.entry.subject for row in response.context["rows"]]
    assert len(shown) == 2 * PAGE
    assert shown + below(web, page) == [f"Letter {n}" for n in range(4 * PAGE)]
    assert f"through={place_of(many[2 * PAGE - 1])}" in page
    assert 'hx-swap-oob="delete:[data-part],.rows__more"' in page


def test_a_top_that_fits_leaves_what_is_below_alone(web: Client, many: list[Message]) -> None:
    page = web.get("/live/list/", {"through": place_of(many[2 * PAGE - 1])}).content.decode()
    assert "delete:" not in page
    assert "rows__more" not in page


@pytest.mark.parametrize("through", [3 * PAGE + 10, None])
def test_a_part_that_has_grown_too_long_is_cut_and_the_rest_follows_it(
    web: Client, many: list[Message], through: int | None
) -> None:
    place = {"before": place_of(many[0])} | ({"through": place_of(many[through])} if through else {})
    response = web.get("/live/list/part/", place)
    page = response.content.decode()
    shown = [row.entry.subject for row in response.context["rows"]]
    assert len(shown) == 2 * PAGE
    assert shown + below(web, page) == [f"Letter {n}" for n in range(1, 4 * PAGE)]
    assert f"through={place_of(many[2 * PAGE])}" in page
    assert f"delete:[data-part='{place_of(many[0])}']~" in page


def test_a_part_of_no_place_is_nothing(web: Client, account: MailAccount) -> None:
    assert web.get("/live/list/part/", {"before": "x"}).status_code == 204
