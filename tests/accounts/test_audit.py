"""The audit log: who, when, from where, what, on what; and never a secret."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Invitation, Membership, User
from mailbox.tasks import depart_due
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


def people_of(what: str) -> list[tuple[str | None, str, str | None]]:
    """Who did it, about what, and whom it concerns."""
    named = AuditEvent.objects.filter(what=what).order_by("pk")
    return [
        (each.actor and each.actor.username, each.about, each.person and each.person.username)  # type: ignore[misc]
        for each in named
    ]


def test_notes_a_role_that_is_changed_and_by_whom(client, account, alice):
    client.force_login(alice)
    client.post(reverse("sharing", args=[account.key]), {"do": "change", "member": "bob", "role": "send"})
    assert people_of("role")[-1] == ("alice", "alice@home.test: bob, send", "bob")
    client.post(reverse("sharing", args=[account.key]), {"do": "remove", "member": "bob"})
    assert people_of("role-ended") == [("alice", "alice@home.test: bob", "bob")]


def test_notes_a_team_that_begins_and_ends_and_nothing_that_stays(client, account, alice):
    client.force_login(alice)
    for form in ({"is_team": "on"}, {"is_team": "on"}, {}):
        client.post(reverse("sharing", args=[account.key]), {"do": "team", **form})
    assert [about for _who, about, _whom in people_of("team")] == ["alice@home.test: on", "alice@home.test: off"]


def test_notes_invitations_from_making_to_using(client, alice):
    User.objects.filter(pk=alice.pk).update(is_superuser=True)
    client.force_login(alice)
    page = client.post(reverse("invitations"), {"address": "dana@home.test"}).content.decode()
    link = page.partition("http://testserver")[2].partition('"')[0]
    assert people_of("invited") == [("alice", "dana@home.test", "alice")]
    Client().post(
        link, {"username": "dana", "first_name": "Dana", "password": "sails-and-lighthouses", "way": "password"}
    )
    about = "dana@home.test: dana"
    assert people_of("invitation-used") == [("dana", about, "dana"), ("dana", about, "alice")]
    token = link.strip("/").rpartition("/")[2]
    assert not any(token in about for _who, about, _whom in people_of("invited"))


def test_notes_an_invitation_that_is_taken_back(client, alice):
    User.objects.filter(pk=alice.pk).update(is_superuser=True)
    client.force_login(alice)
    Invitation.make(alice, "dana@home.test")
    client.post(reverse("invitation_take_back"), {"invitation": Invitation.objects.get().key})
    assert people_of("invitation-void") == [("alice", "dana@home.test", "alice")]


def test_notes_what_the_operator_does_by_commands(alice, monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO("sails-and-lighthouses\n"))
    call_command("adduser", "dana", "--admin", "--password-stdin", stdout=StringIO())
    call_command("invite", "--by", "alice", stdout=StringIO())
    call_command("resetlink", "alice", stdout=StringIO())
    assert people_of("person-added") == [(None, "dana, admin", "dana")]
    assert [whom for _who, _about, whom in people_of("invited")] == ["alice"]
    assert people_of("reset-link") == [(None, "alice", "alice")]


def test_notes_who_leaves_stays_and_is_gone(client, alice):
    client.force_login(alice)
    for _ in range(2):
        client.post(reverse("leave"), {"when": "later", "name": "alice"})
        client.post(reverse("stay"))
    client.post(reverse("stay"))
    assert [about for _who, about, _whom in people_of("leaving")] == ["in seven days"] * 2
    assert len(people_of("staying")) == 2
    client.post(reverse("leave"), {"when": "now", "name": "alice"})
    depart_due()
    assert people_of("person-deleted") == [(None, "alice", None)]
    # What was noted of him stays, under the name that he had.
    assert AuditEvent.objects.filter(actor_name="alice", what="leaving").count() == 3


def test_the_panel_lists_one_kind_of_events(operator, alice):
    AuditEvent.objects.create(what="invited", about="quince")
    AuditEvent.objects.create(what="team", about="plum")
    page = operator.get(reverse(LOG), {"what__exact": "invited"}).content.decode()
    assert "quince" in page
    assert "plum" not in page
