"""The audit log: who, when, from where, what, on what; and never a secret."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Membership, User
from tests.accounts.conftest import SECRET, unchanged
from tests.cast import PASSWORD

LOG = "admin:accounts_auditevent_changelist"


def events(what: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(what=what))


def test_notes_who_signs_in_and_from_where(client, alice):
    client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD}, REMOTE_ADDR="198.51.100.7")
    (event,) = events("signed-in")
    assert (event.actor, event.actor_name, event.person, event.address) == (alice, "alice", alice, "198.51.100.7")


def test_notes_a_wrong_password_and_not_what_was_typed(client, alice):
    client.post(reverse("account_login"), {"login": "alice", "password": "wrong-and-secret"})
    client.post(reverse("account_login"), {"login": PASSWORD, "password": "wrong-and-secret"})
    of_alice, of_nobody = sorted(events("sign-in-failed"), key=lambda event: not event.about)
    assert (of_alice.person, of_alice.actor, of_alice.about) == (alice, None, "alice")
    assert (of_nobody.person, of_nobody.about) == (None, "")


def test_notes_signing_out(client, alice):
    client.force_login(alice)
    client.post(reverse("account_logout"))
    assert [event.person for event in events("signed-out")] == [alice]


def test_notes_changed_servers_by_their_account(client, servers, alice, resolver, woken):
    client.force_login(alice)
    client.post(reverse("account", args=[servers.key]), unchanged(pop3_password="fresh-secret"))
    (event,) = events("account-changed")
    assert (event.person, event.about) == (alice, "alice@home.test")


def test_notes_roles(account, bob):
    Membership.objects.get().delete()
    assert [event.person for event in events("role")] == [bob]
    assert [event.person for event in events("role-ended")] == [bob]


def test_no_event_holds_a_secret(client, servers, alice, resolver, woken):
    client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD})
    client.post(reverse("account", args=[servers.key]), unchanged(pop3_password="fresh-secret"))
    told = " ".join(f"{event.about} {event.actor_name}" for event in AuditEvent.objects.all())
    assert AuditEvent.objects.count() >= 2
    assert [word for word in (PASSWORD, SECRET, "fresh-secret") if word in told] == []


def test_outlives_whom_it_is_about(client, charlie):
    client.force_login(charlie)
    charlie.delete()
    (event,) = events("signed-in")
    assert (event.actor, event.actor_name) == (None, "charlie")


def test_forgets_what_is_older_than_400_days(alice):
    now = timezone.now()
    old, young = (AuditEvent.objects.create(what="keys", at=now - timedelta(days=days)) for days in (401, 399))
    assert AuditEvent.prune(now) == 1
    assert list(AuditEvent.objects.all()) == [young]
    assert old.what == "keys"


@pytest.fixture
def operator(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("operator"))
    return client


def test_the_operator_searches_the_log(operator, alice, bob):
    for person in (alice, bob):
        AuditEvent.objects.create(what="export", person=person, actor=person, actor_name=person.username, about="mail")
    page = operator.get(reverse(LOG), {"q": "alice"}).content.decode()
    assert ">alice</td>" in page
    assert ">bob</td>" not in page


@pytest.mark.parametrize("page", ["add", "change", "delete"])
def test_nobody_changes_the_log(operator, alice, page):
    pk = AuditEvent.objects.create(what="keys").pk
    path = reverse(f"admin:accounts_auditevent_{page}", args=[] if page == "add" else [pk])
    assert operator.post(path, {"post": "yes"}).status_code == 403
    assert AuditEvent.objects.filter(pk=pk).exists()


def test_people_see_what_concerns_them_and_nothing_else(client, alice, bob):
    AuditEvent.objects.create(what="export", person=bob, about="bobs-mail")
    AuditEvent.objects.create(what="export", person=alice, about="my-mail")
    client.force_login(alice)
    page = client.get(reverse("security")).content.decode()
    assert "What happened lately" in page
    assert "my-mail" in page
    assert "bobs-mail" not in page
