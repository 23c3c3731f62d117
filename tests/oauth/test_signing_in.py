"""Signing in at a provider: there by a page of ours, back by an address that acts on its state alone."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Grant, MailAccount, RemoteMaildrop, SubmissionServer
from accounts.oauth import ending, joining
from mailbox import checkup
from mailbox.checkup import Checkup, Finding
from mailbox.models import Outgoing
from tests.cast import PASSWORD
from tests.oauth.conftest import ADDRESS, granted
from tests.outgoing import queued

BEGIN, BACK = "/accounts/new/sign-in/", "/accounts/sign-in/google/back/"
GMAIL = {"server": "google", "provider": "Gmail", "address": ADDRESS, "full_name": "Alice"}
OUTLOOK = {"server": "microsoft", "provider": "Outlook.com", "address": "alice@outlook.com"}
HTMX = {"HX-Request": "true"}
LATER = timezone.now() + timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("woken")


def text(answer) -> str:
    return answer.content.decode()


def leave(client: Client, form: dict[str, str] = GMAIL, url: str = BEGIN) -> str:
    """Press the button; return where the browser goes."""
    answer = client.post(url, form)
    assert answer.status_code == 200
    return answer["Refresh"].removeprefix("0; url=")


def come_back(client: Client, provider, form: dict[str, str] = GMAIL, url: str = BEGIN):
    return client.get(f"/accounts/sign-in/{form['server']}/back/", provider.allow(leave(client, form, url)))


def query_of(target: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}


# There


def test_the_request_says_what_the_provider_wants(as_alice, provider):
    query = query_of(leave(as_alice))
    state, challenge = query.pop("state"), query.pop("code_challenge")
    assert re.fullmatch(r"[\w-]{43}", state)
    assert re.fullmatch(r"[\w-]{43}", challenge)
    assert query == {
        "response_type": "code",
        "client_id": "google-client",
        "redirect_uri": f"http://testserver{BACK}",
        "scope": "https://mail.google.com/",
        "code_challenge_method": "S256",
        "login_hint": ADDRESS,
        "access_type": "offline",
        "prompt": "consent",
    }


def test_microsoft_is_asked_for_pop_smtp_and_lasting_access(as_alice, provider):
    query = query_of(leave(as_alice, OUTLOOK))
    assert query["scope"].split() == [
        "https://outlook.office.com/POP.AccessAsUser.All",
        "https://outlook.office.com/SMTP.Send",
        "offline_access",
    ]
    assert "access_type" not in query


def test_people_come_back_to_the_address_that_the_operator_has_registered(as_alice, provider, settings):
    settings.SITE_URL = "https://mail.example.org"
    assert query_of(leave(as_alice))["redirect_uri"] == f"https://mail.example.org{BACK}"


def test_the_way_there_is_a_page_that_works_without_scripts(as_alice, provider):
    answer = as_alice.post(BEGIN, GMAIL)
    assert "Go on to Google" in text(answer)
    assert answer["Refresh"].startswith(f"0; url={provider.url}/google/authorize?")


@pytest.mark.parametrize(
    "changes", [{"server": "nobody"}, {"server": "microsoft"}, {"provider": "Yahoo"}, {"provider": ""}]
)
def test_only_known_providers_are_gone_to(as_alice, provider, changes):
    assert as_alice.post(BEGIN, GMAIL | changes).status_code == 404


def test_an_address_that_is_here_already_goes_nowhere(as_alice, provider, account):
    answer = as_alice.post(BEGIN, GMAIL | {"address": account.address})
    assert answer.status_code == 422
    assert "Refresh" not in answer


def test_nobody_floods_a_provider(as_alice, provider):
    answers = [as_alice.post(BEGIN, GMAIL) for _ in range(21)]
    assert ["Refresh" in each for each in answers] == [True] * 20 + [False]
    assert "Wait five minutes" in text(answers[-1])


def test_the_session_holds_the_verifier_sealed(as_alice, provider):
    leave(as_alice)
    assert "verifier" not in str(dict(as_alice.session.items()))


# Back


def test_adds_an_account_with_its_servers_and_its_tokens(as_alice, alice, provider, opened, woken):
    answer = come_back(as_alice, provider)
    account = alice.owned_accounts.get()
    assert answer.url == reverse("arriving", args=[account.key])
    maildrop, submission, grant = account.remote_maildrop, account.submission_server, account.grant
    assert (maildrop.host, maildrop.port, maildrop.security) == ("pop.gmail.com", 995, "tls")
    assert (submission.host, submission.port, submission.security) == ("smtp.gmail.com", 465, "tls")
    assert (maildrop.login, maildrop.password, submission.login, submission.password) == (ADDRESS, "", ADDRESS, "")
    assert (grant.server, grant.address, grant.is_public) == ("google", ADDRESS, False)
    assert grant.access_token in provider.access_tokens
    assert grant.refresh_token in provider.refresh_tokens
    assert account.default_identity().name == "Alice"
    assert woken == [("pull_maildrop", maildrop.pk)]


def test_tries_the_mailbox_before_anything_is_saved(as_alice, provider, opened):
    come_back(as_alice, provider)
    assert [each.access_token for each in opened] == list(provider.access_tokens)


def test_the_client_proves_itself_with_secret_verifier_and_address(as_alice, provider, opened):
    come_back(as_alice, provider)
    form = provider.asked[0][1]
    assert form["client_secret"] == "google-secret"
    assert form["redirect_uri"] == f"http://testserver{BACK}"
    assert len(form["code_verifier"]) >= 43


def test_writes_it_down(as_alice, alice, provider, opened):
    come_back(as_alice, provider)
    told = AuditEvent.objects.filter(actor=alice, what__in=["account-added", "granted"])
    assert set(told.values_list("what", "about")) == {("account-added", ADDRESS), ("granted", f"{ADDRESS}: google")}


@pytest.mark.parametrize("state", ["", "made-up"])
def test_a_strange_state_does_nothing(as_alice, alice, provider, opened, state):
    answers = provider.allow(leave(as_alice)) | {"state": state}
    answer = as_alice.get(BACK, answers)
    assert answer.status_code == 400
    assert "Begin again" in text(answer)
    assert provider.asked == []
    assert not alice.owned_accounts.exists()


def test_an_answer_counts_once(as_alice, provider, opened):
    answers = provider.allow(leave(as_alice))
    as_alice.get(BACK, answers)
    assert as_alice.get(BACK, answers).status_code == 400
    assert len(provider.asked) == 1


def test_an_answer_to_another_browser_does_nothing(as_alice, alice, provider, opened):
    elsewhere = Client()
    elsewhere.force_login(alice)
    assert elsewhere.get(BACK, provider.allow(leave(as_alice))).status_code == 400


def test_an_answer_to_another_person_in_the_same_browser_does_nothing(as_alice, bob, provider, opened):
    answers = provider.allow(leave(as_alice))
    sealed = as_alice.session["oauth"]
    as_alice.force_login(bob)
    session = as_alice.session
    session["oauth"] = sealed
    session.save()
    assert as_alice.get(BACK, answers).status_code == 400


def test_the_answer_of_one_provider_is_not_taken_for_that_of_another(as_alice, provider, opened):
    answers = provider.allow(leave(as_alice))
    assert as_alice.get("/accounts/sign-in/microsoft/back/", answers).status_code == 400
    assert provider.asked == []


def test_who_says_no_there_is_told_that_nothing_changed(as_alice, alice, provider):
    state = query_of(leave(as_alice))["state"]
    page = text(as_alice.get(BACK, {"error": "access_denied", "state": state}))
    assert "You did not allow it at Google. Nothing was changed." in page
    assert f"?address={ADDRESS.replace('@', '%40')}" in page
    assert not alice.owned_accounts.exists()


def test_a_provider_s_words_are_escaped(as_alice, provider):
    state = query_of(leave(as_alice))["state"]
    page = text(as_alice.get(BACK, {"error": "<script>x", "state": state}))
    assert "&lt;script&gt;x" in page
    assert "<script>x" not in page


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((503, {}), "Google does not answer right now"),
        ((401, {"error": "invalid_client"}), "ask the person who runs Letterbox"),
        ((400, {"error": "invalid_grant"}), "Google did not go on with the sign-in"),
    ],
)
def test_says_what_went_wrong_at_the_provider(as_alice, alice, provider, answer, says):
    provider.fails.append(answer)
    assert says in text(come_back(as_alice, provider))
    assert not alice.owned_accounts.exists()


@pytest.mark.parametrize("lacks", ["scope", "refresh token"])
def test_a_permission_that_is_not_enough_is_not_kept(as_alice, alice, provider, opened, lacks):
    provider.scope = "openid email" if lacks == "scope" else None
    provider.gives_refresh_token = lacks != "refresh token"
    assert "without the permission to use your mail" in text(come_back(as_alice, provider))
    assert not alice.owned_accounts.exists()


def test_who_signed_in_as_somebody_else_is_told_so(as_alice, alice, provider, monkeypatch):
    finding = Finding(False, "No.", "[AUTH] Not yours", is_refused=True)
    monkeypatch.setattr(checkup, "check", lambda *_, **__: Checkup(finding, finding))
    page = text(come_back(as_alice, provider))
    assert f"does not open the mailbox of {ADDRESS}" in page
    assert "[AUTH] Not yours" in page
    assert not alice.owned_accounts.exists()
    assert provider.revoked == []


def test_a_mail_server_that_is_down_costs_nobody_the_sign_in(as_alice, alice, provider, monkeypatch):
    finding = Finding(False, "Cannot be reached.")
    monkeypatch.setattr(checkup, "check", lambda *_, **__: Checkup(finding, finding))
    come_back(as_alice, provider)
    assert alice.owned_accounts.get().grant


@pytest.mark.parametrize("is_debug", [True, False])
def test_error_pages_show_no_secret(as_alice, provider, settings, monkeypatch, is_debug):
    def fail(*_, **__):
        raise RuntimeError

    settings.DEBUG = is_debug
    answers = provider.allow(leave(as_alice))
    monkeypatch.setattr(ending.checkup, "check", fail)
    as_alice.raise_request_exception = False
    page = text(as_alice.get(BACK, answers))
    assert ("RuntimeError" in page) == is_debug
    verifier = provider.asked[0][1]["code_verifier"]
    secrets = [*provider.access_tokens, *provider.refresh_tokens, "google-secret", verifier]
    assert [each for each in secrets if each in page] == []


# An account that there is


def test_a_password_gives_way_to_the_sign_in(as_alice, gmail, provider, opened):
    come_back(as_alice, provider, {"server": "google"}, f"/accounts/{gmail.key}/sign-in/")
    passwords = [RemoteMaildrop.objects.get().password, SubmissionServer.objects.get().password]
    assert passwords == ["", ""]
    assert Grant.objects.get().account == gmail


def test_signing_in_again_cures_what_had_ended(as_alice, gmail, provider, opened):
    RemoteMaildrop.objects.update(password="", is_paused=True, trouble="signed-out", failure_count=1)
    SubmissionServer.objects.update(password="")
    granted(gmail, provider, ended_at="2026-01-01T00:00Z")
    come_back(as_alice, provider, {"server": "google"}, f"/accounts/{gmail.key}/sign-in/")
    assert Grant.objects.get().ended_at is None
    assert not RemoteMaildrop.objects.get().is_paused
    assert provider.revoked == []


def test_signing_in_again_collects_and_sends_at_once(as_alice, gmail, provider, opened, woken):
    RemoteMaildrop.objects.update(password="", is_paused=True, trouble="signed-out", due_at=LATER)
    SubmissionServer.objects.update(password="", held_until=LATER, failure_count=4)
    granted(gmail, provider, ended_at="2026-01-01T00:00Z")
    queued(gmail)
    Outgoing.objects.update(due_at=LATER, attempt_count=1)
    woken.clear()
    come_back(as_alice, provider, {"server": "google"}, f"/accounts/{gmail.key}/sign-in/")
    assert RemoteMaildrop.objects.due(timezone.now()).exists()
    assert Outgoing.objects.due(timezone.now()).exists()
    assert not SubmissionServer.objects.get().is_held(timezone.now())
    assert woken == [("pull_maildrop", gmail.remote_maildrop.pk), ("send", Outgoing.objects.get().pk)]


def test_a_submission_server_elsewhere_keeps_its_password(as_alice, gmail, provider, opened):
    SubmissionServer.objects.update(host="smtp.example.org")
    # Its stand-in would count every server as the provider's.
    target = leave(as_alice, {}, f"/accounts/{gmail.key}/sign-in/")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(joining, "has_mail_of", lambda host, _name: host.endswith("gmail.com"))
        as_alice.get(BACK, provider.allow(target))
    assert SubmissionServer.objects.get().password == "planted-app-password"
    assert RemoteMaildrop.objects.get().password == ""


def test_who_did_not_show_lately_that_it_is_he_is_asked_first(client, gmail, provider):
    client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD})
    session = client.session
    session["confirmed_at"] = 0
    session.save()
    url = f"/accounts/{gmail.key}/sign-in/"
    assert [client.get(url).status_code, client.post(url).status_code] == [302, 302]


@pytest.mark.parametrize("person", ["bob", "charlie"])
def test_only_the_owner_signs_in_for_an_account(client, gmail, provider, request, person):
    client.force_login(request.getfixturevalue(person))
    url = f"/accounts/{gmail.key}/sign-in/"
    assert [client.get(url).status_code, client.post(url).status_code] == [404, 404]


def test_an_account_that_was_given_away_meanwhile_gets_nothing(as_alice, gmail, bob, provider, opened):
    answers = provider.allow(leave(as_alice, {}, f"/accounts/{gmail.key}/sign-in/"))
    MailAccount.objects.update(owner=bob)
    assert as_alice.get(BACK, answers).status_code == 400
    assert not Grant.objects.exists()
