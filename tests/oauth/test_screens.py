"""What the screens say of signing in at a provider: where an account is found, where it stands, and in its form."""

import pytest
from django.test import Client

from accounts.models import AuditEvent, Grant, MailAccount, RemoteMaildrop, SubmissionServer
from tests.accounts.conftest import filled
from tests.oauth.conftest import ADDRESS, granted

HTMX = {"HX-Request": "true"}


def text(answer) -> str:
    return answer.content.decode()


def test_a_found_gmail_address_has_the_button_first_and_the_app_password_behind_it(as_alice, provider, settings):
    settings.SITE_URL = "https://mail.example.org"
    page = text(as_alice.post("/accounts/new/find/", {"address": "dana@gmail.com"}, headers=HTMX))
    assert page.index("Sign in with Google") < page.index("Use an app password instead") < page.index("pop3-password")
    assert 'name="code"' not in page


def test_a_found_outlook_address_has_the_button(as_alice, provider, settings):
    settings.SITE_URL = "https://mail.example.org"
    page = text(as_alice.post("/accounts/new/find/", {"address": "dana@outlook.com"}, headers=HTMX))
    assert "Sign in with Microsoft" in page
    assert 'name="provider" value="Outlook.com"' in page
    assert 'name="code"' in page


def test_without_a_client_whoever_runs_this_is_named(as_alice):
    page = text(as_alice.post("/accounts/new/find/", {"address": "dana@outlook.com"}, headers=HTMX))
    assert "Ask the person who runs this Letterbox" in page
    assert "Sign in with" not in page


def test_without_https_google_cannot_send_people_back(as_alice, provider, settings):
    settings.SITE_URL = "http://mail.home.test"
    page = text(as_alice.post("/accounts/new/find/", {"address": "dana@gmail.com"}, headers=HTMX))
    assert "Google sends people back to https addresses only" in page
    assert "Sign in with Google" not in page


@pytest.mark.parametrize(("has_grant", "says"), [(True, "You are signed in at Google"), (False, "You can sign in")])
def test_the_account_s_screen_says_how_it_stands(as_alice, gmail, provider, has_grant, says):
    if has_grant:
        RemoteMaildrop.objects.update(password="")
        granted(gmail, provider)
    page = text(as_alice.get(f"/accounts/{gmail.key}/"))
    assert says in page
    assert "planted-" not in page


def test_an_ended_sign_in_leads_to_a_new_one(as_alice, gmail, provider):
    RemoteMaildrop.objects.update(password="", is_paused=True, trouble="signed-out", failure_count=1)
    page = text(as_alice.get("/accounts/"))
    assert "taken back or has run out" in page
    assert f'href="/accounts/{gmail.key}/sign-in/"' in page


# The form


@pytest.fixture
def signed_in(gmail, provider) -> MailAccount:
    """Alice's account at Gmail, by her sign-in."""
    RemoteMaildrop.objects.update(password="")
    SubmissionServer.objects.update(password="")
    granted(gmail, provider)
    return gmail


def standing(**changes: str | None) -> dict[str, str]:
    """The form of that account as it is shown."""
    form = filled(address="alice@home.test", pop3_host="pop.gmail.com", smtp_host="smtp.gmail.com", pop3_login=ADDRESS)
    ports = {"pop3-port": "995", "smtp-port": "465", "pop3-password": ""}
    return form | ports | {name.replace("_", "-", 1): value for name, value in changes.items() if value}


def save(client: Client, account: MailAccount, form: dict[str, str], monkeypatch):
    monkeypatch.setattr("accounts.views.wake", lambda *_: None)
    monkeypatch.setattr("accounts.forms.servers.checked_address", lambda *_, **__: "93.184.215.14")
    return client.post(f"/accounts/{account.key}/", form)


def test_the_form_wants_no_password_where_there_is_a_sign_in(as_alice, signed_in, monkeypatch):
    assert save(as_alice, signed_in, standing(), monkeypatch).status_code == 302
    assert Grant.objects.get().account == signed_in


@pytest.mark.parametrize("change", [{"pop3_host": "pop.eve.test"}, {"smtp_host": "smtp.eve.test"}])
def test_the_sign_in_does_not_go_along_to_another_server(as_alice, signed_in, monkeypatch, change):
    answer = save(as_alice, signed_in, standing(**change), monkeypatch)
    assert answer.status_code == 422
    assert "Type the password again" in text(answer)


def test_a_password_takes_the_place_of_the_sign_in(as_alice, signed_in, monkeypatch):
    save(as_alice, signed_in, standing(pop3_password="an app password"), monkeypatch)
    assert Grant.objects.get().account is None
    assert RemoteMaildrop.objects.get().password == SubmissionServer.objects.get().password == "an app password"
    assert AuditEvent.objects.filter(what="grant-ended", about="alice@home.test").exists()
