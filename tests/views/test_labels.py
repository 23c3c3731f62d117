"""Labels in their list, in the side bar, in the settings."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import MailAccount, User
from mailbox import labelling, threads
from mailbox.models import Entry, Folder, Label, Labelled, Message, Thread
from mailbox.views.pulse import pulse_of
from mailbox.views.rows import PAGE
from tests.cast import deliver, octets_of


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture
def travel(alice: User) -> Label:
    return Label.objects.create(owner=alice, name="Travel")


@pytest.fixture
def work(alice: User) -> MailAccount:
    """Alice's second account, hers alone."""
    return MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test", colour=1)


def fill(account: MailAccount, label: Label, count: int) -> None:
    """Write `count` labelled entries without messages, a minute apart, the newest last."""
    start = datetime(2025, 11, 1, tzinfo=UTC)
    made = Thread.objects.bulk_create(Thread(account=account) for _ in range(count))
    moments = [start + timedelta(minutes=number) for number in range(count)]
    Entry.objects.bulk_create(
        Entry(
            account=account,
            thread=thread,
            folder=Folder.INBOX,
            key=f"{account.pk}-{number}"[:16],
            newest_at=moments[number],
            senders=[["Dana", True]],
            subject=f"{account.name} {number}",
            message_count=1,
            unread_count=1,
        )
        for number, thread in enumerate(made)
    )
    Labelled.objects.bulk_create(
        Labelled(label=label, account=account, thread=thread, folder=Folder.INBOX, newest_at=at, is_unread=True)
        for thread, at in zip(made, moments, strict=True)
    )


def subjects(web: Client, url: str, **query: str) -> list[str]:
    return [row.entry.subject for row in web.get(url, query).context["rows"]]


def test_lists_what_has_the_label_wherever_it_lies(web: Client, account: MailAccount, travel: Label) -> None:
    messages = deliver(account, *(octets_of(name) for name in ("Inbox", "Archived", "Thrown away", "Bare")))
    labelling.label([each.thread_id for each in messages[:3]], label=travel.pk)
    threads.archive([messages[1].thread_id])
    threads.trash([messages[2].thread_id])
    assert sorted(subjects(web, f"/label/{travel.key}/")) == ["Archived", "Inbox"]


def test_pages_of_a_label_join_without_a_gap_or_a_repetition(
    web: Client, account: MailAccount, work: MailAccount, travel: Label
) -> None:
    fill(account, travel, PAGE)
    fill(work, travel, PAGE // 2)
    first = web.get(f"/label/{travel.key}/")
    more = web.get(f"/label/{travel.key}/", {"before": str(first.context["next"])})
    shown = [row.entry.pk for response in (first, more) for row in response.context["rows"]]
    assert len(first.context["rows"]) == PAGE
    assert len(shown) == len(set(shown)) == PAGE + PAGE // 2
    assert more.context["next"] is None


def test_narrows_a_label_to_one_account(web: Client, account: MailAccount, work: MailAccount, travel: Label) -> None:
    fill(account, travel, 1)
    fill(work, travel, 1)
    assert subjects(web, f"/label/{travel.key}/", account=work.key) == ["Work 0"]


def test_the_cost_does_not_grow_with_what_is_labelled(web: Client, account: MailAccount, travel: Label) -> None:
    def cost(url: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert web.get(url).status_code == 200
        return len(queries)

    fill(account, travel, 10)
    pages = ["/", f"/label/{travel.key}/"]
    few = [cost(url) for url in pages]
    fill(account, travel, 1000)
    assert [cost(url) for url in pages] == few
    # The session, the person, accounts and labels with their counters, the rows, their labels and marks.
    assert few == [7, 8]


def test_a_label_is_read_from_its_index_without_sorting_it(web: Client, account: MailAccount, travel: Label) -> None:
    fill(account, travel, 10)
    with CaptureQueriesContext(connection) as queries:
        web.get(f"/label/{travel.key}/")
    [rows] = [each["sql"] for each in queries if "ORDER BY" in each["sql"] and "mailbox_labelled" in each["sql"]]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Ten rows are cheaper to read whole; the question is what can be done with a million.
            for way in ("seqscan", "bitmapscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + rows)
        plan = "\n".join(str(line[-1]) for line in cursor.fetchall())
    assert "labelled_list" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


def test_the_side_bar_shows_the_tree_with_what_is_unread(web: Client, account: MailAccount, alice: User) -> None:
    japan = Label.objects.create(owner=alice, name="Travel/Japan")
    Label.objects.create(owner=alice, name="Bills")
    fill(account, japan, 3)
    page = web.get("/")
    assert [label.name for label in page.context["sidebar"].labels] == ["Bills", "Travel/Japan"]
    assert page.context["sidebar"].label(japan.key).unread == "3"
    content = page.content.decode()
    assert content.index("Bills") < content.index("Travel") < content.index(">Japan<")
    assert f'id="unread-{japan.key}"' in content


def test_counts_nothing_of_an_account_that_is_no_longer_shared(client: Client, bob: User, account: MailAccount) -> None:
    label = Label.objects.create(owner=bob, name="Bob's")
    fill(account, label, 3)
    client.force_login(bob)
    assert client.get("/").context["sidebar"].labels[0].unread == "3"
    account.memberships.all().delete()
    assert client.get("/").context["sidebar"].labels[0].unread == ""
    assert subjects(client, f"/label/{label.key}/") == []


def test_a_line_and_its_conversation_show_their_labels(web: Client, account: MailAccount, travel: Label) -> None:
    [message] = deliver(account, octets_of("Tea"))
    labelling.label([message.thread_id], label=travel.pk)
    assert 'class="label account-0" title="Travel">Travel</span>' in web.get("/").content.decode()
    conversation = web.get(f"/m/{message.key}/").content.decode()
    assert f'formaction="/m/{message.key}/unlabel/" name="label" value="{travel.key}"' in conversation
    # In its own list a label says nothing new.
    assert 'title="Travel">Travel</span>' not in web.get(f"/label/{travel.key}/").content.decode().split("<main")[1]


def test_a_conversation_leaves_the_list_with_its_label(web: Client, account: MailAccount, travel: Label) -> None:
    [message] = deliver(account, octets_of("Tea"))
    labelling.label([message.thread_id], label=travel.pk)
    sent = {"label": travel.key, "in": f"label-{travel.key}"}
    page = web.post(f"/m/{message.key}/unlabel/", sent, headers={"HX-Request": "true"}).content.decode()
    assert f'<li id="row-{message.thread_id}" hx-swap-oob="delete">' in page
    assert "Label removed." in page


def test_makes_renames_and_deletes_labels(web: Client, alice: User) -> None:
    web.post("/settings/labels/", {"name": "Travel", "colour": "3"})
    label = Label.objects.get()
    assert (label.name, label.colour, label.owner) == ("Travel", 3, alice)
    web.post("/settings/labels/", {"name": "Travel/Japan", "colour": "0"})
    web.post(f"/settings/labels/{label.key}/", {"name": "Trips", "colour": "5"})
    assert sorted(Label.objects.values_list("name", "colour")) == [("Trips", 5), ("Trips/Japan", 0)]
    assert "Trips" in web.get("/settings/labels/").content.decode()
    web.post(f"/settings/labels/{label.key}/delete/")
    assert list(Label.objects.values_list("name", flat=True)) == ["Trips/Japan"]


@pytest.mark.parametrize("name", ["", " / ", "travel", "x" * 101])
def test_a_name_that_cannot_be_is_refused(web: Client, travel: Label, name: str) -> None:
    assert web.post("/settings/labels/", {"name": name, "colour": "0"}).status_code == 422
    assert Label.objects.count() == 1


@pytest.mark.parametrize("url", ["/settings/labels/{}/", "/settings/labels/{}/delete/", "/label/{}/"])
def test_another_persons_label_is_404(client: Client, charlie: User, travel: Label, url: str) -> None:
    client.force_login(charlie)
    assert client.get(url.format(travel.key)).status_code == 404
    assert client.post(url.format(travel.key), {"name": "Mine"}).status_code in (404, 405)
    assert Label.objects.get().name == "Travel"


def test_looking_deletes_no_label(web: Client, travel: Label) -> None:
    assert "The mail itself stays" in web.get(f"/settings/labels/{travel.key}/delete/").content.decode()
    assert Label.objects.exists()


def test_deleting_a_label_keeps_the_mail(web: Client, account: MailAccount, travel: Label) -> None:
    [message] = deliver(account, octets_of("Tea"))
    labelling.label([message.thread_id], label=travel.pk)
    web.post(f"/settings/labels/{travel.key}/delete/")
    assert Message.objects.filter(pk=message.pk).exists()
    assert subjects(web, "/") == ["Tea"]


def test_open_pages_hear_of_a_label_that_changes_and_draw_the_tree_again(
    web: Client, alice: User, account: MailAccount, travel: Label
) -> None:
    def heard() -> list[str]:
        return web.get("/live/", {"since": str(before)}).json()["changed"]

    before = pulse_of(alice.pk)
    web.post(f"/settings/labels/{travel.key}/", {"name": "Journeys", "colour": "3"})
    assert heard() == ["mail"]
    assert ">Journeys</span>" in web.get("/live/counters/").content.decode()
    before = pulse_of(alice.pk)
    web.post(f"/settings/labels/{travel.key}/delete/")
    assert heard() == ["mail"]
    assert "Journeys" not in web.get("/live/counters/").content.decode()


def test_the_tree_that_is_drawn_again_knows_where_the_reader_is(web: Client, travel: Label) -> None:
    page = web.get(f"/label/{travel.key}/").content.decode()
    assert f'hx-get="/live/counters/?in=label-{travel.key}"' in page
    again = web.get("/live/counters/", {"in": f"label-{travel.key}"}).content.decode()
    assert again.count('aria-current="page"') == 1


@pytest.mark.parametrize("name", ["label-", "label-a/b", "label-é"])
def test_what_cannot_be_a_label_names_no_list(web: Client, account: MailAccount, name: str) -> None:
    [message] = deliver(account, octets_of("Tea"))
    assert web.get(f"/m/{message.key}/", {"in": name}).context["list"].key == "inbox"
