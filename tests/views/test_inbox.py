"""The lists: what is in them, in which order, for whom, and at what cost."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import MailAccount, Membership, RemoteMaildrop, User
from mailbox import threads
from mailbox.models import Entry, Folder, Thread
from mailbox.views.cursors import Cursor
from mailbox.views.rows import PAGE
from tests.cast import deliver, octets_of

HTMX = {"HX-Request": "true"}
_HERE = str(Cursor(datetime(2025, 11, 1, tzinfo=UTC), 1))


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture
def work(alice: User) -> MailAccount:
    """Alice's second account, hers alone."""
    return MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test", colour=1)


def fill(account: MailAccount, count: int, *, folder: Folder = Folder.INBOX, unread: bool = False) -> list[Entry]:
    """Write `count` entries without messages, a minute apart, the newest last."""
    start = datetime(2025, 11, 1, tzinfo=UTC)
    made = Thread.objects.bulk_create(Thread(account=account) for _ in range(count))
    return Entry.objects.bulk_create(
        Entry(
            account=account,
            thread=thread,
            folder=folder,
            key=f"{account.pk}-{number}-{folder}"[:16],
            newest_at=start + timedelta(minutes=number),
            senders=[["Dana", unread]],
            subject=f"{account.name} {number}",
            message_count=1,
            unread_count=int(unread),
        )
        for number, thread in enumerate(made)
    )


def subjects(web: Client, url: str, **query: str) -> list[str]:
    return [row.entry.subject for row in web.get(url, query).context["rows"]]


def queries_of(web: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert web.get(url).status_code == 200
    return len(queries)


def test_shows_the_newest_conversation_first(web: Client, account: MailAccount) -> None:
    deliver(account, octets_of("Old", date="Mon, 3 Nov 2025 09:00:00 +0000"), octets_of("New"))
    assert subjects(web, "/") == ["New", "Old"]


def test_mixes_the_accounts_by_time(web: Client, account: MailAccount, work: MailAccount) -> None:
    fill(account, 2)
    fill(work, 2)
    assert subjects(web, "/") == ["Work 1", "Home 1", "Work 0", "Home 0"]


def test_narrows_to_one_account(web: Client, account: MailAccount, work: MailAccount) -> None:
    fill(account, 1)
    fill(work, 1)
    assert subjects(web, "/", account=work.key) == ["Work 0"]


@pytest.mark.parametrize("url", ["/", "/trash/", "/team/done/", "/live/list/", "/live/list/part/", "/beside/"])
def test_an_account_that_is_not_the_readers_has_no_list(web: Client, account: MailAccount, bob: User, url: str) -> None:
    other = MailAccount.objects.create(owner=bob, name="Bob's", address="bob@home.test")
    fill(account, 1)
    assert web.get(url, {"before": _HERE, "account": account.key}).status_code == 200
    assert web.get(url, {"before": _HERE, "account": other.key}).status_code == 404


def test_an_account_that_the_reader_does_not_want_to_see_has_no_list(
    client: Client, account: MailAccount, bob: User
) -> None:
    Membership.objects.filter(user=bob).update(is_hidden=True)
    client.force_login(bob)
    assert client.get("/", {"account": account.key}).status_code == 404


def test_a_member_reads_the_shared_account(client: Client, account: MailAccount, bob: User) -> None:
    deliver(account, octets_of("Shared"))
    client.force_login(bob)
    assert subjects(client, "/") == ["Shared"]


def test_an_outsider_sees_nothing_of_it(client: Client, account: MailAccount, charlie: User) -> None:
    deliver(account, octets_of("Private"))
    client.force_login(charlie)
    response = client.get("/")
    assert response.status_code == 200
    assert "Private" not in response.content.decode()


def test_sends_a_stranger_to_the_sign_in_page(client: Client, db: None) -> None:
    assert client.get("/").headers["Location"].startswith("/account/login/")


def test_refuses_another_verb(web: Client) -> None:
    assert web.post("/").status_code == 405


@pytest.mark.parametrize(
    ("url", "expected"),
    [("/", ["Read me"]), ("/archive/", ["Kept"]), ("/sent/", ["Gone out"]), ("/trash/", ["Thrown away"])],
)
def test_every_folder_has_its_list(web: Client, account: MailAccount, url: str, expected: list[str]) -> None:
    deliver(account, octets_of("Read me"))
    deliver(account, octets_of("Kept"), folder=Folder.ARCHIVE)
    deliver(account, octets_of("Gone out"), folder=Folder.SENT)
    [thrown] = deliver(account, octets_of("Thrown away"))
    threads.trash([thrown.thread_id])
    assert subjects(web, url) == expected


def test_lists_a_starred_conversation_once_and_none_from_the_trash(web: Client, account: MailAccount) -> None:
    [question, thrown] = deliver(account, octets_of("Question", message_id="q@x"), octets_of("Thrown away"))
    threads.star([question.thread_id])
    deliver(account, octets_of("Re: Question", references=["q@x"]), folder=Folder.SENT)
    threads.star([question.thread_id, thrown.thread_id])
    threads.trash([thrown.thread_id])
    assert subjects(web, "/starred/") == ["Question"]


def test_pages_join_without_a_gap_or_a_repetition(web: Client, account: MailAccount, work: MailAccount) -> None:
    fill(account, PAGE)
    fill(work, PAGE // 2)
    first = web.get("/")
    more = web.get("/", {"before": str(first.context["next"])})
    shown = [row.entry.pk for response in (first, more) for row in response.context["rows"]]
    assert len(first.context["rows"]) == PAGE
    assert len(shown) == len(set(shown)) == PAGE + PAGE // 2
    assert more.context["next"] is None


def test_pages_part_entries_of_the_same_moment(web: Client, account: MailAccount) -> None:
    fill(account, PAGE + 5)
    Entry.objects.update(newest_at=datetime(2025, 11, 1, tzinfo=UTC))
    first = web.get("/")
    assert len(subjects(web, "/", before=str(first.context["next"]))) == 5


@pytest.mark.parametrize(
    "before",
    [
        *("", "rubbish", "AAAA", "é", "MTIzLjQ1Ni43"),
        "OTk5OTk5OTk5OTk5OTk5OTk5OTk5Ljk",
        "MS45OTk5OTk5OTk5OTk5OTk5OTk5OQ",
        "MS4tOTk5OTk5OTk5OTk5OTk5OTk5OTk",
        "MS4tMQ",
        "LTk5OTk5OTk5OTk5OTk5OTk5OTk5OTkuMQ",
    ],
)
def test_a_bad_cursor_is_the_first_page(web: Client, account: MailAccount, before: str) -> None:
    fill(account, 1)
    assert subjects(web, "/", before=before) == ["Home 0"]
    assert subjects(web, "/live/list/", through=before, first=before) == ["Home 0"]
    assert web.get("/live/list/part/", {"before": before}).status_code == 204


@pytest.mark.parametrize("microseconds", [-62_135_596_800_000_000, 253_402_300_799_999_999])
@pytest.mark.parametrize("pk", [0, 2**63 - 1])
def test_the_farthest_cursor_is_a_place(web: Client, account: MailAccount, microseconds: int, pk: int) -> None:
    fill(account, 1)
    place = str(Cursor(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds), pk))
    for url in ("/", "/snoozed/", "/team/done/", "/live/list/", "/live/list/part/"):
        assert web.get(url, {"before": place, "through": place, "first": place}).status_code == 200


def test_a_cursor_can_be_read_again(account: MailAccount) -> None:
    cursor = Cursor.of(fill(account, 1)[0])
    assert Cursor.read(str(cursor)) == cursor


def test_the_cost_does_not_grow_with_the_mailbox(web: Client, account: MailAccount, work: MailAccount) -> None:
    fill(account, 10, unread=True)
    few = queries_of(web, "/")
    fill(account, 1000, folder=Folder.ARCHIVE, unread=True)
    fill(work, 1000, unread=True)
    assert queries_of(web, "/") == few
    # The session, the person, accounts and labels with their counters, the rows and what marks them.
    assert few <= 6


def test_the_rows_are_read_from_the_index_without_sorting_the_folder(
    web: Client, account: MailAccount, work: MailAccount
) -> None:
    fill(account, 10)
    with CaptureQueriesContext(connection) as queries:
        web.get("/")
    [rows] = [query["sql"] for query in queries if "UNION ALL" in query["sql"]]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Ten rows are cheaper to read whole; the question is what can be done with a million.
            for way in ("seqscan", "bitmapscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + rows)
        plan = [str(line[-1]) for line in cursor.fetchall()]
    assert sum("entry_list" in line for line in plan) == 2


def test_counts_the_unread_of_every_account_in_the_side_bar(
    web: Client, account: MailAccount, work: MailAccount
) -> None:
    fill(account, 3, unread=True)
    fill(account, 2)
    fill(work, 1, unread=True)
    fill(work, 4, folder=Folder.ARCHIVE, unread=True)
    shown = web.get("/").context["sidebar"]
    assert [each.unread for each in shown.accounts] == ["3", "1"]
    assert shown.unread == "4"


def test_stops_counting_at_a_thousand(web: Client, account: MailAccount) -> None:
    fill(account, 1003, unread=True)
    assert web.get("/").context["sidebar"].unread == "999+"


def test_marks_an_account_whose_mail_cannot_be_collected(web: Client, account: MailAccount) -> None:
    RemoteMaildrop.objects.create(account=account, host="pop.test", port=995, failure_count=3)
    assert "Mail could not be collected" in web.get("/").content.decode()


def test_one_failed_pull_is_no_trouble(web: Client, account: MailAccount) -> None:
    RemoteMaildrop.objects.create(account=account, host="pop.test", port=995, failure_count=1)
    assert "Mail could not be collected" not in web.get("/").content.decode()


def test_htmx_gets_the_rows_alone(web: Client, account: MailAccount) -> None:
    fill(account, 1)
    part = web.get("/", headers=HTMX)
    assert "<html" not in part.content.decode()
    assert "Home 0" in part.content.decode()
    assert "HX-Request" in part.headers["Vary"]


def test_htmx_gets_the_page_when_it_restores_history(web: Client) -> None:
    whole = web.get("/", headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert "<html" in whole.content.decode()


def test_an_empty_inbox_says_when_it_was_looked_at(web: Client, account: MailAccount) -> None:
    at = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
    RemoteMaildrop.objects.create(account=account, host="pop.test", port=995, last_pulled_at=at, due_at=at)
    assert "Last look: 2025-03-01." in web.get("/").content.decode()


def test_without_an_account_the_inbox_asks_for_one(client: Client, charlie: User) -> None:
    client.force_login(charlie)
    page = client.get("/").content.decode()
    assert "Bring your mail in" in page
    # Its steps are drawn by a sheet that lists of mail do without.
    assert "/bundles/pages.css" in page


def test_a_list_of_mail_does_without_the_sheets_of_other_pages(web: Client, account: MailAccount) -> None:
    assert "/bundles/pages.css" not in web.get("/").content.decode()


def test_escapes_what_strangers_wrote(web: Client, account: MailAccount) -> None:
    deliver(account, octets_of("<script>x</script>", sender='"<b>Eve</b>" <eve@far.test>', text="<img src=x>"))
    page = web.get("/").content.decode()
    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert "<script>x" not in page
    assert "<b>Eve" not in page
    assert "<img" not in page


@pytest.fixture
def talk(account: MailAccount) -> int:
    """A conversation of Ann, Ben and Cleo, of whom Cleo has not been read; return its thread."""
    first_id = "1@far.test"
    [first, *_] = deliver(
        account,
        octets_of("Boat", sender="Ann Adams <ann@far.test>", message_id=first_id, date=f"{_DAY} 09:00:00 +0000"),
        octets_of("Re: Boat", sender="Ben <ben@far.test>", references=[first_id], date=f"{_DAY} 10:00:00 +0000"),
        is_read=True,
    )
    deliver(
        account,
        octets_of("Re: Boat", sender="Cleo <cleo@far.test>", references=[first_id], date=f"{_DAY} 11:00:00 +0000"),
    )
    return first.thread_id


_DAY = "Mon, 24 Nov 2025"
_TOLD_APART = '<span class="row__read">Ann, </span><span class="row__read">Ben, </span>Cleo</span>'
_ALIKE = '<span class="row__senders">Ann, Ben, Cleo</span>'


@pytest.mark.parametrize("url", ["/", "/search/?q=boat", "/starred/"])
def test_tells_the_senders_of_read_messages_apart_in_an_unread_conversation(web: Client, talk: int, url: str) -> None:
    threads.star([talk])
    assert _TOLD_APART in web.get(url).content.decode()


def test_the_senders_follow_what_is_read(web: Client, talk: int) -> None:
    threads.mark_read([talk])
    assert _ALIKE in web.get("/").content.decode()
    threads.mark_unread([talk])
    assert _TOLD_APART in web.get("/").content.decode()


def test_a_member_does_not_see_whom_the_owner_has_read(client: Client, talk: int, bob: User) -> None:
    client.force_login(bob)
    page = client.get("/").content.decode()
    assert "row--unread" in page
    assert _ALIKE in page


def test_no_page_carries_inline_script_or_style(web: Client, account: MailAccount) -> None:
    fill(account, 2, unread=True)
    page = web.get("/").content.decode()
    assert " style=" not in page
    assert "<style" not in page
    assert "hx-on" not in page
    assert "<script>" not in page
    assert "script-src 'self'" in web.get("/").headers["Content-Security-Policy"]
