"""A person deletes all that is his: what goes, what stays, and taking it back."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Departure, MailAccount, Membership, User
from mailbox.models import Message
from mailbox.tasks import depart_due
from tests.cast import deliver, octets_of


def ask(client: Client, when: str = "later", name: str = "alice"):
    return client.post(reverse("leave"), {"when": when, "name": name})


@pytest.fixture
def here(client, account, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def bobs(bob, alice) -> MailAccount:
    account = MailAccount.objects.create(owner=bob, name="Team", address="team@home.test")
    Membership.objects.create(account=account, user=alice, role=Membership.Role.READ)
    deliver(account, octets_of("Stays"))
    return account


def test_says_what_goes_and_what_stays(here, account, bobs):
    deliver(account, octets_of("One"), octets_of("Two"))
    page = here.get(reverse("leave")).content.decode()
    assert "2 messages" in page
    assert "Bob" in page
    assert "All mail of team@home.test" in page


def test_waits_for_a_week_in_which_the_person_can_stay(here, account):
    assert ask(here).url == reverse("security")
    depart_due()
    assert "are deleted on" in here.get(reverse("security")).content.decode()
    here.post(reverse("stay"))
    Departure.objects.update(due_at=timezone.now())
    depart_due()
    assert MailAccount.objects.filter(pk=account.pk).exists()


def test_deletes_the_person_and_his_mail_when_the_week_is_over(here, account, bobs):
    deliver(account, octets_of("Goes"))
    ask(here)
    Departure.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    depart_due()
    assert not User.objects.filter(username="alice").exists()
    assert [each.subject for each in Message.objects.all()] == ["Stays"]
    assert MailAccount.objects.get() == bobs


def test_at_once_signs_out_everywhere_and_lets_nobody_in_again(here, alice):
    there = Client()
    there.force_login(alice)
    assert "Goodbye" in ask(here, "now").content.decode()
    for each in (here, there):
        assert each.get(reverse("settings")).status_code == 302
        assert each.get(reverse("live"), {"since": "0"}).status_code == 302
    depart_due()
    assert not User.objects.filter(username="alice").exists()


def test_may_run_twice(here):
    ask(here, "now")
    depart_due()
    depart_due()


def test_another_name_deletes_nothing(here):
    assert ask(here, "now", "bob").status_code == 422
    assert not Departure.objects.exists()


def test_whoever_alone_runs_the_place_stays(here, alice):
    User.objects.filter(pk=alice.pk).update(is_superuser=True)
    assert "Nobody else runs" in ask(here, "now").content.decode()
    assert not Departure.objects.exists()


def test_asks_who_sits_there(here):
    session = here.session
    session["confirmed_at"] = 0
    session.save()
    assert ask(here, "now").url.startswith(reverse("account_reauthenticate"))
    assert not Departure.objects.exists()


def test_staying_takes_a_post(here):
    assert here.get(reverse("stay")).status_code == 405
