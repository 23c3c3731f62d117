"""Claims: one process at a time, given back, or free again when their process is gone."""

import os
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import LocalMaildrop
from webmail import claims
from webmail.claims import STALE, ClaimLost, dead, this_process

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def row(local_maildrop: LocalMaildrop) -> LocalMaildrop:
    return local_maildrop


def same(row: LocalMaildrop) -> LocalMaildrop:
    """The row as another process reads it."""
    return LocalMaildrop.objects.get(pk=row.pk)


def test_of_two_one_gets_it(row: LocalMaildrop, now: datetime) -> None:
    other = same(row)
    assert row.claim(now)
    assert not other.claim(now)
    assert (row.claimed_at, row.claimed_by) == (now, this_process())


def test_conditions_must_hold(row: LocalMaildrop, now: datetime) -> None:
    assert not row.claim(now, address="another@home.test")
    assert same(row).claimed_at is None
    assert row.claim(now, address=row.address)


def test_a_claim_reads_the_row_as_it_is_now(row: LocalMaildrop, now: datetime) -> None:
    LocalMaildrop.objects.update(password="changed meanwhile")
    assert row.claim(now)
    assert row.password == "changed meanwhile"


def test_a_release_writes_its_changes_and_frees_the_row(row: LocalMaildrop, now: datetime) -> None:
    row.claim(now)
    assert row.release(password="new")
    assert (row.password, row.claimed_at, row.claimed_by) == ("new", None, "")
    assert same(row).password == "new"
    assert same(row).claim(now)


def test_a_claim_goes_stale_and_not_before(row: LocalMaildrop, now: datetime) -> None:
    row.claim(now)
    LocalMaildrop.objects.update(claimed_by="another machine")
    assert not same(row).claim(now + STALE)
    assert same(row).claim(now + STALE + timedelta(seconds=1))


def test_who_lost_a_claim_writes_nothing(row: LocalMaildrop, now: datetime) -> None:
    row.claim(now)
    other = same(row)
    later = now + STALE + timedelta(seconds=1)
    assert other.claim(later)
    assert not row.release(password="too late")
    assert not row.held().exists()
    with pytest.raises(ClaimLost):
        row.renew_claim(later)
    assert same(row).password != "too late"
    assert same(row).claimed_at == later
    assert other.held().exists()


def test_a_renewed_claim_lives_longer(row: LocalMaildrop, now: datetime) -> None:
    row.claim(now)
    row.renew_claim(now + STALE)
    assert not same(row).claim(now + STALE + timedelta(minutes=1))
    assert row.release()


def test_a_release_without_a_claim_writes_nothing(row: LocalMaildrop) -> None:
    assert not row.release(password="never claimed")
    assert same(row).password != "never claimed"


def test_the_claim_of_a_process_that_died_here_is_free_at_once(row: LocalMaildrop, now: datetime) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = claims._name_of(child.pid)
    row.claim(now)
    LocalMaildrop.objects.update(claimed_by=name)
    assert dead([name]) == []
    assert not same(row).claim(now)
    child.communicate()
    assert dead([name]) == [name]
    assert same(row).claim(now)


def test_a_process_number_that_is_used_again_names_another_process() -> None:
    machine, pid, started = this_process().rsplit("/", 2)
    assert int(pid) == os.getpid()
    assert dead([this_process()]) == []
    before = f"{machine}/{pid}/{int(started) - 1}"
    assert dead([before]) == [before]


@pytest.mark.parametrize("name", ["", "elsewhere", "elsewhere/boot/1/2", "a/b/c", "x/999999999/1"])
def test_nothing_is_said_of_other_machines(name: str) -> None:
    assert dead([name]) == []


def test_after_a_restart_of_the_machine_its_old_claims_only_go_stale() -> None:
    host, _boot, pid, started = this_process().rsplit("/", 3)
    assert dead([f"{host}/another-boot/{pid}/{started}"]) == []
