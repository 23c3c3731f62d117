"""Uploaded files of mail come into an account: labels kept, nothing twice, nothing unpacked, nothing lost."""

import io
import tarfile
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import MailAccount
from mailbox import taking_in
from mailbox.models import Folder, Label, Labelled, MailImport, Message
from mailbox.pull import pull
from mailbox.transfer import NotMail, Skipped, read_uploaded
from tests.cast import deliver, remote_maildrop

pytestmark = pytest.mark.django_db
SEPARATOR = b"From 1849@xxx Mon Nov 03 09:14:00 +0000 2025\r\n"


def message(subject: str, body: str = "Hello") -> bytes:
    return (
        f"Message-ID: <{subject}@example.org>\r\nDate: Mon, 3 Nov 2025 09:14:00 +0000\r\n"
        f"From: eve@example.org\r\nSubject: {subject}\r\n\r\n{body}\r\n"
    ).encode()


def mbox(*mails: tuple[str, bytes]) -> bytes:
    """An mbox as Takeout writes it: each message with its labels."""
    return b"".join(
        SEPARATOR + f"X-GM-THRID: 7\r\nX-Gmail-Labels: {labels}\r\n".encode() + octets + b"\r\n"
        for labels, octets in mails
    )


def zipped(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in files.items():
            archive.writestr(f"Takeout/Mail/{name}", octets)
    return content.getvalue()


def tarred(**files: bytes) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, octets in files.items():
            info = tarfile.TarInfo(f"Takeout/Mail/{name}")
            info.size = len(octets)
            archive.addfile(info, io.BytesIO(octets))
    return content.getvalue()


@pytest.fixture
def take_in(account: MailAccount) -> Callable[..., MailImport]:
    """Import these octets as a worker does."""

    def run(octets: bytes, name: str = "All mail.mbox") -> MailImport:
        row = MailImport.objects.create(account=account, file_name=name, octets_count=len(octets))
        row.path.write_bytes(octets)
        taking_in.run(row)
        row.refresh_from_db()
        return row

    return run


def subjects(**conditions: object) -> set[str]:
    return set(Message.objects.filter(**conditions).values_list("subject", flat=True))


def test_keeps_places_flags_and_labels(take_in):
    row = take_in(
        mbox(
            ("Inbox,Unread,Travel/Japan", message("one")),
            ("Archived,Opened,Starred", message("two")),
            ("Sent", message("three")),
            ("Spam", message("four")),
        )
    )
    assert (row.state, row.found_count, row.new_count) == ("done", 4, 4)
    assert subjects(folder=Folder.INBOX, is_read=False) == {"one"}
    assert subjects(folder=Folder.ARCHIVE, is_read=True, is_starred=True) == {"two"}
    assert subjects(folder=Folder.SENT) == {"three"}
    assert subjects(folder=Folder.SPAM) == {"four"}
    assert list(Label.objects.values_list("name", flat=True)) == ["Travel/Japan"]
    assert Labelled.objects.get().thread == Message.objects.get(subject="one").thread


def test_a_label_that_exists_is_used(take_in, alice):
    label = Label.objects.create(owner=alice, name="travel")
    take_in(mbox(("Travel", message("one"))))
    assert list(Label.objects.all()) == [label]
    assert Labelled.objects.get().label == label


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_reads_archives_without_unpacking_them(take_in, pack):
    first, second = mbox(("Inbox", message("one"))), mbox(("Inbox", message("two")))
    row = take_in(pack(**{"a.mbox": first, "page.html": b"<html>", "b.mbox": second}), "takeout.zip")
    assert (row.state, row.new_count) == ("done", 2)
    assert list(MailImport.folder().iterdir()) == []


def test_what_was_collected_already_is_not_shown_twice(take_in, account):
    deliver(account, message("one"))
    row = take_in(mbox(("Inbox,Boats", message("one")), ("Inbox", message("two"))))
    assert (row.found_count, row.new_count) == (2, 1)
    assert Message.objects.filter(subject="one").count() == 1
    # The label is put on what is here.
    assert Labelled.objects.get().thread == Message.objects.get(subject="one").thread


def test_another_trace_is_no_other_message(take_in, account):
    deliver(account, b"Received: by pop.example.org; Mon, 3 Nov 2025 09:15:00 +0000\r\n" + message("one"))
    assert take_in(mbox(("Inbox", message("one")))).new_count == 0


def test_the_same_file_twice_adds_nothing(take_in):
    octets = mbox(("Inbox", message("one")), ("Inbox", message("two")))
    take_in(octets)
    row = take_in(octets)
    assert (row.found_count, row.new_count, row.known_count) == (2, 0, 2)
    assert Message.objects.count() == 2


def test_a_worker_that_died_is_followed_by_another(take_in, account, monkeypatch):
    monkeypatch.setattr(taking_in, "BATCH_COUNT", 1)
    octets = mbox(*(("Inbox", message(f"no{number}")) for number in range(4)))
    row = MailImport.objects.create(account=account, file_name="x", octets_count=len(octets))
    row.path.write_bytes(octets)
    real, calls = taking_in._Import._store, []

    def die(self):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(self)

    monkeypatch.setattr(taking_in._Import, "_store", die)
    with pytest.raises(KeyboardInterrupt):
        taking_in.run(row)
    assert row.path.exists()
    monkeypatch.setattr(taking_in._Import, "_store", real)
    MailImport.objects.update(claimed_at=None, claimed_by="")
    taking_in.run(row)
    row.refresh_from_db()
    assert (row.state, row.found_count) == ("done", 4)
    assert Message.objects.count() == 4


def test_two_workers_do_not_import_the_same_file(account):
    row = MailImport.objects.create(account=account, file_name="x", octets_count=1)
    row.path.write_bytes(mbox(("Inbox", message("one"))))
    MailImport.objects.get().claim(timezone.now())
    taking_in.run(MailImport.objects.get())
    assert not Message.objects.exists()
    row.delete()


def test_its_owner_stops_it(account, monkeypatch):
    monkeypatch.setattr(taking_in, "BATCH_COUNT", 1)
    octets = mbox(*(("Inbox", message(f"no{number}")) for number in range(4)))
    row = MailImport.objects.create(account=account, file_name="x", octets_count=len(octets))
    row.path.write_bytes(octets)
    real = taking_in._Import._store

    def stop_after(self):
        self.row.stop()
        return real(self)

    monkeypatch.setattr(taking_in._Import, "_store", stop_after)
    taking_in.run(row)
    row.refresh_from_db()
    assert row.state == "stopped"
    assert Message.objects.count() == 1
    assert not row.path.exists()


@pytest.mark.parametrize(
    "octets", [b"\x00\x01\x02", b"PK\x03\x04damaged", b"\x1f\x8bdamaged", zipped(**{"a.txt": b"x"})]
)
def test_what_is_no_mail_is_said_to_be_none(take_in, octets):
    row = take_in(octets)
    assert row.state == "failed"
    assert row.skipped_count == 1
    assert not row.path.exists()


def test_a_bomb_is_not_let_out(tmp_path):
    path = tmp_path / "bomb.zip"
    path.write_bytes(zipped(**{"a.mbox": SEPARATOR + b"Subject: x\r\n\r\n" + b"0" * 20_000_000}))
    assert path.stat().st_size < 100_000
    with pytest.raises(NotMail):
        list(read_uploaded(path, octets_limit=1_000_000, total_limit=5_000_000))


def test_one_message_that_is_too_large_stops_no_other(tmp_path):
    path = tmp_path / "a.mbox"
    path.write_bytes(mbox(("Inbox", message("large", "x" * 50_000)), ("Inbox", message("small"))))
    found = list(read_uploaded(path, octets_limit=10_000, total_limit=1_000_000))
    assert [type(each) for each in found] == [Skipped, bytes]


def test_old_imports_and_lost_files_are_forgotten(account):
    old = MailImport.objects.create(account=account, file_name="x", octets_count=1, state="done")
    MailImport.objects.update(begun_at=timezone.now() - timedelta(days=40))
    MailImport.prune(timezone.now())
    assert not MailImport.objects.filter(pk=old.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_what_was_imported_is_not_shown_again_when_it_is_pulled(take_in, account, dovecot, settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    take_in(mbox(("Inbox", message("one"))))
    dovecot.add("bob", b"Received: by pop.example.org; Mon, 3 Nov 2025 09:15:00 +0000\r\n" + message("one"))
    dovecot.add("bob", message("two"))
    pull(remote_maildrop(account, port=dovecot.port, login="bob", password="battery staple"))
    assert [Message.objects.filter(subject=subject).count() for subject in ("one", "two")] == [1, 1]
