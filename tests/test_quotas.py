"""Room for mail: what is refused when it is used up, and that nothing is lost by it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.health import State, health_of
from accounts.models import LocalMaildrop, MailAccount, User
from accounts.troubles import Trouble
from mailbox import delivery, maildrop, quotas, smtp, taking_in, uploads
from mailbox.models import Deposit, Draft, MailImport, Message, StorageUsed
from mailbox.pull import Status, pull
from mailbox.quotas import Space
from tests.cast import deliver, octets_of, remote_maildrop
from tests.test_maildrop import arrival

KB = 1000


@pytest.fixture
def small(alice: User) -> User:
    """Alice, who may keep one megabyte."""
    alice.quota_mb = 1
    alice.save()
    return alice


def letter(kilobytes: int, subject: str = "Large") -> bytes:
    return octets_of(subject, text="x" * (kilobytes * KB))


def fill(account: MailAccount) -> None:
    """Let there be no room left."""
    deliver(account, letter(1000, "Fills it all"))


# Counting


def test_the_setting_counts_unless_the_panel_gives_another_number(alice, settings):
    settings.QUOTA_MB = 5
    assert alice.quota_octets == 5_000_000
    alice.quota_mb = 0
    assert alice.quota_octets == 0
    alice.quota_mb = 7
    assert alice.quota_octets == 7_000_000


def test_nobody_without_a_limit_is_asked_about(alice, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert quotas.room_of(alice) is None
        quotas.note(alice, 10_000)


@pytest.mark.parametrize(
    ("used", "percent", "is_scarce", "is_full"),
    [
        (0, 0, False, False),
        (899, 89, False, False),
        (900, 90, True, False),
        (1000, 100, True, True),
        (2000, 100, True, True),
    ],
)
def test_warns_from_nine_tenths_on(used, percent, is_scarce, is_full):
    space = Space(used, 1000)
    assert (space.percent, space.is_scarce, space.is_full) == (percent, is_scarce, is_full)


def test_who_has_made_room_does_not_wait_for_the_next_hour(account, small):
    fill(account)
    StorageUsed.count(timezone.now() - timedelta(minutes=5))
    assert quotas.is_full(small)
    Message.objects.all().delete()
    small_again = User.objects.get(pk=small.pk)
    StorageUsed.objects.update(counted_at=timezone.now() - timedelta(minutes=5))
    delivery.sweep()
    assert not quotas.is_full(small_again)


def test_what_comes_between_two_counts_is_added(account, small):
    deliver(account, letter(100))
    before = quotas.space_of(small).used
    quotas.note(small, 5000)
    assert quotas.space_of(small).used == before + 5000


# Pulling


def test_a_pull_without_room_asks_no_server_and_says_so(account, small):
    fill(account)
    # Nobody listens there: a connection would be another trouble.
    drop = remote_maildrop(account, port=9, login="a", password="a", mode="delete")
    report = pull(drop)
    drop.refresh_from_db()
    assert (report.status, drop.trouble, drop.is_paused, drop.failure_count) == (Status.FAILED, Trouble.FULL, False, 0)
    health = health_of(drop, timezone.now())
    assert health.state == State.FULL
    assert "New mail waits on the server, and nothing is deleted there." in health.trouble
    assert drop.due_at > timezone.now() + timedelta(minutes=4)


# Local delivery


def test_a_recipient_without_room_is_put_off(account, small, local_maildrop):
    fill(account)
    with pytest.raises(smtp.MailboxFull) as refused:
        maildrop.find("alice@home.test")
    assert refused.value.reply.startswith("452 4.2.2 ")


def test_what_is_larger_than_the_mailbox_may_ever_be_is_refused_for_good(small, local_maildrop):
    with pytest.raises(smtp.MailboxFull) as refused:
        maildrop.receive(arrival(local_maildrop, octets=letter(1200)))
    assert refused.value.reply.startswith("552 5.2.2 ")
    assert not Deposit.objects.exists()


def test_what_does_not_fit_now_is_put_off(account, small, local_maildrop):
    deliver(account, letter(800))
    with pytest.raises(smtp.MailboxFull) as refused:
        maildrop.receive(arrival(local_maildrop, octets=letter(300)))
    assert refused.value.reply.startswith("452 4.2.2 ")


def test_what_fits_for_one_recipient_is_lost_for_none(small, local_maildrop, bob):
    of_bob = LocalMaildrop.objects.create(owner=bob, address="bob@home.test")
    maildrop.receive(arrival(local_maildrop, of_bob, octets=letter(1200)))
    assert Deposit.objects.count() == 2


def test_the_room_of_an_account_counts_where_its_mail_is_delivered(account, small, bob):
    LocalMaildrop.objects.create(owner=bob, address="club@home.test", account=account)
    fill(account)
    with pytest.raises(smtp.MailboxFull):
        maildrop.find("club@home.test")


# Uploads


def test_an_import_ends_in_words_and_keeps_what_came(account, small, monkeypatch):
    monkeypatch.setattr(taking_in, "BATCH_COUNT", 1)
    octets = b"".join(b"From x Mon Nov 03 09:14:00 2025\n" + letter(400, f"Number {each}") + b"\n" for each in range(3))
    row = MailImport.objects.create(account=account, file_name="all.mbox", octets_count=len(octets))
    row.path.write_bytes(octets)
    taking_in.run(row)
    row.refresh_from_db()
    assert (row.state, row.new_count) == (MailImport.State.FAILED, 2)
    assert "Your room for mail is used up." in row.skipped[0]
    assert Message.objects.count() == 2
    assert not row.path.exists()


def test_no_file_is_taken_in_without_room(client: Client, account, small):
    fill(account)
    client.force_login(small)
    url = reverse("take_in", args=[account.key])
    page = client.post(url, {"file": SimpleUploadedFile("a.mbox", b"From x\n")}, follow=True).content.decode()
    assert "Nothing of this file was imported." in page
    assert not MailImport.objects.exists()
    assert not list(MailImport.folder().iterdir())


def test_no_file_is_attached_without_room_and_what_was_written_is_kept(account, small):
    fill(account)
    draft = Draft.objects.create(writer=small, account=account, text="Kept")
    [problem] = uploads.attach(draft, [SimpleUploadedFile("plan.pdf", b"x")])
    assert problem.startswith("“plan.pdf” was not attached: your room for mail is used up.")
    assert not draft.files.exists()


# Screens


def test_settings_show_how_much_is_used(client, account, small):
    deliver(account, letter(250))
    client.force_login(small)
    page = client.get(reverse("settings")).content.decode()
    assert "250 kB of 1.0 MB used" in page
    assert 'max="100" value="25"' in page
    assert "nearly used up" not in page


def test_warns_before_it_is_too_late(client, account, small):
    deliver(account, letter(950))
    client.force_login(small)
    for name in ("settings", "accounts"):
        assert "Your room is nearly used up." in client.get(reverse(name)).content.decode()


def test_the_panel_shows_and_sets_it(client, account, small, charlie):
    deliver(account, letter(950))
    StorageUsed.count(timezone.now())
    User.objects.filter(pk=charlie.pk).update(is_staff=True, is_superuser=True)
    client.force_login(charlie)
    page = client.get(reverse("admin:accounts_user_changelist")).content.decode()
    assert 'class="space space--scarce">950 kB of 1.0 MB<progress max="100" value="95"' in page
    change = reverse("admin:accounts_user_change", args=[small.pk])
    assert 'name="quota_mb" value="1"' in client.get(change).content.decode()
    client.post(change, {"username": "alice", "email": "alice@home.test", "is_active": "on", "quota_mb": "20"})
    small.refresh_from_db()
    assert small.quota_mb == 20
