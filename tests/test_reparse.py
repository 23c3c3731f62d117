"""Everything but the octets can be lost and comes back."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DataError, connection, models, transaction
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox import delivery, reparse, search, threads
from mailbox.models import Attachment, Entry, Folder, Message, Original, Thread, ThreadReference
from tests import generated
from tests.cast import deliver, octets_of

DERIVED: list[type[models.Model]] = [Message, Attachment, Entry, Thread, ThreadReference]
LETTERS = Path(__file__).parent / "messages"
WITH_FILE = (
    b"From: Dana <dana@far.test>\r\nSubject: Plan\r\nMessage-ID: <plan@far.test>\r\nReferences: <lost@far.test>\r\n"
    b"Date: Mon, 24 Nov 2025 09:00:00 +0000\r\n"
    b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nSee the schedule.\r\n--b\r\n'
    b"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=plan.pdf\r\n\r\n%PDF\r\n--b--\r\n"
)


def everything() -> dict[str, object]:
    """Return every derived row, and the index as it is stored."""
    tables = {model.__name__: list(model._default_manager.order_by("pk").values()) for model in DERIVED}
    return {**tables, "search": index()}


def index() -> list[tuple[object, ...]]:
    columns = "rowid, account, people, subject, body" if connection.vendor == "sqlite" else "message_id, document"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM mailbox_search ORDER BY 1")
        return cursor.fetchall()


def derive_again(since: datetime | None = None) -> reparse.Tally:
    return reparse.reparse(MailAccount.objects.order_by("pk"), since=since, on_progress=lambda _count: None)


def call(*arguments: str) -> tuple[str, str, int]:
    """Run the command; return what it said, what it complained of, and its exit status."""
    out, err = StringIO(), StringIO()
    try:
        call_command("reparse", *arguments, stdout=out, stderr=err)
    except SystemExit as end:
        return out.getvalue(), err.getvalue(), int(str(end.code))
    return out.getvalue(), err.getvalue(), 0


@pytest.fixture
def conversation(account: MailAccount) -> list[Message]:
    """Two messages that know each other, one with a file, and one that carries no id."""
    return deliver(
        account,
        octets_of("Hello", message_id="1@far.test", text="A kettle."),
        octets_of("Re: Hello", message_id="2@far.test", references=["1@far.test"]),
        WITH_FILE,
        octets_of("Nameless"),
    )


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reparse, "BATCH_COUNT", 2)


def test_changes_nothing_where_nothing_is_wrong(account: MailAccount, conversation: list[Message]) -> None:
    odd = [path.read_bytes() for path in sorted(LETTERS.glob("*.eml"))]
    deliver(account, *odd, *generated.messages(60))
    threads.star([conversation[0].thread_id])
    threads.mark_read([conversation[0].thread_id])
    threads.trash([conversation[2].thread_id])
    before = everything()

    tally = derive_again()

    assert everything() == before
    assert (tally.derived, tally.changed, tally.damaged) == (Message.objects.count(), 0, [])


def test_a_second_run_changes_nothing_either(conversation: list[Message], small_batches: None) -> None:
    Message.objects.update(subject="damaged")
    derive_again()
    before = everything()

    assert derive_again().changed == 0

    assert everything() == before


def test_repairs_every_derived_row(conversation: list[Message], small_batches: None) -> None:
    before = everything()
    Message.objects.update(
        message_id="",
        sender_name="x",
        sender_address="x",
        recipient_names=[],
        subject="x",
        preview="x",
        octets_count=1,
        has_attachments=False,
        dated_at=None,
        defects=["x"],
    )
    Attachment.objects.update(file_name="x", octets_count=0)
    Entry.objects.update(subject="x", preview="x", message_count=9, unread_count=9, has_attachments=False)

    assert derive_again().changed == len(conversation)

    after = everything()
    assert without_ids(after.pop("Attachment")) == without_ids(before.pop("Attachment"))
    assert after == before


def without_ids(rows: object) -> list[dict[str, object]]:
    assert isinstance(rows, list)
    return [{name: value for name, value in row.items() if name != "id"} for row in rows]


def test_brings_lost_rows_back(account: MailAccount, conversation: list[Message]) -> None:
    before = everything()
    Attachment.objects.all().delete()
    Entry.objects.all().delete()
    ThreadReference.objects.all().delete()
    search.remove([message.pk for message in conversation])
    assert index() == []
    assert search.find("schedule", [account.pk]) == []

    derive_again()

    after = everything()
    for name in ("Attachment", "Entry", "ThreadReference"):
        assert sorted(map(str, without_ids(after.pop(name)))) == sorted(map(str, without_ids(before.pop(name))))
    assert after == before
    assert search.find("schedule", [account.pk]) == [conversation[2].pk]


def test_a_message_in_a_wrong_thread_goes_back(account: MailAccount, conversation: list[Message]) -> None:
    before = everything()
    wrong = Thread.objects.create(account=account)
    Message.objects.filter(pk=conversation[1].pk).update(thread=wrong)

    assert derive_again().changed == 1

    assert everything() == before


def test_later_mail_still_finds_its_conversation(account: MailAccount, conversation: list[Message]) -> None:
    ThreadReference.objects.all().delete()
    derive_again()

    (late,) = deliver(account, octets_of("Re: Hello", message_id="3@far.test", references=["lost@far.test"]))

    assert late.thread_id == conversation[2].thread_id


def test_keeps_when_mail_was_received_here(account: MailAccount) -> None:
    octets = octets_of("Old date", date="Mon, 24 Nov 2003 09:00:00 +0000")
    came_at = timezone.now() - timedelta(seconds=5)
    with transaction.atomic():
        delivery.deliver(account, [delivery.prepare(account, octets, received_at=came_at)])

    derive_again()

    assert Message.objects.get().received_at == came_at


def test_takes_from_the_octets_when_mail_was_received_elsewhere(conversation: list[Message]) -> None:
    Message.objects.filter(pk=conversation[0].pk).update(received_at=datetime(1970, 1, 1, tzinfo=UTC))

    derive_again()

    assert Message.objects.get(pk=conversation[0].pk).received_at == datetime(2025, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize("octets", [b"", b"not compressed", None])
def test_damaged_octets_are_reported_and_left_alone(conversation: list[Message], octets: bytes | None) -> None:
    damaged, *_others = conversation
    compressed = octets if octets is not None else Original.of(damaged.account.owner_id, b"other octets").compressed
    Original.objects.filter(pk=damaged.original_id).update(compressed=compressed)
    before = everything()

    out, err, status = call()

    assert status == 1
    assert f"/m/{damaged.key}/" in err
    assert "Derived 3 messages again; 0 were different." in out
    assert everything() == before


def test_a_message_whose_values_the_database_refuses_keeps_no_other_out(
    conversation: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = conversation[0]
    put = search.index

    def refuse(documents: Iterable[tuple[int, int, search.Words]]) -> None:
        documents = list(documents)
        if any(pk == refused.pk for pk, *_ in documents):
            raise DataError
        put(documents)

    monkeypatch.setattr(search, "index", refuse)
    Message.objects.update(subject="damaged")

    out, err, status = call()

    assert status == 1
    assert f"/m/{refused.key}/" in err
    assert f"Derived {Message.objects.count() - 1} messages again" in out
    assert Message.objects.get(subject="damaged").pk == refused.pk


def test_a_message_that_changes_meanwhile_is_not_overwritten(
    account: MailAccount, conversation: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = delivery.prepare
    first, second, *_ = conversation

    def delete_and_prepare(*arguments: object, **options: object) -> delivery.Prepared:
        if Message.objects.filter(pk=first.pk).exists():
            delivery.remove([first])
            Message.objects.filter(pk=second.pk).update(is_starred=True, folder=Folder.ARCHIVE)
        return prepare(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(delivery, "prepare", delete_and_prepare)
    assert derive_again().derived == 3

    assert not Message.objects.filter(pk=first.pk).exists()
    assert len(index()) == 3
    second.refresh_from_db()
    assert (second.is_starred, second.folder) == (True, Folder.ARCHIVE)


def test_derives_what_was_stored_since_a_day(conversation: list[Message]) -> None:
    Message.objects.update(subject="damaged")
    Message.objects.filter(pk=conversation[0].pk).update(stored_at=datetime(2025, 1, 1, 23, 59, tzinfo=UTC))

    out, _err, status = call("--since", "2025-01-02")

    assert status == 0
    assert "Derived 3 messages again; 3 were different." in out
    assert Message.objects.get(subject="damaged").pk == conversation[0].pk


def test_derives_one_account_only(bob: User, conversation: list[Message]) -> None:
    other = MailAccount.objects.create(owner=bob, name="Bob", address="bob@home.test")
    (message,) = deliver(other, octets_of("Of Bob"))
    Message.objects.update(subject="damaged")

    out, _err, _status = call("--account", "BOB@home.test")

    assert "Derived 1 messages again; 1 were different." in out
    assert Message.objects.exclude(subject="damaged").get().pk == message.pk


def test_an_unknown_account_or_date_is_said(account: MailAccount) -> None:
    with pytest.raises(CommandError, match="There is no account nobody@"):
        call("--account", "nobody@home.test")
    for date in ("yesterday", "2025-02-31"):
        with pytest.raises(CommandError, match=date):
            call("--since", date)


def test_draws_a_bar_on_a_terminal(conversation: list[Message], small_batches: None) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    call_command("reparse", stdout=StringIO(), stderr=screen)

    assert "2 of 4" in screen.getvalue()
    assert "4 of 4" in screen.getvalue()
