"""Every list asks the database as often for a thousand conversations as for ten."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox.models import Contact, Draft, Entry, Folder, Label, Labelled, Thread, ThreadMark
from mailbox.views.cursors import Cursor
from tests.cast import deliver, octets_of

HTMX = {"HX-Request": "true"}
BEGIN = datetime(2025, 11, 1, tzinfo=UTC)


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser; she has a second account, so that lists mix."""
    MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test", colour=1)
    client.force_login(alice)
    # What a process asks once only is none of a page's costs.
    client.get("/")
    return client


def fill(account: MailAccount, folder: Folder, count: int, label: Label, *, is_starred: bool = False) -> None:
    """Write `count` lines without messages, labelled, and asleep or muted by turns where that can be."""
    made = Thread.objects.bulk_create(Thread(account=account) for _ in range(count))
    Entry.objects.bulk_create(
        Entry(
            account=account,
            thread=thread,
            folder=folder,
            key=f"{thread.pk}",
            newest_at=BEGIN + timedelta(minutes=number),
            senders=[["Dana", True]],
            subject=f"{folder} {number}",
            message_count=1,
            unread_count=number % 2,
            is_starred=is_starred,
        )
        for number, thread in enumerate(made)
    )
    marks(account, made, folder)
    Labelled.objects.bulk_create(
        Labelled(
            label=label, account=account, thread=thread, folder=folder, newest_at=BEGIN + timedelta(minutes=number)
        )
        for number, thread in enumerate(made)
    )


def marks(account: MailAccount, made: Sequence[Thread], folder: Folder) -> None:
    """Let every conversation of Snoozed sleep, and mute every third one elsewhere."""
    wakes_at = timezone.now() + timedelta(days=1) if folder == Folder.SNOOZED else None
    ThreadMark.objects.bulk_create(
        ThreadMark(thread=thread, account=account, is_muted=wakes_at is None, wakes_at=wakes_at)
        for number, thread in enumerate(made)
        if wakes_at or number % 3 == 0
    )


def cost(web: Client, url: str, **options: Any) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert web.get(url, **options).status_code == 200
    return len(queries)


@pytest.mark.parametrize("folder", list(Folder))
def test_a_folder(web: Client, alice: User, account: MailAccount, folder: Folder) -> None:
    label = Label.objects.create(owner=alice, name="Boats")
    below = Cursor(BEGIN + timedelta(days=30), 10**9)
    urls = [
        "/" if folder == Folder.INBOX else f"/{folder}/",
        f"/live/list/?in={folder}",
        f"/live/list/part/?in={folder}&before={below}",
        "/live/counters/",
    ]
    fill(account, folder, 10, label)
    few = [cost(web, url, headers=HTMX) for url in urls]
    fill(account, folder, 990, label)
    assert [cost(web, url, headers=HTMX) for url in urls] == few
    assert max(few) <= 9


def test_stars_and_labels(web: Client, alice: User, account: MailAccount) -> None:
    label = Label.objects.create(owner=alice, name="Boats")
    urls = ["/starred/", f"/label/{label.key}/", f"/live/list/?in=label-{label.key}", "/settings/labels/"]
    fill(account, Folder.ARCHIVE, 10, label, is_starred=True)
    few = [cost(web, url) for url in urls]
    fill(account, Folder.ARCHIVE, 990, label, is_starred=True)
    assert [cost(web, url) for url in urls] == few


def test_what_is_found(web: Client, account: MailAccount) -> None:
    deliver(account, *(octets_of(f"Boat {number}") for number in range(10)))
    few = cost(web, "/search/?q=boat")
    deliver(account, *(octets_of(f"Boat {number}") for number in range(10, 250)))
    assert cost(web, "/search/?q=boat") == few


def contact(owner: User, address: str) -> Contact:
    return Contact(owner=owner, address=address, folded=address, words="", last_used_at=timezone.now(), weight=1.0)


def test_drafts_contacts_and_many_labels(web: Client, alice: User, account: MailAccount) -> None:
    def add(count: int) -> None:
        Draft.objects.bulk_create(Draft(writer=alice, account=account, subject=f"{n}") for n in range(count))
        Label.objects.bulk_create(Label(owner=alice, name=f"{count} {n}") for n in range(count))
        Contact.objects.bulk_create(contact(alice, f"{count}-{n}@far.test") for n in range(count))

    urls = ["/drafts/", "/settings/contacts/", "/settings/labels/", "/settings/export/", "/"]
    add(10)
    few = [cost(web, url) for url in urls]
    add(300)
    assert [cost(web, url) for url in urls] == few
