"""The operator's pages: passwords go in and never come out, and mail is not read."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from accounts.admin import ServerForm
from accounts.models import Grant, LocalMaildrop, MailAccount, RemoteMaildrop, SubmissionServer
from accounts.panel import pulls
from mailbox.models import Original, Outgoing, Recipient
from tests.accounts.conftest import FINGERPRINT, SECRET

CHANGE = "admin:accounts_mailaccount_change"


@pytest.fixture
def woken(monkeypatch):
    asked = []
    monkeypatch.setattr(pulls, "wake", lambda *what: asked.append(what))
    return asked


def account_form(account: MailAccount, **changes: str) -> dict[str, str]:
    """What the browser sends of an account's page as it stands."""
    form = {"address": account.address, "name": account.name, "owner": str(account.owner_id), "colour": "0"}
    for prefix, server in (
        ("remote_maildrop", account.remote_maildrop),
        ("submission_server", account.submission_server),
    ):
        form |= {f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-INITIAL_FORMS": "1"}
        form |= {
            f"{prefix}-0-{name}": str(getattr(server, name)) for name in ("id", "host", "port", "security", "login")
        }
        form |= {f"{prefix}-0-account": str(account.pk), f"{prefix}-0-password": ""}
    form |= {"remote_maildrop-0-mode": "keep", "remote_maildrop-0-delete_after_days": "14"}
    form |= {"remote_maildrop-0-every_minutes": "5", "remote_maildrop-0-leave_newest": "500"}
    form |= {"remote_maildrop-0-preview_over_mb": "40", "submission_server-0-connections_limit": "2"}
    for prefix in ("identities", "memberships"):
        form |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    return form | changes


@pytest.mark.parametrize(
    "name",
    ["accounts_user", "accounts_mailaccount", "accounts_remotemaildrop", "accounts_localmaildrop", "mailbox_outgoing"],
)
def test_every_list_shows(operator, servers, local_maildrop, name):
    assert operator.get(reverse(f"admin:{name}_changelist")).status_code == 200


@pytest.mark.parametrize(("password", "stays"), [("", True), ("an app password", False)])
def test_a_password_takes_the_place_of_a_sign_in(operator, servers, password, stays):
    for each in (servers.remote_maildrop, servers.submission_server):
        each.password = ""
        each.save()
    Grant.objects.create(account=servers, server="google", refresh_token="x")
    typed = {f"{name}-0-password": password for name in ("remote_maildrop", "submission_server")}
    url = reverse("admin:accounts_mailaccount_change", args=[servers.pk])
    assert operator.post(url, account_form(servers, **typed)).status_code == 302
    assert Grant.objects.filter(account=servers).exists() == stays


def test_people_who_are_not_staff_do_not_get_in(client, alice):
    client.force_login(alice)
    assert client.get(reverse("admin:accounts_mailaccount_changelist")).status_code == 302


def test_the_operator_signs_in_where_guesses_are_counted(client, db):
    page = reverse("admin:accounts_mailaccount_changelist")
    response = client.get(page, follow=True)
    assert response.redirect_chain[-1][0] == f"{reverse('account_login')}?next={page}"
    assert client.get(reverse("admin:login")).headers["Location"].startswith(reverse("account_login"))


def test_a_person_s_page_has_language_and_time_zone(operator, alice):
    page = operator.get(reverse("admin:accounts_user_change", args=[alice.pk])).content.decode()
    assert 'name="time_zone"' in page


@pytest.mark.parametrize("name", ["accounts_mailaccount", "accounts_remotemaildrop", "accounts_localmaildrop"])
def test_no_page_shows_a_password(operator, servers, local_maildrop, name):
    shown = {"accounts_mailaccount": servers, "accounts_remotemaildrop": servers.remote_maildrop}
    page = operator.get(reverse(f"admin:{name}_change", args=[shown.get(name, local_maildrop).pk])).content.decode()
    assert SECRET not in page
    assert local_maildrop.password not in page


def test_an_empty_password_keeps_the_stored_one(operator, servers):
    form = account_form(servers, name="Renamed", **{"remote_maildrop-0-host": "pop.new.test"})
    assert operator.post(reverse(CHANGE, args=[servers.pk]), form).status_code == 302
    maildrop = RemoteMaildrop.objects.get()
    assert (maildrop.host, maildrop.password) == ("pop.new.test", SECRET)
    assert SubmissionServer.objects.get().password == SECRET
    assert MailAccount.objects.get().name == "Renamed"


def test_an_accepted_certificate_stays_with_its_server(operator, servers):
    RemoteMaildrop.objects.update(fingerprint=FINGERPRINT)
    operator.post(reverse(CHANGE, args=[servers.pk]), account_form(servers, **{"remote_maildrop-0-login": "other"}))
    assert RemoteMaildrop.objects.get().fingerprint == FINGERPRINT
    operator.post(
        reverse(CHANGE, args=[servers.pk]), account_form(servers, **{"remote_maildrop-0-host": "pop.new.test"})
    )
    assert RemoteMaildrop.objects.get().fingerprint == ""


def test_recent_mode_and_deletion_exclude_each_other(operator, servers):
    both = {"remote_maildrop-0-mode": "delete", "remote_maildrop-0-is_recent": "on"}
    page = operator.post(reverse(CHANGE, args=[servers.pk]), account_form(servers, **both)).content.decode()
    assert "Recent mode leaves everything on the server" in page
    assert not RemoteMaildrop.objects.get().is_recent


def test_a_typed_password_replaces_it(operator, servers):
    form = account_form(servers, **{"remote_maildrop-0-password": "fresh"})
    assert operator.post(reverse(CHANGE, args=[servers.pk]), form).status_code == 302
    assert RemoteMaildrop.objects.get().password == "fresh"


def test_saving_leaves_a_pull_under_way_alone(operator, servers, monkeypatch):
    form = account_form(servers, **{"remote_maildrop-0-every_minutes": "30"})
    now = timezone.now()
    clean = ServerForm.clean_password
    monkeypatch.setattr(
        ServerForm,
        "clean_password",
        lambda form: RemoteMaildrop.objects.update(claimed_at=now, claimed_by="somebody") and clean(form),
    )
    assert operator.post(reverse(CHANGE, args=[servers.pk]), form).status_code == 302
    maildrop = RemoteMaildrop.objects.get()
    assert (maildrop.every_minutes, maildrop.claimed_at, maildrop.claimed_by) == (30, now, "somebody")


def test_pulls_the_chosen_maildrops_now(operator, servers, woken):
    RemoteMaildrop.objects.update(is_paused=True)
    pk = servers.remote_maildrop.pk
    choice = {"action": "pull_now", "_selected_action": [str(pk)]}
    page = operator.post(reverse("admin:accounts_remotemaildrop_changelist"), choice, follow=True).content.decode()
    assert "1 maildrop is pulled now." in page
    assert woken == [("pull_maildrop", pk)]
    assert not RemoteMaildrop.objects.get().is_paused


def test_a_maildrop_goes_with_its_account_only(operator, servers):
    path = reverse("admin:accounts_remotemaildrop_delete", args=[servers.remote_maildrop.pk])
    assert operator.post(path, {"post": "yes"}).status_code == 403
    assert RemoteMaildrop.objects.exists()


def test_adds_a_local_maildrop_with_a_password(operator, alice):
    password = "sails-and-lighthouses"
    form = {"address": "Alice@Home.test", "owner": str(alice.pk), "account": "", "new_password": password}
    assert operator.post(reverse("admin:accounts_localmaildrop_add"), form).status_code == 302
    maildrop = LocalMaildrop.objects.get()
    assert maildrop.address == "alice@home.test"
    assert maildrop.check_password(password)


@pytest.mark.parametrize("password", ["", "short"])
def test_a_new_local_maildrop_needs_a_good_password(operator, alice, password):
    form = {"address": "alice@home.test", "owner": str(alice.pk), "account": "", "new_password": password}
    assert operator.post(reverse("admin:accounts_localmaildrop_add"), form).status_code == 200
    assert not LocalMaildrop.objects.exists()


def test_a_local_maildrop_keeps_its_password_when_none_is_typed(operator, local_maildrop, alice):
    before = local_maildrop.password
    form = {"address": "other@home.test", "owner": str(alice.pk), "account": "", "new_password": ""}
    path = reverse("admin:accounts_localmaildrop_change", args=[local_maildrop.pk])
    assert operator.post(path, form).status_code == 302
    local_maildrop.refresh_from_db()
    assert (local_maildrop.address, local_maildrop.password) == ("other@home.test", before)


@pytest.fixture
def outgoing(account, alice) -> Outgoing:
    octets = b"Subject: Only for Dana\r\n\r\nVery private\r\n"
    original = Original.stored(alice.pk, octets)
    queued = Outgoing.objects.create(account=account, writer=alice, original=original, subject="Only for Dana")
    Recipient.objects.create(outgoing=queued, address="dana@far.test", status="refused", reply="550 <b>who?</b>")
    return queued


def test_shows_what_became_of_each_recipient_and_nothing_of_the_message(operator, outgoing):
    page = operator.get(reverse("admin:mailbox_outgoing_changelist")).content.decode()
    assert "dana@far.test" in page
    assert "refused by the server" in page
    assert "550 &lt;b&gt;who?" in page
    assert "Only for Dana" not in page


@pytest.mark.parametrize(
    ("server", "is_due"), [("submission_server", True), ("remote_maildrop", False)], ids=["sends", "collects"]
)
def test_what_waits_is_tried_again_with_a_corrected_password(operator, servers, outgoing, server, is_due):
    Outgoing.objects.update(due_at=timezone.now() + timedelta(hours=1))
    form = account_form(servers, **{f"{server}-0-password": "right"})
    assert operator.post(reverse(CHANGE, args=[servers.pk]), form).status_code == 302
    assert Outgoing.objects.due(timezone.now()).exists() == is_due


@pytest.mark.parametrize("name", ["change", "history", "delete"])
def test_one_outgoing_message_has_no_page(operator, outgoing, name):
    answer = operator.get(reverse(f"admin:mailbox_outgoing_{name}", args=[outgoing.pk]))
    assert answer.status_code in {403, 404}
    assert "Only for Dana" not in answer.content.decode()


def test_no_other_mail_is_registered():
    registered = {model.__name__ for model in admin.site._registry}
    assert registered == {"AuditEvent", "LocalMaildrop", "MailAccount", "Outgoing", "RemoteMaildrop", "User"}
