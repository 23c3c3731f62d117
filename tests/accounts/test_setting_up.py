"""A new account begins with one field; its servers are found step by step, with scripts and without."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import setting_up
from accounts.models import MailAccount, Security
from mailbox import finding
from mailbox.finding import Came, Outcome, Place, Servers, Step
from tests.accounts.conftest import SECRET, filled

pytestmark = pytest.mark.usefixtures("resolver", "woken")

HTMX = {"HX-Request": "true"}
FIND = "/accounts/new/find/"
FOUND = Servers(
    Place("pop.work.test", 995, Security.TLS), Place("smtp.work.test", 587, Security.STARTTLS), login="dana"
)


@pytest.fixture
def as_alice(client: Client, alice) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def coming(monkeypatch) -> dict[Step, Outcome]:
    """What comes of each step; nothing, unless a test says more."""
    outcomes: dict[Step, Outcome] = {}

    def take(step: Step, _address: str) -> Outcome:
        return outcomes.get(step, Outcome(step, Came.NOTHING))

    for module in (finding, finding.steps):
        monkeypatch.setattr(module, "take", take)
    return outcomes


def text(answer) -> str:
    return answer.content.decode()


def test_begins_with_one_field(as_alice):
    page = text(as_alice.get("/accounts/new/"))
    assert f'action="{FIND}"' in page
    assert 'name="address"' in page
    assert "pop3-host" not in page


def test_servers_may_be_typed_by_hand(as_alice):
    page = text(as_alice.get("/accounts/new/", {"by-hand": "", "address": "dana@work.test"}))
    assert 'value="dana@work.test"' in page
    assert 'name="pop3-host"' in page


def test_a_known_provider_is_there_at_once(as_alice):
    page = text(as_alice.post(FIND, {"address": "dana@gmail.com"}, headers=HTMX))
    assert 'value="pop.gmail.com"' in page
    assert 'value="smtp.gmail.com"' in page
    assert 'href="https://myaccount.google.com/apppasswords"' in page
    assert "Switch POP on in Gmail" in page
    assert 'name="step"' not in page


def test_each_answer_asks_for_the_next_step(as_alice, coming):
    first = text(as_alice.post(FIND, {"address": "dana@work.test"}, headers=HTMX))
    assert 'name="step" value="own"' in first
    assert 'id="found"></div>' in first.replace("\n", "")
    second = text(as_alice.post(FIND, {"address": "dana@work.test", "step": "own"}, headers=HTMX))
    assert 'name="step" value="database"' in second
    assert "<html" not in second


def test_the_last_answer_brings_the_form(as_alice, coming):
    coming[Step.SERVICES] = Outcome(Step.SERVICES, Came.FOUND, FOUND)
    typed = {"address": "dana@work.test", "full_name": "Dana <K>", "step": "services"}
    page = text(as_alice.post(FIND, typed, headers=HTMX))
    assert 'id="found" hx-swap-oob="outerHTML"' in page
    assert 'value="pop.work.test"' in page
    assert 'value="Dana &lt;K&gt;"' in page
    assert 'name="pop3-login" value="dana"' in page
    assert 'name="step"' not in page


def test_without_scripts_all_steps_are_on_one_page(as_alice, coming):
    coming[Step.GUESSES] = Outcome(Step.GUESSES, Came.FOUND, FOUND)
    page = text(as_alice.post(FIND, {"address": "dana@work.test"}))
    assert "<html" in page
    assert page.count('class="finding__line') == len(Step)
    assert 'value="pop.work.test"' in page


def test_nothing_found_opens_the_fields(as_alice, coming):
    page = text(as_alice.post(FIND, {"address": "dana@work.test"}))
    assert "No servers were found" in page
    assert '<details class="new-account__details" open>' in page


def test_says_when_nobody_could_be_asked(as_alice, coming):
    coming |= {step: Outcome(step, Came.SILENCE) for step in Step if step != Step.FACTS}
    assert "Nobody could be asked" in text(as_alice.post(FIND, {"address": "dana@work.test"}))


def test_says_plainly_who_takes_no_passwords(as_alice):
    page = text(as_alice.post(FIND, {"address": "dana@outlook.com"}, headers=HTMX))
    assert "lets no program in by password" in page
    assert "forwarded" in page
    assert "pop3-password" not in page


def test_says_plainly_who_has_no_pop3(as_alice):
    page = text(as_alice.post(FIND, {"address": "dana@proton.me"}, headers=HTMX))
    assert "Proton has no POP3" in page
    assert "pop3-password" not in page


def test_warns_of_names_that_nobody_vouches_for(as_alice, coming):
    elsewhere = Servers(Place("pop.elsewhere.test", 995, Security.TLS), is_vouched=False)
    coming[Step.OWN] = Outcome(Step.OWN, Came.FOUND, elsewhere)
    page = text(as_alice.post(FIND, {"address": "dana@work.test", "step": "own"}, headers=HTMX))
    assert "Type your password only if you know" in page


@pytest.mark.parametrize("address", ["", "nowhere", "a@b@c", "alice@home.test"])
def test_an_address_that_will_not_do_is_not_looked_for(as_alice, account, coming, address):
    answer = as_alice.post(FIND, {"address": address}, headers=HTMX)
    assert answer.status_code == 422
    assert "errorlist" in text(answer)


def test_an_unknown_step_begins_anew(as_alice, coming):
    assert 'value="own"' in text(as_alice.post(FIND, {"address": "dana@work.test", "step": "x"}, headers=HTMX))


def test_nobody_scans_a_network_by_searching(as_alice, coming, monkeypatch):
    monkeypatch.setattr(setting_up, "STEPS_AT_ONCE", 2)
    for _ in range(3):
        page = text(as_alice.post(FIND, {"address": "dana@work.test"}, headers=HTMX))
    assert "Wait five minutes" in page


def test_saves_what_was_found_and_typed(as_alice, alice):
    typed = filled(by="found", pop3_host="pop.work.test", smtp_host="smtp.work.test")
    assert as_alice.post("/accounts/new/", typed).status_code == 302
    assert MailAccount.objects.get(owner=alice).remote_maildrop.host == "pop.work.test"


def test_a_mistake_comes_back_to_the_same_page_with_the_fields_open(as_alice):
    answer = as_alice.post("/accounts/new/", filled(by="found", pop3_port="6379"))
    assert answer.status_code == 422
    assert '<details class="new-account__details" open>' in text(answer)
    assert 'name="pop3-password-sealed"' in text(answer)
    assert SECRET not in text(answer)


def test_who_is_signed_out_finds_nothing(client):
    assert client.post(FIND, {"address": "dana@gmail.com"}).url.startswith(reverse("account_login"))


def test_finding_is_asked_by_post(as_alice):
    assert as_alice.get(FIND).status_code == 405
