"""The screens of accounts: each works, takes the right verbs only, and shows itself to the owner alone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import views
from accounts.forms.account import AccountForm
from accounts.models import MailAccount, RemoteMaildrop, SubmissionServer
from accounts.troubles import Notice, Trouble
from mailbox.checkup import Checkup, Finding
from mailbox.models import Outgoing, PullLog
from tests.accounts.conftest import FINGERPRINT, SECRET, filled, unchanged
from tests.cast import deliver, octets_of
from tests.outgoing import queued
from tests.servers import free_port

pytestmark = pytest.mark.usefixtures("resolver", "woken")

LATER = timezone.now() + timedelta(hours=6)
HTMX = {"HX-Request": "true"}
OF_ONE_ACCOUNT = [
    *("account", "account_test", "check_now", "account_health", "account_delete"),
    *("notice_seen", "pull_log"),
]
GOOD = Checkup(
    Finding(True, "Logged in. 3 messages wait there.", tls_version="TLSv1.3"),
    Finding(True, "Logged in. Mail can be sent."),
)
BAD = Checkup(Finding(False, "The server does not accept this login and password.", "[AUTH] <b>no</b>"), GOOD.smtp)


@pytest.fixture
def as_alice(client: Client, alice) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def checkup(monkeypatch):
    """The outcome of the next test of the connection, and what was tried."""
    tried = []

    def set_outcome(outcome: Checkup) -> list[tuple[RemoteMaildrop, SubmissionServer]]:
        monkeypatch.setattr(views.checkup, "check", lambda *servers: tried.append(servers) or outcome)
        return tried

    return set_outcome


def url(name: str, account: MailAccount | None = None) -> str:
    return reverse(name, args=[account.key] if account else [])


# Who may


@pytest.mark.parametrize("person", ["bob", "charlie"])
@pytest.mark.parametrize("name", OF_ONE_ACCOUNT)
def test_to_members_and_outsiders_the_account_does_not_exist(client, servers, request, person, name):
    client.force_login(request.getfixturevalue(person))
    for answer in (client.get(url(name, servers)), client.post(url(name, servers), unchanged())):
        assert answer.status_code in {404, 405}
    assert client.post(url("account_delete", servers), {"address": servers.address}).status_code == 404
    assert MailAccount.objects.get() == servers


@pytest.mark.parametrize("person", ["bob", "charlie"])
def test_members_and_outsiders_change_nothing(client, servers, woken, request, person):
    client.force_login(request.getfixturevalue(person))
    client.post(url("account", servers), unchanged(name="Mine"))
    client.post(url("check_now", servers))
    assert MailAccount.objects.get().name == "Home"
    assert woken == []


@pytest.mark.parametrize("name", ["accounts", "account_new", "recent_mode", "settings", "identities", *OF_ONE_ACCOUNT])
def test_who_is_signed_out_is_asked_to_sign_in(client, servers, name):
    path = url(name, servers if name in OF_ONE_ACCOUNT else None)
    assert client.get(path).url.startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("name", "verb"),
    [
        ("accounts", "post"),
        ("account_new", "delete"),
        ("account", "put"),
        ("account_test", "get"),
        ("check_now", "get"),
        ("account_health", "post"),
        ("notice_seen", "get"),
        ("pull_log", "post"),
        ("recent_mode", "post"),
        ("account_delete", "delete"),
        ("settings", "put"),
        ("identities", "put"),
    ],
)
def test_other_verbs_are_not_allowed(as_alice, servers, name, verb):
    path = url(name, servers if name in OF_ONE_ACCOUNT else None)
    assert getattr(as_alice, verb)(path).status_code == 405


def test_forms_need_the_token(servers, alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post(url("check_now", servers)).status_code == 403


# The list


def test_lists_own_accounts_and_shared_ones(client, servers, alice, bob):
    client.force_login(bob)
    own = MailAccount.objects.create(owner=bob, name="Bob's", address="bob@home.test")
    page = client.get(url("accounts")).content.decode()
    assert f'href="{url("account", own)}"' in page
    assert "alice@home.test" in page
    assert f'href="{url("account", servers)}"' not in page


def test_an_empty_list_says_what_to_do(client, charlie):
    client.force_login(charlie)
    page = client.get(url("accounts")).content.decode()
    assert page.count(url("account_new")) == 1


def test_the_list_costs_the_same_however_long(as_alice, servers, alice, django_assert_max_num_queries):
    for number in range(5):
        extra = MailAccount.objects.create(owner=alice, name=str(number), address=f"{number}@home.test")
        RemoteMaildrop.objects.create(account=extra, host="pop.example.org", port=995)
    with django_assert_max_num_queries(6):
        as_alice.get(url("accounts"))


def test_htmx_gets_the_part_only(as_alice, servers):
    answer = as_alice.get(url("accounts"), headers=HTMX)
    assert b"<html" not in answer.content
    assert "HX-Request" in answer["Vary"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"last_success_at": timezone.now(), "due_at": LATER}, "Everything is collected"),
        ({"due_at": timezone.now() - timedelta(hours=1)}, "has not begun"),
        ({"claimed_at": timezone.now()}, "Looking for new mail now"),
        ({"is_paused": True, "trouble": Trouble.PASSWORD}, "Collecting is paused"),
        (
            {"failure_count": 2, "trouble": Trouble.UNREACHABLE, "due_at": timezone.now() + timedelta(hours=1)},
            "cannot be reached",
        ),
    ],
)
def test_says_in_plain_words_how_the_pulls_go(as_alice, servers, changes, says):
    RemoteMaildrop.objects.update(**changes)
    assert says in as_alice.get(url("accounts")).content.decode()


def test_says_that_the_first_pull_comes_in_a_moment(as_alice, servers):
    RemoteMaildrop.objects.update(due_at=timezone.now())
    assert "in a moment" in as_alice.get(url("accounts")).content.decode()


@pytest.mark.parametrize(
    ("trouble", "failures", "says", "leads"),
    [
        (Trouble.PASSWORD, 1, "Collecting is paused. The server does not accept", "Correct the login"),
        (Trouble.PASSWORD_LOST, 1, "Collecting is paused. The stored password", "Type the password"),
        (Trouble.UNTRUSTED, 5, "paused after 5 failures in a row. The line", "Look at the certificate"),
        (Trouble.CANNOT_KEEP, 5, "paused after 5 failures in a row. The server cannot tell", "Choose what stays there"),
        (Trouble.UNREACHABLE, 5, "paused after 5 failures in a row. The server cannot be reached", ""),
        ("", 0, "Collecting is paused.", ""),
    ],
)
def test_a_pause_comes_with_what_ends_it(as_alice, servers, trouble, failures, says, leads):
    RemoteMaildrop.objects.update(is_paused=True, trouble=trouble, failure_count=failures)
    page = as_alice.get(url("account_health", servers), headers=HTMX).content.decode()
    assert says in page
    assert ("health__correct" in page) is bool(leads)
    assert leads in page
    assert url("check_now", servers) in page


def test_the_provider_s_own_next_step_stands_beside_the_trouble(as_alice, servers):
    RemoteMaildrop.objects.update(host="pop.gmail.com", is_paused=True, trouble=Trouble.PASSWORD)
    assert "Gmail wants an app password" in as_alice.get(url("accounts")).content.decode()
    RemoteMaildrop.objects.update(is_paused=False, trouble="", due_at=LATER)
    assert "app password" not in as_alice.get(url("accounts")).content.decode()


def test_shows_how_far_a_pull_is(as_alice, servers):
    path = url("account_health", servers)
    RemoteMaildrop.objects.update(claimed_at=timezone.now(), came_count=12, wanted_count=300)
    page = as_alice.get(path, headers=HTMX).content.decode()
    assert '<progress class="progress" max="300" value="12"' in page
    assert "12 of 300" in page
    RemoteMaildrop.objects.update(wanted_count=0)
    assert b"<progress" not in as_alice.get(path, headers=HTMX).content


def test_the_server_s_words_are_escaped(as_alice, servers):
    RemoteMaildrop.objects.update(failure_count=1, trouble=Trouble.REFUSED, last_error="<script>alert(1)</script>")
    page = as_alice.get(url("accounts")).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_lost_keys_break_no_page(as_alice, servers, settings):
    settings.FIELD_KEYS = ["a" * 43 + "="]
    assert as_alice.get(url("accounts")).status_code == 200
    page = as_alice.get(url("account", servers)).content.decode()
    assert "cannot be read any more" in page


# Notices


@pytest.fixture
def notice(servers) -> RemoteMaildrop:
    """The provider of Alice's mail has given 300 messages new numbers."""
    RemoteMaildrop.objects.update(notice=Notice.RENUMBERED, notice_count=300, due_at=LATER)
    return servers.remote_maildrop


def test_tells_once_what_a_server_did(as_alice, servers, notice):
    page = as_alice.get(url("account_health", servers), headers=HTMX).content.decode()
    assert "gave old messages new numbers" in page
    assert "This concerns 300 messages." in page
    page = as_alice.post(url("notice_seen", servers), {"notice": "renumbered"}, headers=HTMX).content.decode()
    assert "new numbers" not in page
    assert f'id="health-{servers.key}"' in page
    notice.refresh_from_db()
    assert (notice.notice, notice.notice_count) == ("", 0)


def test_puts_a_notice_away_without_scripts(as_alice, servers, notice):
    assert as_alice.post(url("notice_seen", servers), {"notice": "renumbered"}).url == url("accounts")
    assert RemoteMaildrop.objects.get().notice == ""


def test_a_notice_that_came_meanwhile_stays(as_alice, servers, notice):
    as_alice.post(url("notice_seen", servers), {"notice": "restored"})
    assert RemoteMaildrop.objects.get().notice == "renumbered"


@pytest.mark.parametrize("person", ["bob", "charlie"])
def test_only_the_owner_puts_a_notice_away(client, servers, notice, request, person):
    client.force_login(request.getfixturevalue(person))
    assert client.post(url("notice_seen", servers), {"notice": "renumbered"}).status_code == 404
    assert RemoteMaildrop.objects.get().notice == "renumbered"


def test_no_notice_and_no_maildrop_are_nothing_to_put_away(as_alice, account):
    assert as_alice.post(url("notice_seen", account), headers=HTMX).status_code == 200


# The log


def logged(account: MailAccount, **facts: object) -> PullLog:
    return PullLog.objects.create(maildrop=account.remote_maildrop, **{"status": "ok"} | facts)


def test_lists_what_the_latest_pulls_did(as_alice, servers):
    logged(servers, retrieved=12, known=345, deleted=6, octets_count=2_300_000, seconds=4.25, oversize=1, refused=2)
    logged(servers, status="failed", trouble=Trouble.PASSWORD, words="[AUTH] <b>no</b>", seconds=200)
    logged(servers, notice=Notice.RESTORED)
    page = as_alice.get(url("pull_log", servers)).content.decode()
    for said in (">12<", ">345<", ">6<", "2.3 MB", "4.2 s", "3 min", "Of 1 large message", "give out 2 messages"):
        assert said in page
    assert "does not accept the login" in page
    assert "[AUTH] &lt;b&gt;no&lt;/b&gt;" in page
    assert "are there again. None is shown twice." in page


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"known": 300}, "Nothing new."),
        ({"retrieved": 1}, "Went well."),
        ({"deleted": 1}, "Went well."),
        ({"refused": 1}, "Went well."),
        ({"notice": Notice.RESTORED}, "Went well."),
    ],
)
def test_only_a_pull_without_anything_to_do_is_quiet(as_alice, servers, facts, says):
    logged(servers, **facts)
    page = as_alice.get(url("pull_log", servers)).content.decode()
    assert says in page
    assert ("pulls__quiet" in page) is (says == "Nothing new.")


def test_the_log_is_one_query(as_alice, servers):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            as_alice.get(url("pull_log", servers), headers=HTMX)
        return sum("mailbox_pulllog" in query["sql"] for query in queries)

    assert cost() == 1
    for _ in range(PullLog.KEPT + 5):
        logged(servers)
    assert cost() == 1
    assert len(as_alice.get(url("pull_log", servers)).context["pulls"]) == PullLog.KEPT


def test_the_log_of_somebody_else_s_maildrop_stays_there(as_alice, servers, alice):
    other = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    RemoteMaildrop.objects.create(account=other, host="pop.example.org", port=995)
    logged(other, words="of another")
    page = as_alice.get(url("pull_log", servers)).content.decode()
    assert "of another" not in page
    assert "Nobody has looked yet" in page


def test_an_account_without_a_maildrop_has_an_empty_log(as_alice, account):
    assert "Nobody has looked yet" in as_alice.get(url("pull_log", account)).content.decode()


# Adding and changing


def test_adds_an_account_and_pulls_it_at_once(as_alice, alice, woken):
    answer = as_alice.post(url("account_new"), filled())
    account = MailAccount.objects.get(owner=alice)
    # The first one: its mail is seen arriving.
    assert answer.url == f"/accounts/{account.key}/arriving/"
    assert woken == [("pull_maildrop", account.remote_maildrop.pk)]
    assert account.remote_maildrop.due_at <= timezone.now()
    assert "is saved" in as_alice.get(answer.url).content.decode()


def test_a_new_account_gets_the_next_colour(as_alice, servers):
    page = as_alice.get(url("account_new") + "?by-hand").content.decode()
    assert 'value="1" id="id_colour_1" checked' in page.replace(" required", "")


def test_changes_an_account(as_alice, servers):
    assert as_alice.post(url("account", servers), unchanged(name="Family")).status_code == 302
    assert MailAccount.objects.get().name == "Family"


@pytest.mark.parametrize(
    "typed",
    [
        {"pop3_password": "the right one"},
        {"smtp_host": "smtp.elsewhere.test", "pop3_password": "the right one"},
        {"smtp_same_login": None, "smtp_login": "alice@home.test", "smtp_password": "the right one"},
    ],
)
def test_what_waited_for_a_password_leaves_as_soon_as_it_is_corrected(as_alice, servers, typed):
    waiting = _waiting(servers)
    assert as_alice.post(url("account", servers), unchanged(**typed)).status_code == 302
    assert [*Outgoing.objects.due(timezone.now())] == [waiting]
    assert SubmissionServer.objects.get().password == "the right one"


def test_a_corrected_password_is_tried_by_a_pull_at_once(as_alice, servers, woken):
    RemoteMaildrop.objects.update(is_paused=True, trouble=Trouble.PASSWORD, failure_count=1, due_at=LATER)
    as_alice.post(url("account", servers), unchanged(pop3_password="the right one"))
    assert RemoteMaildrop.objects.due(timezone.now()).exists()
    assert ("pull_maildrop", servers.remote_maildrop.pk) in woken


def test_a_password_that_nobody_corrected_is_not_tried_again(as_alice, servers):
    _waiting(servers)
    assert as_alice.post(url("account", servers), unchanged(name="Family")).status_code == 302
    assert not Outgoing.objects.due(timezone.now()).exists()


def _waiting(account: MailAccount) -> Outgoing:
    """A message that the account's server did not take for want of a password."""
    outgoing = queued(account)
    Outgoing.objects.update(due_at=LATER, attempt_count=1)
    return outgoing


def test_shows_what_is_stored_but_no_password(as_alice, servers):
    page = as_alice.get(url("account", servers)).content.decode()
    assert 'value="pop.example.org"' in page
    assert SECRET not in page
    assert "Stored. Leave this empty to keep it." in page


def test_bad_input_keeps_everything_that_was_typed(as_alice):
    typed = filled(address="nowhere", name="<Work>", pop3_host="pop.example.org", pop3_login="alice-in")
    answer = as_alice.post(url("account_new"), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    for kept in ("nowhere", "&lt;Work&gt;", "pop.example.org", "alice-in", "smtp.example.org"):
        assert f'value="{kept}"' in page
    assert SECRET not in page
    assert 'name="pop3-password-sealed"' in page
    assert not MailAccount.objects.exists()


def test_the_same_form_twice_at_once_adds_one_account(as_alice, monkeypatch):
    monkeypatch.setattr(AccountForm, "clean_address", lambda form: form.cleaned_data["address"])
    as_alice.post(url("account_new"), filled())
    assert as_alice.post(url("account_new"), filled()).url == url("accounts")
    assert MailAccount.objects.count() == 1


# Testing the connection


def test_tries_the_servers_of_the_form_and_saves_nothing(as_alice, checkup):
    tried = checkup(GOOD)
    page = as_alice.post(url("account_test"), filled(), headers=HTMX).content.decode()
    assert "3 messages wait there" in page
    assert "TLSv1.3" in page
    assert "<html" not in page
    [(maildrop, submission)] = tried
    assert (maildrop.host, maildrop.login, maildrop.password) == ("pop.example.org", "alice@work.test", SECRET)
    assert (submission.host, submission.port, submission.password) == ("smtp.example.org", 465, SECRET)
    assert not MailAccount.objects.exists()


def test_tries_a_stored_password_that_is_not_typed_again(as_alice, servers, checkup):
    tried = checkup(GOOD)
    as_alice.post(url("account_test", servers), unchanged(name="Not saved"), headers=HTMX)
    assert tried[0][0].password == SECRET
    assert MailAccount.objects.get().name == "Home"


def test_shows_the_servers_own_words_escaped(as_alice, checkup):
    checkup(BAD)
    page = as_alice.post(url("account_test"), filled(), headers=HTMX).content.decode()
    assert "does not accept this login and password" in page
    assert "[AUTH] &lt;b&gt;no&lt;/b&gt;" in page


def test_without_scripts_the_page_comes_back_with_the_form_kept(as_alice, checkup):
    checkup(BAD)
    page = as_alice.post(url("account_test"), filled(name="Kept")).content.decode()
    assert "<html" in page
    assert "does not accept this login and password" in page
    assert 'value="Kept"' in page
    assert 'name="pop3-password-sealed"' in page
    assert SECRET not in page


def test_an_invalid_form_is_not_tried(as_alice, checkup):
    tried = checkup(GOOD)
    page = as_alice.post(url("account_test"), filled(pop3_host="127.0.0.1"), headers=HTMX).content.decode()
    assert 'href="#id_pop3-host"' in page
    assert "may not be used" in page
    assert tried == []


def test_nobody_scans_a_network_by_testing(as_alice, checkup):
    tried = checkup(GOOD)
    for _ in range(views.TESTS_AT_ONCE + 1):
        page = as_alice.post(url("account_test"), filled(), headers=HTMX).content.decode()
    assert "Wait five minutes" in page
    assert len(tried) == views.TESTS_AT_ONCE


def test_a_closed_port_is_named(as_alice, settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    port = str(free_port())
    typed = filled(pop3_host="127.0.0.1", pop3_port=port, smtp_host="127.0.0.1", smtp_port=port)
    page = as_alice.post(url("account_test"), typed, headers=HTMX).content.decode()
    assert f"127.0.0.1 cannot be reached on port {port}" in page


def test_says_what_the_provider_wants_beside_a_refusal(as_alice, checkup):
    checkup(Checkup(replace(BAD.pop3, advice="Make an <app> password."), GOOD.smtp))
    page = as_alice.post(url("account_test"), filled(), headers=HTMX).content.decode()
    assert "Make an &lt;app&gt; password." in page


def test_offers_a_certificate_that_nobody_vouches_for(as_alice, servers, checkup):
    checkup(Checkup(Finding(False, "Not trusted.", fingerprint=FINGERPRINT), GOOD.smtp))
    page = as_alice.post(url("account_test", servers), unchanged(), headers=HTMX).content.decode()
    assert "0A:1B:0A:1B" in page
    assert f'name="pop3-certificate" value="tls://pop.example.org:995 {FINGERPRINT}"' in page
    assert "I have compared it" in page
    assert RemoteMaildrop.objects.get().fingerprint == ""


def test_tries_with_the_certificate_that_is_accepted_and_keeps_it_in_the_form(as_alice, servers, checkup):
    tried = checkup(GOOD)
    typed = unchanged(pop3_certificate=f"tls://pop.example.org:995 {FINGERPRINT}")
    page = as_alice.post(url("account_test", servers), typed, headers=HTMX).content.decode()
    assert tried[0][0].fingerprint == FINGERPRINT
    assert f'<input type="hidden" name="pop3-certificate" value="{typed["pop3-certificate"]}">' in page
    assert 'id="certificate" hx-swap-oob="outerHTML"' in page
    assert RemoteMaildrop.objects.get().fingerprint == ""


def test_says_when_the_accepted_certificate_has_changed(as_alice, servers, checkup):
    RemoteMaildrop.objects.update(fingerprint="f" * 64)
    checkup(Checkup(Finding(False, "Not trusted.", fingerprint=FINGERPRINT), GOOD.smtp))
    page = as_alice.post(url("account_test", servers), unchanged(), headers=HTMX).content.decode()
    assert "another certificate than the one you accepted" in page


def test_shows_the_accepted_certificate_and_forgets_it(as_alice, servers):
    RemoteMaildrop.objects.update(fingerprint=FINGERPRINT)
    page = as_alice.get(url("account", servers)).content.decode()
    assert "0A:1B:0A:1B" in page
    assert "Forget it" in page
    as_alice.post(url("account", servers), unchanged(pop3_forgets_certificate="on"))
    assert RemoteMaildrop.objects.get().fingerprint == ""
    assert "Forget it" not in as_alice.get(url("account", servers)).content.decode()


def test_a_certificate_is_compared_accepted_and_used(as_alice, servers, dovecot, settings, resolver):
    settings.PRIVATE_HOSTS = ["pop.example.org", "smtp.example.org"]
    resolver |= {"pop.example.org": "127.0.0.1", "smtp.example.org": "127.0.0.1"}
    at = {"pop3_port": str(dovecot.tls_port), "pop3_login": "alice", "pop3_password": "correct horse"}
    offer = as_alice.post(url("account_test", servers), unchanged(**at), headers=HTMX).content.decode()
    accepted = offer.split('type="checkbox" name="pop3-certificate" value="')[1].split('"')[0]
    page = as_alice.post(url("account_test", servers), unchanged(**at, pop3_certificate=accepted), headers=HTMX)
    assert "Logged in." in page.content.decode()
    assert as_alice.post(url("account", servers), unchanged(**at, pop3_certificate=accepted)).status_code == 302
    assert accepted.endswith(f" {RemoteMaildrop.objects.get().fingerprint}")


def test_a_host_that_may_not_be_used_shows_no_certificate(as_alice, servers, dovecot, resolver):
    resolver["pop.example.org"] = "127.0.0.1"
    at = {"pop3_port": str(dovecot.tls_port), "pop3_password": "x"}
    page = as_alice.post(url("account_test", servers), unchanged(**at), headers=HTMX).content.decode()
    assert "may not be used" in page
    assert "pop3-certificate" not in page


@pytest.mark.parametrize(("host", "is_shown"), [("pop.gmail.com", True), ("pop.example.org", False), ("", False)])
def test_recent_mode_shows_as_the_server_is_typed(as_alice, host, is_shown):
    page = as_alice.get(url("recent_mode"), {"pop3-host": host}, headers=HTMX).content.decode()
    assert ('name="pop3-is_recent"' in page) is is_shown
    assert 'id="recent"' in page


def test_recent_mode_is_in_the_form_of_a_server_that_knows_it(as_alice, servers):
    assert "pop3-is_recent" not in as_alice.get(url("account", servers)).content.decode().split('id="recent"')[1]
    RemoteMaildrop.objects.update(host="pop.gmail.com")
    assert 'name="pop3-is_recent"' in as_alice.get(url("account", servers)).content.decode()


# Check now


def test_check_now_makes_the_pull_due_and_answers_with_the_health(as_alice, servers, woken):
    RemoteMaildrop.objects.update(is_paused=True, due_at=LATER)
    answer = as_alice.post(url("check_now", servers), headers=HTMX)
    page = answer.content.decode()
    maildrop = RemoteMaildrop.objects.get()
    assert not maildrop.is_paused
    assert maildrop.due_at <= timezone.now()
    assert woken == [("pull_maildrop", maildrop.pk)]
    assert f'id="health-{servers.key}"' in page
    assert f'hx-get="{url("account_health", servers)}"' in page


def test_check_now_without_scripts_leads_back_to_the_list(as_alice, servers):
    assert as_alice.post(url("check_now", servers)).url == url("accounts")


def test_check_now_has_nothing_to_do_without_a_maildrop(as_alice, account, woken):
    assert as_alice.post(url("check_now", account), headers=HTMX).status_code == 200
    assert woken == []


def test_the_health_is_asked_for_when_a_pull_changes_and_by_itself_only_while_one_runs(as_alice, servers):
    path = url("account_health", servers)
    RemoteMaildrop.objects.update(claimed_at=timezone.now())
    assert b"pulls-changed from:document, every 10s" in as_alice.get(path, headers=HTMX).content
    RemoteMaildrop.objects.update(claimed_at=None, due_at=timezone.now() + timedelta(minutes=5))
    assert b'hx-trigger="pulls-changed from:document"' in as_alice.get(path, headers=HTMX).content


def test_asking_for_the_health_is_cheap(as_alice, servers, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        as_alice.get(url("account_health", servers), headers=HTMX)


# Deleting


def test_says_what_would_be_lost(as_alice, servers):
    deliver(servers, octets_of("One", message_id="1@far.test"), octets_of("Two", message_id="2@far.test"))
    page = as_alice.get(url("account_delete", servers)).content.decode()
    assert "2 messages" in page


def test_deletes_the_account_with_its_mail_when_the_address_is_typed(as_alice, servers):
    deliver(servers, octets_of())
    assert as_alice.post(url("account_delete", servers), {"address": "Alice@home.test "}).url == url("accounts")
    assert not MailAccount.objects.exists()


@pytest.mark.parametrize("typed", ["", "alice", "alice@home.testing"])
def test_deletes_nothing_otherwise(as_alice, servers, typed):
    answer = as_alice.post(url("account_delete", servers), {"address": typed})
    assert answer.status_code == 422
    assert MailAccount.objects.get() == servers
