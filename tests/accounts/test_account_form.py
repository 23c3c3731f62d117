"""The one form of an account: what it keeps, what it refuses, and where a password never goes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.fields import UnreadableSecret
from accounts.forms import AccountForms
from accounts.models import MailAccount, RemoteMaildrop, SubmissionServer
from accounts.sealed import seal
from tests.accounts.conftest import FINGERPRINT, SECRET, filled, unchanged

pytestmark = pytest.mark.usefixtures("resolver")

GMAIL = "pop.gmail.com"


@pytest.fixture
def new_form(alice):
    return lambda **changes: AccountForms(MailAccount(owner=alice), filled(**changes))


@pytest.fixture
def form_of(servers):
    return lambda **changes: AccountForms(MailAccount.objects.get(pk=servers.pk), unchanged(**changes))


def errors(forms: AccountForms) -> dict[str, list[str]]:
    assert not forms.is_valid()
    return {
        part.add_prefix(name): [str(each) for each in found]
        for part in forms.parts
        for name, found in part.errors.items()
    }


# A new account


def test_saves_an_account_with_both_servers_and_an_identity(new_form):
    forms = new_form()
    assert forms.is_valid()
    account = forms.save()
    maildrop, submission = RemoteMaildrop.objects.get(), SubmissionServer.objects.get()
    assert (account.address, account.name, account.colour) == ("alice@work.test", "Work", 3)
    assert (maildrop.host, maildrop.port, maildrop.security) == ("pop.example.org", 995, "tls")
    assert (submission.host, submission.port, submission.security) == ("smtp.example.org", 465, "tls")
    assert str(account.default_identity()) == "Alice Anderson <alice@work.test>"


def test_login_is_the_address_and_serves_for_both_unless_told_otherwise(new_form):
    forms = new_form()
    assert forms.is_valid()
    forms.save()
    for server in (RemoteMaildrop.objects.get(), SubmissionServer.objects.get()):
        assert (server.login, server.password) == ("alice@work.test", SECRET)


def test_a_login_of_its_own_for_sending(new_form):
    forms = new_form(smtp_same_login=None, smtp_login="alice-out", smtp_password="other")
    assert forms.is_valid()
    forms.save()
    submission = SubmissionServer.objects.get()
    assert (submission.login, submission.password) == ("alice-out", "other")


def test_no_login_for_sending(new_form):
    forms = new_form(smtp_same_login=None)
    assert forms.is_valid()
    forms.save()
    assert (SubmissionServer.objects.get().login, SubmissionServer.objects.get().password) == ("", "")


@pytest.mark.parametrize(
    ("security", "pop3_port", "smtp_port"), [("tls", 995, 465), ("starttls", 110, 587), ("none", 110, 587)]
)
def test_an_empty_port_is_the_usual_one(new_form, security, pop3_port, smtp_port):
    forms = new_form(pop3_security=security, smtp_security=security)
    assert forms.is_valid()
    forms.save()
    assert RemoteMaildrop.objects.get().port == pop3_port
    assert SubmissionServer.objects.get().port == smtp_port


def test_a_new_account_is_due_at_once(new_form):
    forms = new_form()
    assert forms.is_valid()
    forms.save()
    assert RemoteMaildrop.objects.due(timezone.now()).exists()


def test_without_a_name_the_account_is_called_by_its_address(new_form):
    forms = new_form(name="")
    assert forms.is_valid()
    assert forms.save().name == "alice@work.test"


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"address": "nowhere"}, "address", "valid email"),
        ({"address": "alice@work.test\r\nBcc: x@y.test"}, "address", "valid email"),
        ({"address": ""}, "address", "required"),
        ({"colour": "9"}, "colour", "valid choice"),
        ({"full_name": "Alice\x07"}, "full_name", "cannot be sent"),
        ({"pop3_host": ""}, "pop3-host", "required"),
        ({"pop3_host": "pop.invalid"}, "pop3-host", "There is no server named"),
        ({"pop3_host": "127.0.0.1"}, "pop3-host", "may not be used"),
        ({"pop3_host": "localhost"}, "pop3-host", "may not be used"),
        ({"smtp_host": "router.home"}, "smtp-host", "may not be used"),
        ({"pop3_port": "993"}, "pop3-port", "is for IMAP"),
        ({"pop3_port": "22"}, "pop3-port", "not one of those for mail"),
        ({"pop3_port": "70000"}, "pop3-port", "65535"),
        ({"pop3_port": "x"}, "pop3-port", "whole number"),
        ({"pop3_security": "ssl"}, "pop3-security", "valid choice"),
        ({"pop3_login": "a\tb"}, "pop3-login", "cannot be sent"),
        ({"pop3_password": ""}, "pop3-password", "Type the password"),
        ({"pop3_password": "a\nb"}, "pop3-password", "cannot be sent"),
        ({"pop3_mode": "burn"}, "pop3-mode", "valid choice"),
        ({"pop3_mode": "delete-after", "pop3_delete_after_days": "0"}, "pop3-delete_after_days", "greater than"),
        ({"pop3_mode": "leave-newest", "pop3_leave_newest": "0"}, "pop3-leave_newest", "greater than"),
        ({"pop3_preview_over_mb": "501"}, "pop3-preview_over_mb", "less than"),
        ({"pop3_host": GMAIL, "pop3_is_recent": "on", "pop3_mode": "delete"}, "pop3-mode", "leaves everything"),
        ({"pop3_host": GMAIL, "pop3_is_recent": "on", "pop3_mode": "leave-newest"}, "pop3-mode", "switch it off"),
        ({"pop3_every_minutes": "0"}, "pop3-every_minutes", "greater than"),
        ({"smtp_same_login": None, "smtp_login": "a"}, "smtp-password", "Type the password"),
    ],
)
def test_says_at_the_field_what_is_wrong(new_form, changes, field, says):
    assert says in " ".join(errors(new_form(**changes))[field])


def test_every_error_shows_at_once(new_form):
    assert set(errors(new_form(address="x", pop3_host="", smtp_host=""))) == {"address", "pop3-host", "smtp-host"}


def test_the_same_address_again_is_refused_whatever_its_case(servers, new_form):
    assert "already" in errors(new_form(address="Alice@Home.test"))["address"][0]


def test_somebody_else_may_have_the_same_address(servers, bob):
    assert AccountForms(MailAccount(owner=bob), filled(address="alice@home.test")).is_valid()


def test_listed_private_hosts_may_be_named_on_any_port(new_form, settings):
    settings.PRIVATE_HOSTS = ["192.168.1.0/24"]
    assert new_form(pop3_host="router.home", pop3_port="10110").is_valid()


@pytest.mark.parametrize("days", ["", "0", "x"])
def test_days_matter_in_one_mode_only(new_form, days):
    forms = new_form(pop3_delete_after_days=days)
    assert forms.is_valid()
    forms.save()
    assert RemoteMaildrop.objects.get().delete_after_days == 14


@pytest.mark.parametrize("number", ["", "0", "x"])
def test_how_many_to_leave_matters_in_one_mode_only(new_form, number):
    forms = new_form(pop3_leave_newest=number)
    assert forms.is_valid()
    forms.save()
    assert RemoteMaildrop.objects.get().leave_newest == 500


def test_leaves_only_the_newest_on_the_server(new_form):
    forms = new_form(pop3_mode="leave-newest", pop3_leave_newest="20")
    assert forms.is_valid()
    forms.save()
    maildrop = RemoteMaildrop.objects.get()
    assert (maildrop.mode, maildrop.leave_newest) == ("leave-newest", 20)


@pytest.mark.parametrize(("typed", "stored"), [("7", 7), ("", 40)])
def test_previews_over_a_size(new_form, typed, stored):
    forms = new_form(pop3_preview_over_mb=typed)
    assert forms.is_valid()
    forms.save()
    assert RemoteMaildrop.objects.get().preview_over_mb == stored


# Recent mode


@pytest.mark.parametrize(("host", "is_kept"), [(GMAIL, True), ("pop.example.org", False), ("gmail.com.test", False)])
def test_recent_mode_is_for_servers_that_know_it(new_form, host, is_kept):
    forms = new_form(pop3_host=host, pop3_is_recent="on")
    assert forms.maildrop.has_recent_mode is is_kept
    assert forms.is_valid()
    forms.save()
    assert RemoteMaildrop.objects.get().is_recent is is_kept


def test_recent_mode_that_is_on_can_be_switched_off_wherever_the_server_is(form_of):
    RemoteMaildrop.objects.update(is_recent=True)
    forms = form_of(pop3_is_recent="on")
    assert forms.maildrop.has_recent_mode
    assert forms.is_valid()
    forms.save()
    assert RemoteMaildrop.objects.get().is_recent
    forms = form_of()
    assert forms.is_valid()
    forms.save()
    assert not RemoteMaildrop.objects.get().is_recent


def test_recent_mode_does_not_go_along_to_a_server_that_does_not_know_it(form_of):
    RemoteMaildrop.objects.update(is_recent=True, host=GMAIL)
    forms = form_of(pop3_is_recent="on", pop3_host="pop.example.org", pop3_password="fresh")
    assert forms.is_valid()
    forms.save()
    assert not RemoteMaildrop.objects.get().is_recent


# Certificates


def test_accepts_a_certificate_for_the_server_it_was_shown_for(form_of):
    forms = form_of(pop3_certificate=f"tls://pop.example.org:995 {FINGERPRINT}")
    assert forms.is_valid()
    forms.save()
    assert RemoteMaildrop.objects.get().fingerprint == FINGERPRINT


@pytest.mark.parametrize(
    "typed",
    [
        f"tls://pop.elsewhere.test:995 {FINGERPRINT}",
        f"tls://pop.example.org:110 {FINGERPRINT}",
        f"starttls://pop.example.org:995 {FINGERPRINT}",
        "tls://pop.example.org:995 0a1b",
        f"tls://pop.example.org:995 {FINGERPRINT}0",
        FINGERPRINT,
        "",
    ],
)
def test_accepts_no_certificate_for_another_server_and_nothing_that_is_none(form_of, typed):
    forms = form_of(pop3_certificate=typed)
    assert forms.is_valid()
    forms.save()
    assert RemoteMaildrop.objects.get().fingerprint == ""


def test_an_accepted_certificate_stays(form_of):
    RemoteMaildrop.objects.update(fingerprint=FINGERPRINT)
    forms = form_of(name="Home again")
    assert forms.is_valid()
    forms.save()
    assert RemoteMaildrop.objects.get().fingerprint == FINGERPRINT


@pytest.mark.parametrize(
    "changes",
    [
        {"pop3_forgets_certificate": "on"},
        {"pop3_host": "pop.elsewhere.test", "pop3_password": "fresh"},
        {"pop3_port": "110", "pop3_password": "fresh"},
        {"pop3_security": "starttls", "pop3_password": "fresh"},
    ],
)
def test_an_accepted_certificate_is_forgotten_on_request_and_with_the_server(form_of, changes):
    RemoteMaildrop.objects.update(fingerprint=FINGERPRINT)
    forms = form_of(**changes)
    assert forms.is_valid()
    forms.save()
    assert RemoteMaildrop.objects.get().fingerprint == ""


# Changing one


def test_nothing_typed_keeps_both_passwords(form_of):
    forms = form_of(name="Home again")
    assert forms.is_valid()
    forms.save()
    assert MailAccount.objects.get().name == "Home again"
    assert RemoteMaildrop.objects.get().password == SECRET
    assert SubmissionServer.objects.get().password == SECRET


def test_a_typed_password_replaces_the_stored_one_for_both(form_of):
    forms = form_of(pop3_password="fresh")
    assert forms.is_valid()
    forms.save()
    assert RemoteMaildrop.objects.get().password == "fresh"
    assert SubmissionServer.objects.get().password == "fresh"


def test_a_password_keeps_its_spaces(form_of):
    forms = form_of(pop3_password=" two words ")
    assert forms.is_valid()
    forms.save()
    assert RemoteMaildrop.objects.get().password == " two words "


@pytest.mark.parametrize(
    "changes",
    [
        {"pop3_host": "pop.elsewhere.test"},
        {"pop3_port": "110"},
        {"pop3_security": "none"},
        {"smtp_host": "smtp.elsewhere.test"},
        {"smtp_port": "587"},
        {"smtp_security": "none"},
    ],
)
def test_a_stored_password_never_goes_to_another_server(form_of, changes):
    assert "goes to another server" in errors(form_of(**changes))["pop3-password"][0]


def test_a_stored_password_of_its_own_never_goes_to_another_server_either(form_of):
    SubmissionServer.objects.update(login="alice-out")
    own = {"smtp_same_login": None, "smtp_login": "alice-out", "smtp_host": "smtp.elsewhere.test"}
    assert "goes to another server" in errors(form_of(**own))["smtp-password"][0]


def test_the_password_of_the_maildrop_never_goes_to_a_submission_server_unasked(form_of):
    submission = SubmissionServer.objects.get()
    submission.password = "a different one"
    submission.save()
    assert "goes to another server" in errors(form_of())["pop3-password"][0]


def test_a_typed_password_goes_wherever_the_form_says(form_of):
    forms = form_of(pop3_host="pop.elsewhere.test", smtp_host="smtp.elsewhere.test", pop3_password="fresh")
    assert forms.is_valid()


def test_a_private_server_of_the_operator_stays_until_the_person_names_another(form_of):
    RemoteMaildrop.objects.update(host="localhost", port=10110, may_be_private=True)
    forms = form_of(pop3_host="localhost", pop3_port="10110")
    assert forms.is_valid()
    forms.save()
    assert RemoteMaildrop.objects.get().may_be_private
    assert "pop3-host" in errors(form_of(pop3_host="localhost", pop3_port="10111", pop3_password="x"))


def test_leave_for_private_hosts_ends_with_another_server(form_of):
    RemoteMaildrop.objects.update(host="localhost", port=10110, may_be_private=True)
    forms = form_of(pop3_password="fresh")
    assert forms.is_valid()
    forms.save()
    assert not RemoteMaildrop.objects.get().may_be_private


def test_the_identity_follows_the_address_and_the_name(form_of, servers):
    forms = form_of(address="alice@new.test", full_name="Alice A.")
    assert forms.is_valid()
    forms.save()
    assert str(servers.identities.get()) == "Alice A. <alice@new.test>"


def test_a_change_of_the_maildrop_ends_a_pause_and_is_tried_at_once(form_of):
    RemoteMaildrop.objects.update(is_paused=True, due_at=timezone.now() + timedelta(hours=6))
    forms = form_of(pop3_password="fresh")
    assert forms.is_valid()
    forms.save()
    assert RemoteMaildrop.objects.due(timezone.now()).exists()


def test_saving_leaves_a_pull_under_way_alone(form_of):
    forms = form_of(pop3_every_minutes="10")
    assert forms.is_valid()
    now = timezone.now()
    assert RemoteMaildrop.objects.get().claim(now)
    forms.save()
    maildrop = RemoteMaildrop.objects.get()
    assert maildrop.every_minutes == 10
    assert maildrop.claimed_at == now


def test_saving_leaves_the_count_of_changes_alone(form_of):
    forms = form_of(name="Renamed")
    assert forms.is_valid()
    MailAccount.objects.update(revision=7)
    forms.save()
    assert MailAccount.objects.get().revision == 7


def test_a_lost_key_neither_breaks_the_form_nor_loses_the_secret(form_of, settings):
    keys = settings.FIELD_KEYS
    settings.FIELD_KEYS = ["a" * 43 + "="]
    forms = form_of(name="Still here")
    assert isinstance(forms.maildrop.stored_password, UnreadableSecret)
    assert forms.is_valid()
    forms.save()
    settings.FIELD_KEYS = keys
    assert RemoteMaildrop.objects.get().password == SECRET


# Passwords on their way


def test_no_password_is_ever_in_the_page(form_of, servers):
    unbound = AccountForms(MailAccount.objects.get(pk=servers.pk))
    for forms in (unbound, form_of(pop3_password="typed-just-now")):
        page = f"{forms.maildrop}{forms.submission}"
        assert SECRET not in page
        assert "typed-just-now" not in page


def test_a_typed_password_comes_back_sealed_and_serves_the_next_time(new_form, alice):
    forms = new_form(address="nowhere")
    assert not forms.is_valid()
    html = str(forms.maildrop["password"])
    sealed = html.split('name="pop3-password-sealed" value="')[1].split('"')[0]
    again = AccountForms(MailAccount(owner=alice), filled(pop3_password="") | {"pop3-password-sealed": sealed})
    assert again.is_valid()
    again.save()
    assert RemoteMaildrop.objects.get().password == SECRET


def test_what_is_typed_counts_before_what_is_sealed(new_form, alice):
    sealed = seal("older", user_pk=alice.pk)
    forms = AccountForms(MailAccount(owner=alice), filled() | {"pop3-password-sealed": sealed})
    assert forms.is_valid()
    assert forms.maildrop.instance.password == SECRET


def test_a_seal_made_for_somebody_else_opens_nothing(alice, bob):
    sealed = seal(SECRET, user_pk=bob.pk)
    forms = AccountForms(MailAccount(owner=alice), filled(pop3_password="") | {"pop3-password-sealed": sealed})
    assert "Type the password" in errors(forms)["pop3-password"][0]
