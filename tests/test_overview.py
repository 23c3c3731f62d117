"""The operator's first page: whether all is well, figures that housekeeping counts, and pictures of them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import RemoteMaildrop, User
from mailbox import charts
from mailbox.models import Original, Outgoing, PullHour, PullLog, StorageUsed
from mailbox.overview import HOURS, Figure, Hour, overview
from tests.cast import deliver, octets_of, remote_maildrop


@pytest.fixture
def maildrop(account) -> RemoteMaildrop:
    return remote_maildrop(account, port=110, login="a", password="b")


@pytest.fixture
def operator(client: Client, db) -> Client:
    client.force_login(User.objects.create_superuser("operator"))
    return client


@pytest.fixture(autouse=True)
def roomy(monkeypatch):
    monkeypatch.setattr("mailbox.overview.SPACE_WANTED", 0)


def page(operator: Client) -> str:
    return operator.get(reverse("admin:index")).content.decode()


def test_says_that_all_is_well(operator, maildrop):
    assert "All is well" in page(operator)


def test_says_what_is_not_well_and_leads_there(operator, maildrop):
    RemoteMaildrop.objects.update(is_paused=True, trouble="password")
    shown = page(operator)
    assert "All is well" not in shown
    assert "1 account is paused" in shown
    assert f'href="{reverse("admin:accounts_remotemaildrop_changelist")}?health=paused"' in shown


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"failure_count": 2}, "1 account is failing."), ({"due_at": timezone.now() - timedelta(hours=1)}, "nobody")],
)
def test_tells_of_pulls_that_fail_or_wait(maildrop, changes, words):
    RemoteMaildrop.objects.update(**changes)
    assert [words in problem.words for problem in overview(timezone.now()).problems] == [True]


def test_tells_of_messages_that_should_have_left(account, alice):
    due_at = timezone.now() - timedelta(hours=1)
    original = Original.stored(alice.pk, b"Subject: x\r\n\r\n")
    Outgoing.objects.create(account=account, writer=alice, original=original, message_id="<1@h>", due_at=due_at)
    found = overview(timezone.now())
    assert "should have been sent" in found.problems[0].words
    assert found.queue[0].value == 1


def test_a_pause_that_somebody_wanted_is_no_trouble(maildrop):
    RemoteMaildrop.objects.update(is_paused=True)
    assert overview(timezone.now()).problems == []


def logged(maildrop: RemoteMaildrop, count: int, *, failed: int = 0, ago: timedelta = timedelta(0), seconds: float = 1):
    at = timezone.now() - ago
    for number in range(count):
        status = "failed" if number < failed else "ok"
        PullLog.objects.create(maildrop=maildrop, at=at, status=status, seconds=seconds)


def test_counts_the_pulls_of_each_hour_once_however_often_it_counts(maildrop):
    logged(maildrop, 3, failed=1)
    for _ in range(2):
        PullHour.count(timezone.now())
    (hour,) = PullHour.objects.all()
    assert (hour.pull_count, hour.failure_count) == (3, 1)


def test_hours_stay_when_their_log_is_trimmed(maildrop):
    logged(maildrop, 60, ago=timedelta(hours=3))
    PullHour.count(timezone.now())
    PullLog.trim()
    PullHour.count(timezone.now())
    assert PullLog.objects.count() == PullLog.KEPT
    assert overview(timezone.now()).pull_count == 60


def test_the_hour_under_way_shows_before_it_is_counted(maildrop):
    logged(maildrop, 2, failed=1)
    hour = overview(timezone.now()).hours[-1]
    assert (hour.pull_count, hour.failure_count) == (2, 1)


def test_the_slowest_account_comes_first(maildrop):
    logged(maildrop, 2, seconds=3)
    (slowest,) = overview(timezone.now()).slowest
    assert (slowest.name, slowest.value) == (maildrop.account.address, 3)


def test_counts_what_each_person_stores(account, alice, bob):
    octets = octets_of()
    deliver(account, octets)
    StorageUsed.objects.create(user=bob, octets_count=5, message_count=1, counted_at=timezone.now())
    StorageUsed.count(timezone.now())
    (used,) = StorageUsed.objects.all()
    assert (used.user, used.octets_count, used.message_count) == (alice, len(octets), 1)


def test_asks_as_little_of_many_messages_as_of_none(account, maildrop, django_assert_num_queries):
    deliver(account, *(octets_of(f"Mail {number}") for number in range(20)))
    logged(maildrop, 20)
    StorageUsed.count(timezone.now())
    PullHour.count(timezone.now())
    with django_assert_num_queries(8):
        overview(timezone.now())


def test_columns_stay_within_their_picture():
    at = timezone.now()
    drawn = charts.columns([Hour(at, 0, 0), Hour(at, 100, 1), Hour(at, 50, 50)])
    assert [(each.good_height, each.bad_height) for each in drawn] == [(0, 0), (118, 2), (0, 60)]
    assert all(each.good_y + each.good_height + each.bad_height == charts.HEIGHT for each in drawn)


def test_bars_are_as_long_as_their_figures():
    lengths = [bar.length for bar in charts.bars([Figure("a", 10), Figure("b", 5), Figure("c", 0)])]
    assert lengths[0] == 2 * lengths[1]
    assert lengths[2] == 0


def test_every_picture_stands_in_a_table_too(operator, maildrop):
    logged(maildrop, 1)
    StorageUsed.objects.create(user=maildrop.account.owner, octets_count=5, message_count=1, counted_at=timezone.now())
    shown = page(operator)
    assert shown.count('<svg class="chart"') == shown.count("As a table") == 4
    assert shown.count('<th scope="row">') >= HOURS
