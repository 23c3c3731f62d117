"""Mail packed for its owner: all of it, of one account or one label; whole, private, and begun anew after a death."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox import labelling, threads
from mailbox.models import Export, Folder, Label, Message
from mailbox.models.export import KEPT, folder
from mailbox.transfer import packing, read_mbox
from tests.cast import deliver, octets_of


@pytest.fixture(autouse=True)
def files(settings, tmp_path: Path) -> Path:
    """The folder in which the files of this test lie."""
    settings.DATA_DIR = tmp_path
    return tmp_path / "exports"


def packed(owner: User, **what: object) -> Export:
    export = packing.begin(owner, **what)
    packing.pack(export)
    export.refresh_from_db()
    return export


def contents(export: Export) -> dict[str, bytes]:
    with zipfile.ZipFile(export.path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_an_mbox_for_each_folder_gives_every_octet_back(alice: User, account: MailAccount) -> None:
    octets = [octets_of("One"), octets_of("Two", text="From here\r\n>From there")]
    deliver(account, *octets)
    deliver(account, octets_of("Sent"), folder=Folder.SENT)
    export = packed(alice)
    found = contents(export)
    assert sorted(found) == ["alice@home.test/inbox.mbox", "alice@home.test/sent.mbox"]
    assert list(read_mbox(io.BytesIO(found["alice@home.test/inbox.mbox"]), octets_limit=10_000)) == octets
    assert (export.state, export.message_count, export.done_count) == ("ready", 3, 3)
    assert export.octets_count == export.path.stat().st_size


def test_a_file_for_each_message_holds_its_octets(alice: User, account: MailAccount) -> None:
    octets = octets_of("Boats / 会議") + b"\x00\xff bare\nLF"
    [message] = deliver(account, octets)
    [(name, found)] = contents(packed(alice, form="eml")).items()
    assert name == f"alice@home.test/inbox/2025-11-24-0900-boats-{message.key}.eml"
    assert found == octets


def test_a_large_mbox_is_cut(alice: User, account: MailAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MBOX_OCTETS", 1)
    deliver(account, octets_of("One"), octets_of("Two"))
    assert sorted(contents(packed(alice))) == ["alice@home.test/inbox-2.mbox", "alice@home.test/inbox.mbox"]


def test_only_ones_own_accounts_are_packed(alice: User, bob: User, account: MailAccount) -> None:
    own = MailAccount.objects.create(owner=bob, name="Own", address="bob@home.test")
    deliver(account, octets_of("Shared with Bob"))
    deliver(own, octets_of("Bob's"))
    assert sorted(contents(packed(bob))) == ["bob@home.test/inbox.mbox"]
    assert contents(packed(bob, account=account)) == {}


def test_one_account_or_one_label_may_be_chosen(alice: User, account: MailAccount) -> None:
    work = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    [boats, _rain] = deliver(account, octets_of("Boats"), octets_of("Rain"))
    deliver(work, octets_of("Work"))
    label = Label.objects.create(owner=alice, name="Sea")
    labelling.label([boats.thread_id], label=label.pk)
    assert sorted(contents(packed(alice, account=work))) == ["alice@work.test/inbox.mbox"]
    [only] = contents(packed(alice, label=label, form="eml"))
    assert boats.key in only


def test_the_file_is_its_owners_alone(alice: User, account: MailAccount, files: Path) -> None:
    deliver(account, octets_of("One"))
    export = packed(alice)
    assert export.path.stat().st_mode & 0o777 == 0o600
    assert files.stat().st_mode & 0o777 == 0o700
    assert list(files.iterdir()) == [export.path]


def test_a_message_that_leaves_meanwhile_does_not_stop_the_rest(
    alice: User, account: MailAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(account, octets_of("One"), octets_of("Two"))
    loaded = packing._loaded

    def loses_one(pks):
        rows = loaded(pks)
        Message.objects.filter(pk=rows[0].pk).delete()
        packing.Original.objects.filter(pk=rows[0].original_id).delete()
        return rows

    monkeypatch.setattr(packing, "_loaded", loses_one)
    export = packed(alice, form="eml")
    assert (len(contents(export)), export.done_count) == (1, 1)


def test_a_full_disk_is_said_and_leaves_nothing(
    alice: User, account: MailAccount, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(account, octets_of("One"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(packing.Zip, "close", full)
    export = packed(alice)
    assert (export.state, export.problem) == ("failed", "No space left on device")
    assert list(files.iterdir()) == []


def test_a_worker_that_died_leaves_it_to_the_next(
    alice: User, account: MailAccount, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(account, octets_of("One"))
    export = packing.begin(alice)
    export.claim(timezone.now())
    files.mkdir()
    (files / f"{export.key}.half").write_bytes(b"PK")
    Export.objects.update(claimed_at=timezone.now() - timedelta(minutes=20))
    [left] = Export.objects.due(timezone.now())
    packing.pack(left)
    assert list(files.iterdir()) == [left.path]


def test_a_worker_that_is_told_to_end_gives_it_back(alice: User, account: MailAccount, files: Path) -> None:
    deliver(account, octets_of("One"))
    packing.stopping.set()
    try:
        export = packed(alice)
    finally:
        packing.stopping.clear()
    assert list(Export.objects.due(timezone.now())) == [export]
    assert list(files.iterdir()) == []


def test_one_that_is_deleted_meanwhile_leaves_nothing(
    alice: User, account: MailAccount, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(account, octets_of("One"))
    export = packing.begin(alice)
    close = packing.Zip.close

    def deleted(archive: packing.Zip) -> None:
        Export.objects.get().remove()
        close(archive)

    monkeypatch.setattr(packing.Zip, "close", deleted)
    packing.pack(export)
    assert list(files.iterdir()) == []


def test_everything_goes_after_a_day_and_files_without_a_row_at_once(
    alice: User, account: MailAccount, files: Path
) -> None:
    deliver(account, octets_of("One"))
    old, new = packed(alice), packed(alice)
    (folder() / "nobody.zip").write_bytes(b"PK")
    Export.objects.filter(pk=old.pk).update(ready_at=timezone.now() - KEPT)
    Export.prune(timezone.now())
    assert list(Export.objects.all()) == [new]
    assert list(files.iterdir()) == [new.path]


def test_mail_that_was_thrown_away_is_packed_too(alice: User, account: MailAccount) -> None:
    [message] = deliver(account, octets_of("One"))
    threads.trash([message.thread_id])
    assert list(contents(packed(alice))) == ["alice@home.test/trash.mbox"]


def test_the_queries_for_a_message_do_not_grow(
    alice: User, account: MailAccount, django_assert_max_num_queries
) -> None:
    deliver(account, *(octets_of(f"Letter {number}") for number in range(150)))
    export = packing.begin(alice)
    # One for the octets of each, and a few for each hundred.
    with django_assert_max_num_queries(150 + 30):
        packing.pack(export)
