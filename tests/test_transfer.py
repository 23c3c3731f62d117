"""Mail goes into files and comes back octet for octet."""

import io
import random
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import MailAccount, User
from mailbox.delivery import deliver, prepare
from mailbox.models import Folder, Message, Original
from mailbox.transfer import (
    Form,
    Mail,
    NotMail,
    Skipped,
    export_mail,
    import_mail,
    importing,
    read,
    read_mbox,
    sources,
    write_eml,
    write_maildir,
    write_mbox,
)

LIMIT = 1_000_000
SEPARATOR = b"From bob@example.org Mon Nov  3 09:14:00 2025\n"
ODD = [
    b"Subject: crlf\r\n\r\nHello\r\nFrom here\r\n>From there\r\n",
    b"Subject: lf\n\nFrom here\n>>From there\n\n\n",
    b"Subject: mixed\r\n\nbare\rcarriage\n\r\n",
    b"Subject: nul\n\nbefore\0after\n",
    b"Subject: no final line end\n\nthe end",
    b"From the first line on\n",
    b"\n",
    b"",
    b"Subject: long\n\n" + b"x" * 200_000 + b"\n",
]


def mbox(octets: bytes, limit: int = LIMIT) -> list[bytes | None]:
    return list(read_mbox(io.BytesIO(octets), octets_limit=limit))


def row(octets: bytes, **columns) -> Message:
    message = Message(
        original=Original.of(1, octets),
        octets_count=len(octets),
        received_at=datetime(2025, 11, 3, 9, 14, tzinfo=UTC),
        sender_address="bob@example.org",
    )
    for name, value in columns.items():
        setattr(message, name, value)
    return message


def octets_in(path: Path) -> list[bytes]:
    found = [each for source in sources(path) for each in read(source, octets_limit=LIMIT)]
    assert all(isinstance(each, Mail) for each in found)
    return [each.octets for each in found if isinstance(each, Mail)]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# mbox ----------------------------------------------------------------------------------------------------------------


def test_reads_the_messages_of_an_mbox_without_their_separators():
    text = SEPARATOR + b"Subject: one\n\nOne\n\n" + SEPARATOR + b"Subject: two\n\nTwo\n"
    assert mbox(text) == [b"Subject: one\n\nOne\n", b"Subject: two\n\nTwo\n"]


def test_keeps_crlf_where_an_mbox_has_it():
    text = (SEPARATOR + b"Subject: one\n\nOne\n\n").replace(b"\n", b"\r\n")
    assert mbox(text) == [b"Subject: one\r\n\r\nOne\r\n"]


def test_takes_one_quote_from_lines_that_begin_with_from():
    text = SEPARATOR + b"\n>From here\n>>From there\n> From elsewhere\n>Fromage\n\n"
    assert mbox(text) == [b"\nFrom here\n>From there\n> From elsewhere\n>Fromage\n"]


def test_a_line_that_begins_with_from_is_text_where_separators_have_dates():
    text = SEPARATOR + b"Subject: one\n\nFrom here on all is well.\n\nFrom now on, too.\n\n"
    assert mbox(text) == [b"Subject: one\n\nFrom here on all is well.\n\nFrom now on, too.\n"]


def test_separators_without_dates_are_known_by_the_blank_line_before_them():
    text = b"From alice\nSubject: one\n\nOne\nFrom here\n\nFrom alice\nSubject: two\n\nTwo\n\n"
    assert mbox(text) == [b"Subject: one\n\nOne\nFrom here\n", b"Subject: two\n\nTwo\n"]


@pytest.mark.parametrize(
    "separator",
    [
        b"From 1234567890@xxx Mon Nov 03 09:14:00 +0000 2025\n",
        b"From - Mon Nov  3 09:14:00 2025\n",
        b"From a b Mon Nov  3 09:14 2025 remote from host\n",
    ],
)
def test_knows_the_separators_of_other_programs(separator):
    text = separator + b"Subject: one\n\nOne\n\n" + separator + b"Subject: two\n\nTwo\n\n"
    assert mbox(text) == [b"Subject: one\n\nOne\n", b"Subject: two\n\nTwo\n"]


def test_messages_need_no_blank_line_between_them():
    text = SEPARATOR + b"Subject: one\n\nOne\n" + SEPARATOR + b"Subject: two\n\nTwo\n"
    assert mbox(text) == [b"Subject: one\n\nOne\n", b"Subject: two\n\nTwo\n"]


def test_an_empty_mbox_holds_nothing():
    assert mbox(b"") == []
    assert mbox(b"\n\n") == []


def test_a_file_that_is_no_mbox_is_refused():
    with pytest.raises(NotMail, match="no mbox"):
        mbox(b"\x89PNG\r\n\x1a\n" + bytes(100))


def test_a_message_over_the_limit_is_left_out_and_the_others_are_read():
    text = SEPARATOR + b"One\n\n" + SEPARATOR + b"x" * 300_000 + b"\n\n" + SEPARATOR + b"Three\n\n"
    assert mbox(text, limit=100_000) == [b"One\n", None, b"Three\n"]


def test_a_message_of_exactly_the_limit_is_read():
    text = SEPARATOR + b"x" * 99 + b"\n\n"
    assert mbox(text, limit=100) == [b"x" * 99 + b"\n"]
    assert mbox(text, limit=99) == [None]


def test_reading_an_mbox_holds_one_message_in_memory(tmp_path):
    """The file is read as its messages are asked for, not before."""
    path = tmp_path / "big.mbox"
    path.write_bytes((SEPARATOR + b"x" * 900_000 + b"\n\n") * 5)
    with path.open("rb") as file:
        next(read_mbox(file, octets_limit=LIMIT))
        assert file.tell() < 1_900_000


@pytest.mark.parametrize("octets", [each for each in ODD if each.endswith(b"\n") or not each])
def test_an_mbox_gives_back_every_octet(tmp_path, octets):
    write_mbox(tmp_path / "all.mbox", [row(octets), row(b"Subject: next\n\n"), row(octets)])
    assert octets_in(tmp_path / "all.mbox") == [octets, b"Subject: next\n\n", octets]


LINES = st.sampled_from([b"From ", b">From x", b">>From ", b"", b"Subject: x", b"\0", b"> From", b"x" * 70_000])


@given(st.lists(st.lists(LINES, max_size=6), max_size=4), st.sampled_from([b"\n", b"\r\n"]))
def test_any_messages_of_whole_lines_survive_an_mbox(tmp_path_factory, messages, line_end):
    octets = [b"".join(line + line_end for line in lines) for lines in messages]
    path = tmp_path_factory.mktemp("mbox") / "all.mbox"
    write_mbox(path, map(row, octets))
    with path.open("rb") as file:
        assert list(read_mbox(file, octets_limit=LIMIT)) == octets


def test_an_mbox_ends_the_last_line_of_a_message(tmp_path):
    write_mbox(tmp_path / "all.mbox", [row(b"Subject: x\r\n\r\nend"), row(b"Subject: y\n\nend")])
    assert octets_in(tmp_path / "all.mbox") == [b"Subject: x\r\n\r\nend\r\n", b"Subject: y\n\nend\n"]


def test_a_sender_cannot_break_the_separator(tmp_path):
    write_mbox(
        tmp_path / "all.mbox", [row(b"Subject: x\n\n", sender_address="a b\n\nFrom c"), row(b"", sender_address="")]
    )
    lines = (tmp_path / "all.mbox").read_bytes().splitlines()
    assert lines[0] == b"From abFromc Mon Nov  3 09:14:00 2025"
    assert lines[-2] == b"From MAILER-DAEMON Mon Nov  3 09:14:00 2025"


# Maildir and .eml ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [write_maildir, write_eml])
def test_files_of_one_message_keep_it_byte_for_byte(tmp_path, write):
    assert write(tmp_path / "out", map(row, ODD)) == len(ODD)
    assert sorted(octets_in(tmp_path / "out")) == sorted(ODD)


def test_a_maildir_keeps_the_flags(tmp_path):
    write_maildir(
        tmp_path,
        [
            row(b"unread"),
            row(b"read", is_read=True),
            row(b"starred", is_read=True, is_starred=True),
            row(b"trashed", folder=Folder.TRASH),
        ],
    )
    found = [each for source in sources(tmp_path) for each in read(source, octets_limit=LIMIT)]
    assert {each.octets: each.flags for each in found if isinstance(each, Mail)} == {
        b"unread": "",
        b"read": "S",
        b"starred": "FS",
        b"trashed": "T",
    }
    assert [path.read_bytes() for path in (tmp_path / "new").iterdir()] == [b"unread"]


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("1762.a.host:2,RS", "RS"),
        ("1762.a.host;2,F", "F"),
        ("1762.a.host!2,S", "S"),
        ("1762.M2,S=10", ""),
        ("a:2,", ""),
    ],
)
def test_reads_the_flags_from_the_names_of_a_maildir(tmp_path, name, flags):
    for folder in ("cur", "new", "tmp"):
        (tmp_path / folder).mkdir()
    (tmp_path / "cur" / name).write_bytes(b"Subject: x\n\n")
    assert [source.flags for source in sources(tmp_path)] == [flags]


def test_reading_changes_no_maildir(tmp_path):
    write_maildir(tmp_path, [row(b"unread")])
    before = sorted(tmp_path.rglob("*"))
    assert octets_in(tmp_path) == [b"unread"]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_maildir_s_tmp_and_hidden_files_are_no_mail(tmp_path):
    write_maildir(tmp_path, [row(b"mail")])
    (tmp_path / "tmp" / "half").write_bytes(b"half a mess")
    (tmp_path / "cur" / ".hidden").write_bytes(b"x")
    assert octets_in(tmp_path) == [b"mail"]


def test_writing_a_maildir_again_leaves_no_twin_when_flags_changed(tmp_path):
    message = row(b"mail")
    write_maildir(tmp_path, [message])
    message.is_read = True
    write_maildir(tmp_path, [message], overwrite=True)
    assert [path.name.partition(":")[2] for path in (tmp_path / "cur").iterdir()] == ["2,S"]
    assert list((tmp_path / "new").iterdir()) == []


def test_names_of_exported_messages_suit_every_file_system(tmp_path):
    subjects = ["CON", "../../etc/passwd", "Grüße: a/b\\c|d*e?", "来週の夕食", "x" * 400, "", " . "]
    write_eml(tmp_path, [row(b"mail", subject=subject) for subject in subjects])
    names = [path.name for path in tmp_path.iterdir()]
    assert len(names) == len(subjects)
    assert all(len(name) < 110 and name.startswith("2025-11-03-0914-") for name in names)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") for name in names)


def test_nobody_else_can_read_what_is_written(tmp_path):
    write_mbox(tmp_path / "mail" / "all.mbox", [row(b"x")])
    write_maildir(tmp_path / "mail" / "maildir", [row(b"x")])
    write_eml(tmp_path / "mail" / "eml", [row(b"x")])
    paths = list((tmp_path / "mail").rglob("*"))
    assert {mode(path) for path in paths if path.is_file()} == {0o600}
    assert {mode(path) for path in [tmp_path / "mail", *paths] if path.is_dir()} == {0o700}


def test_a_file_that_exists_is_overwritten_only_when_asked(tmp_path):
    path = tmp_path / "all.mbox"
    path.write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        write_mbox(path, [row(b"x\n")])
    assert path.read_bytes() == b"precious"
    assert [each.name for each in tmp_path.iterdir()] == ["all.mbox"]

    write_mbox(path, [row(b"x\n")], overwrite=True)
    assert octets_in(path) == [b"x\n"]


def test_an_export_that_breaks_leaves_the_older_file_alone(tmp_path):
    def broken():
        yield row(b"x\n")
        raise OSError("the disk is full")

    path = tmp_path / "all.mbox"
    path.write_bytes(b"precious")
    with pytest.raises(OSError, match="full"):
        write_mbox(path, broken(), overwrite=True)
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"precious"]


# Telling them apart --------------------------------------------------------------------------------------------------


def test_finds_every_form_in_a_folder_and_leaves_the_rest(tmp_path):
    write_mbox(tmp_path / "a" / "Inbox", [row(b"Subject: in mbox\n\n")])
    write_maildir(tmp_path / "b" / ".Sent", [row(b"Subject: in maildir\n\n")])
    write_eml(tmp_path / "c", [row(b"Subject: in eml\n\n")])
    (tmp_path / "notes.txt").write_text("Subject: a text that nobody named\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "file").write_text("a folder called new is no Maildir yet")
    assert sorted(octets_in(tmp_path)) == [b"Subject: in eml\n\n", b"Subject: in maildir\n\n", b"Subject: in mbox\n\n"]


def test_a_named_message_needs_no_suffix(tmp_path):
    (tmp_path / "message").write_bytes(b"Received: from a\n\nHello\n")
    assert octets_in(tmp_path / "message") == [b"Received: from a\n\nHello\n"]


def test_an_eml_file_is_a_message_whatever_it_holds(tmp_path):
    (tmp_path / "odd.EML").write_bytes(b"no header at all")
    assert octets_in(tmp_path) == [b"no header at all"]


@pytest.mark.parametrize("name", ["missing", "picture.png", "empty"])
def test_what_is_no_mail_is_named(tmp_path, name):
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotMail, match=name):
        sources(tmp_path / name)


def test_a_large_single_message_is_skipped_with_the_reason(tmp_path):
    (tmp_path / "big.eml").write_bytes(b"x" * 101)
    [source] = sources(tmp_path)
    [skipped] = read(source, octets_limit=100)
    assert isinstance(skipped, Skipped)
    assert "larger than 100 octets" in skipped.reason


def test_a_file_that_vanished_is_skipped_with_the_reason(tmp_path):
    path = tmp_path / "a.eml"
    path.write_bytes(b"x")
    [source] = sources(tmp_path)
    path.unlink()
    [skipped] = read(source, octets_limit=100)
    assert isinstance(skipped, Skipped)
    assert "No such file" in skipped.reason


# The database --------------------------------------------------------------------------------------------------------


@pytest.fixture
def account(db) -> MailAccount:
    alice = User.objects.create_user("alice")
    return MailAccount.objects.create(owner=alice, address="alice@example.org", name="Home")


def bring(account: MailAccount, path: Path, **options) -> importing.Tally:
    return import_mail(account, sources(path), octets_limit=LIMIT, **options)


def test_imported_mail_lies_read_in_the_archive(account, tmp_path):
    (tmp_path / "a.eml").write_bytes(b"Date: Mon, 3 Nov 2025 09:14:00 +0100\r\nSubject: old\r\n\r\nHello\r\n")
    bring(account, tmp_path)
    message = Message.objects.get()
    assert (message.folder, message.is_read, message.subject) == ("archive", True, "old")
    assert message.received_at == datetime(2025, 11, 3, 8, 14, tzinfo=UTC)


def test_importing_twice_adds_nothing(account, tmp_path):
    write_mbox(tmp_path / "all.mbox", map(row, [b"Subject: one\n\n", b"Subject: two\n\n", b"Subject: one\n\n"]))
    assert bring(account, tmp_path).new == 2
    again = bring(account, tmp_path)
    assert (again.found, again.new) == (3, 0)
    assert Message.objects.count() == 2


def test_the_flags_of_a_maildir_are_respected(account, tmp_path):
    write_maildir(
        tmp_path,
        [
            row(b"Subject: new\n\n"),
            row(b"Subject: star\n\n", is_starred=True),
            row(b"Subject: gone\n\n", folder="trash"),
        ],
    )
    bring(account, tmp_path, folder=Folder.INBOX)
    flags = {m.subject: (m.folder, m.is_read, m.is_starred, m.trashed_from) for m in Message.objects.all()}
    assert flags == {
        "new": ("inbox", False, False, ""),
        "star": ("inbox", False, True, ""),
        "gone": ("trash", False, False, "inbox"),
    }
    assert Message.objects.get(subject="gone").trashed_at is not None


def test_one_bad_file_does_not_stop_the_others(account, tmp_path):
    (tmp_path / "a.eml").write_bytes(b"Subject: one\n\n")
    (tmp_path / "b.eml").write_bytes(b"x" * (LIMIT + 1))
    (tmp_path / "c.eml").write_bytes(b"Subject: two\n\n")
    tally = bring(account, tmp_path)
    assert (tally.found, tally.new, len(tally.skipped)) == (2, 2, 1)


def test_messages_are_stored_in_batches(account, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "BATCH_COUNT", 2)
    batches = []
    deliver = importing.delivery.deliver
    monkeypatch.setattr(
        importing.delivery, "deliver", lambda account, some: batches.append(len(some)) or deliver(account, some)
    )
    write_mbox(tmp_path / "all.mbox", [row(b"Subject: %d\n\n" % number) for number in range(5)])
    bring(account, tmp_path)
    assert batches == [2, 2, 1]


@pytest.mark.parametrize("form", Form)
def test_exported_mail_comes_home_as_it_was(account, tmp_path, form):
    seed = random.Random(7)
    octets = [b"Subject: %d\r\n\r\n" % n + seed.randbytes(500).replace(b"\r", b"") + b"\r\n" for n in range(20)]
    with transaction.atomic():
        deliver(account, [prepare(account, each, folder=seed.choice(list(Folder))) for each in octets])

    written = dict(export_mail([account], tmp_path, form=form))

    assert sum(written.values()) == 20
    assert sorted(octets_in(tmp_path)) == sorted(octets)
    assert bring(account, tmp_path).new == 0


def test_each_mail_folder_becomes_a_file_of_its_own(account, tmp_path):
    for place in ("inbox", "sent"):
        (tmp_path / f"{place}.eml").write_bytes(b"Subject: %s\n\n" % place.encode())
        import_mail(account, sources(tmp_path / f"{place}.eml"), folder=Folder(place), octets_limit=LIMIT)
    written = dict(export_mail([account], tmp_path / "out", form=Form.MBOX))
    home = tmp_path / "out" / "alice@example.org"
    assert written == {home / "inbox.mbox": 1, home / "sent.mbox": 1}


def test_an_export_refuses_before_it_writes_anything(account, tmp_path):
    for place in ("inbox", "sent"):
        (tmp_path / "a.eml").write_bytes(b"Subject: %s\n\n" % place.encode())
        import_mail(account, sources(tmp_path / "a.eml"), folder=Folder(place), octets_limit=LIMIT)
    taken = tmp_path / "out" / "alice@example.org" / "sent.mbox"
    taken.parent.mkdir(parents=True)
    taken.write_bytes(b"precious")

    with pytest.raises(FileExistsError):
        list(export_mail([account], tmp_path / "out", form=Form.MBOX))

    assert list(taken.parent.iterdir()) == [taken]
    assert taken.read_bytes() == b"precious"


def test_an_address_cannot_lead_out_of_the_folder(account, tmp_path):
    account.address = "../../evil/*@example.org"
    account.save()
    (tmp_path / "a.eml").write_bytes(b"Subject: x\n\n")
    bring(account, tmp_path)
    [path] = dict(export_mail([account], tmp_path / "out", form=Form.MBOX))
    assert path.parent.parent == tmp_path / "out"
    assert path.parent.name == f"_.._evil__@example.org-{account.key}"
