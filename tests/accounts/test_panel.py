"""The operator's panel: what it does about pulls and people, and what nobody sees in it."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, LocalMaildrop, MailAccount, RemoteMaildrop, User
from accounts.panel import pulls
from accounts.troubles import Trouble
from mailbox.checkup import Checkup, Finding
from mailbox.models import Original, Outgoing, Recipient, RetrievedUidl
from tests.accounts.conftest import SECRET
from tests.accounts.test_admin import account_form
from tests.cast import deliver, octets_of

PULLS = "admin:accounts_remotemaildrop_changelist"
ACCOUNTS = "admin:accounts_mailaccount_changelist"
PEOPLE = "admin:accounts_user_changelist"
OUTBOX = "admin:mailbox_outgoing_changelist"


@pytest.fixture
def woken(monkeypatch):
    asked = []
    monkeypatch.setattr(pulls, "wake", lambda *what: asked.append(what))
    monkeypatch.setattr("mailbox.outbox.wake", lambda *what: asked.append(what))
    return asked


def act(operator: Client, page: str, action: str, *pks: int, **more: str):
    form = {"action": action, "_selected_action": [str(pk) for pk in pks], **more}
    return operator.post(reverse(page), form, follow=True).content.decode()


def test_pauses_and_resumes_accounts(operator, servers, woken):
    act(operator, ACCOUNTS, "pause", servers.pk)
    assert RemoteMaildrop.objects.get().is_paused
    assert "1 account is collected again." in act(operator, ACCOUNTS, "resume", servers.pk)
    assert not RemoteMaildrop.objects.get().is_paused
    assert woken == [("pull_maildrop", servers.remote_maildrop.pk)]


def test_tells_what_both_servers_said(operator, servers, monkeypatch):
    found = Checkup(Finding(True, "Logged in."), Finding(False, "Refused.", "535 <b>no</b>"))
    monkeypatch.setattr(pulls.checkup, "check", lambda *_: found)
    page = act(operator, PULLS, "try_servers", servers.remote_maildrop.pk)
    assert "pop.example.org: Logged in." in page
    assert "535 &lt;b&gt;no" in page


def test_asks_before_it_forgets_what_was_retrieved(operator, servers):
    maildrop = servers.remote_maildrop
    RetrievedUidl.objects.create(maildrop=maildrop, uidl="1", octets_count=1, sha256="0" * 64)
    assert "recognised by their content" in act(operator, PULLS, "forget_uidls", maildrop.pk)
    assert RetrievedUidl.objects.exists()
    assert "Forgotten for 1 account." in act(operator, PULLS, "forget_uidls", maildrop.pk, is_sure="yes")
    assert not RetrievedUidl.objects.exists()


def test_forgets_nothing_while_a_pull_is_under_way(operator, servers):
    maildrop = servers.remote_maildrop
    RetrievedUidl.objects.create(maildrop=maildrop, uidl="1", octets_count=1, sha256="0" * 64)
    assert maildrop.claim(timezone.now())
    assert "Try again when that is over" in act(operator, PULLS, "forget_uidls", maildrop.pk, is_sure="yes")
    assert RetrievedUidl.objects.exists()


@pytest.mark.parametrize(("health", "is_shown"), [("paused", True), ("good", False), ("failing", False)])
def test_lists_accounts_by_their_health(operator, servers, health, is_shown):
    RemoteMaildrop.objects.update(is_paused=True, trouble="password", failure_count=1)
    for page in (PULLS, ACCOUNTS):
        shown = operator.get(reverse(page), {"health": health}).content.decode()
        assert ("does not accept the login" in shown) == is_shown


def test_accounts_without_room_are_a_kind_of_their_own(operator, servers):
    RemoteMaildrop.objects.update(trouble=Trouble.FULL)
    for health, is_shown in (("full", True), ("good", False), ("failing", False)):
        page = operator.get(reverse(PULLS), {"health": health}).content.decode()
        assert ("pop.example.org" in page) == is_shown


def test_nobody_makes_himself_an_owner_or_a_reader_here(operator, servers, alice):
    page = reverse("admin:accounts_mailaccount_change", args=[servers.pk])
    shown = operator.get(page).content.decode()
    assert 'name="owner"' not in shown
    assert 'name="memberships-0-user"' not in shown
    person = User.objects.get(pk=operator.session["_auth_user_id"])
    form = account_form(servers, owner=str(person.pk))
    form |= {"memberships-TOTAL_FORMS": "1", "memberships-0-account": str(servers.pk)}
    operator.post(page, form | {"memberships-0-user": str(person.pk), "memberships-0-role": "send", "name": "New"})
    servers.refresh_from_db()
    assert (servers.owner, servers.name) == (alice, "New")
    assert not servers.memberships.filter(user=person).exists()


LISTS = [
    *("accounts_user", "accounts_mailaccount", "accounts_remotemaildrop", "accounts_localmaildrop"),
    *("accounts_auditevent", "mailbox_outgoing"),
]


def furnish(person: User, number: int) -> None:
    """One more of everything that the panel lists."""
    owner = User.objects.create_user(f"person{number}", f"person{number}@home.test")
    account = MailAccount.objects.create(owner=owner, name="x", address=f"person{number}@home.test")
    RemoteMaildrop.objects.create(account=account, host="pop.example.org", port=995, login="x", password="x")
    LocalMaildrop.objects.create(owner=owner, address=account.address, account=account)
    AuditEvent.objects.create(what="role", actor=person, person=owner)
    original = Original.stored(owner.pk, b"x" * number)
    sent = Outgoing.objects.create(account=account, writer=owner, original=original, message_id=f"<{number}@x>")
    Recipient.objects.create(outgoing=sent, address="eve@far.test")


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_for_two_as_for_twenty(operator, name):
    person = User.objects.get(pk=operator.session["_auth_user_id"])
    url, costs = reverse(f"admin:{name}_changelist"), []
    for count in (2, 20):
        for number in range(1, count):
            if not User.objects.filter(username=f"person{number}").exists():
                furnish(person, number)
        with CaptureQueriesContext(connection) as queries:
            page = operator.get(url).content.decode()
        assert "person1" in page
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_people_are_called_people(operator):
    page = operator.get(reverse(PEOPLE)).content.decode()
    assert "<title>People" in page
    assert ">Users<" not in page
    assert "Add person" in page
    form = operator.get(reverse("admin:accounts_user_change", args=[operator.session["_auth_user_id"]]))
    assert " user " not in form.content.decode()


def test_keeps_people_out_and_lets_them_in_again(operator, alice):
    act(operator, PEOPLE, "keep_out", alice.pk)
    assert not User.objects.get(pk=alice.pk).is_active
    act(operator, PEOPLE, "let_in", alice.pk)
    assert User.objects.get(pk=alice.pk).is_active


def test_nobody_keeps_himself_out(operator):
    act(operator, PEOPLE, "keep_out", User.objects.get(username="operator").pk)
    assert User.objects.get(username="operator").is_active


@pytest.fixture
def outgoing(account, alice) -> Outgoing:
    original = Original.stored(alice.pk, b"Subject: planted-subject\r\n\r\nplanted-body\r\n")
    later = timezone.now() + timedelta(hours=1)
    queued = Outgoing.objects.create(
        account=account, writer=alice, original=original, subject="planted-subject", message_id="<1@h>", due_at=later
    )
    Recipient.objects.create(outgoing=queued, address="dana@far.test")
    return queued


def test_tries_again_what_waits(operator, outgoing, woken):
    assert "1 message is tried again now." in act(operator, OUTBOX, "try_again", outgoing.pk)
    assert Outgoing.objects.get().due_at <= timezone.now()
    assert woken == [("send", outgoing.pk)]


def test_leaves_to_its_writer_what_is_finished(operator, outgoing, woken):
    Outgoing.objects.update(finished_at=timezone.now())
    assert "Only its writer decides" in act(operator, OUTBOX, "try_again", outgoing.pk)
    assert woken == []


def test_actions_are_written_down_with_whom_they_concern(operator, servers, alice):
    act(operator, ACCOUNTS, "pause", servers.pk)
    event = AuditEvent.objects.get(what="admin-action")
    assert (event.actor_name, event.person, event.about.endswith(": pause")) == ("operator", alice, True)


def paths(rows) -> list[str]:
    """Every page of the panel there is for these rows, the lists and the first page with them."""
    found = [reverse("admin:index")]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        found += [reverse(f"{name}_changelist"), reverse(f"{name}_add")]
        found += [
            reverse(f"{name}_{page}", args=[pk])
            for page in ("change", "delete", "history")
            for pk in model._default_manager.values_list("pk", flat=True)
        ]
    return found


def test_no_page_shows_mail_or_secrets(operator, servers, outgoing, local_maildrop):
    deliver(servers, octets_of("planted-subject", text="planted-body"))
    planted = ["planted-subject", "planted-body", SECRET, local_maildrop.password]
    planted += list(User.objects.exclude(password="").values_list("password", flat=True))
    shown = {path: operator.get(path).content.decode() for path in paths(None)}
    assert len(shown) > 20
    assert [(path, word) for path, page in shown.items() for word in planted if word in page] == []


def test_confirming_a_deletion_names_no_mail(operator, servers):
    deliver(servers, octets_of("planted-subject"))
    page = act(operator, ACCOUNTS, "delete_selected", servers.pk)
    assert "Home" in page or servers.address in page
    assert "planted-subject" not in page


def test_pages_have_no_inline_code(operator, servers, outgoing, local_maildrop):
    for path in paths(None):
        page = operator.get(path).content.decode()
        assert "<style" not in page, path
        assert " style=" not in page, path
        assert "<script>" not in page, path


def test_the_panel_changes_no_password_by_itself(operator):
    assert operator.get(reverse("admin:password_change")).headers["Location"] == reverse("account_change_password")


def test_nothing_else_is_registered():
    assert {model._meta.app_label for model in admin.site._registry} == {"accounts", "mailbox"}


def test_local_maildrops_are_listed_by_domain(operator, alice):
    for address in ("alice@home.test", "alice@work.test"):
        LocalMaildrop.objects.create(owner=alice, address=address, password="x")
    page = operator.get(reverse("admin:accounts_localmaildrop_changelist"), {"domain": "work.test"}).content.decode()
    assert "alice@work.test</a>" in page
    assert "alice@home.test</a>" not in page


def test_deletes_an_account_with_its_mail(operator, servers):
    deliver(servers, octets_of("planted-subject"))
    operator.post(reverse("admin:accounts_mailaccount_delete", args=[servers.pk]), {"post": "yes"})
    assert not MailAccount.objects.exists()
    assert AuditEvent.objects.filter(what="admin-deleted").exists()


def test_deletes_a_person_with_all_mail(operator, servers, alice):
    deliver(servers, octets_of("planted-subject"))
    path = reverse("admin:accounts_user_delete", args=[alice.pk])
    assert "Delete for ever" in operator.get(path).content.decode()
    operator.post(path, {"post": "yes"})
    assert not User.objects.filter(username="alice").exists()
    assert not Original.objects.exists()


def test_a_person_s_page_leads_to_a_new_password_and_shows_nothing_of_the_old(operator, alice):
    page = operator.get(reverse("admin:accounts_user_change", args=[alice.pk])).content.decode()
    assert reverse("admin:auth_user_password_change", args=[alice.pk]) in page
    assert "hash" not in page
