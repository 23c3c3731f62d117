"""Sharing an account: its owner adds, changes and removes people; a member hides it or leaves it."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import MailAccount, Membership, SubmissionServer, User
from mailbox.models import Draft, Message, Push, PushSubscription, Unread
from mailbox.views.pulse import pulse_of
from tests.cast import deliver, octets_of

SECRET = "hush-hush-hush"


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture
def his(account: MailAccount, bob: User) -> Client:
    """Bob's browser, a member's."""
    browser = Client()
    browser.force_login(bob)
    return browser


def share(web: Client, account: MailAccount, **form: str):
    return web.post(f"/accounts/{account.key}/people/", form, follow=True)


@pytest.mark.parametrize("name", ["charlie", "Charlie", " charlie@home.test ", "C@work.test"])
def test_adds_a_person_by_name_or_address(web, account, charlie, name):
    MailAccount.objects.create(owner=charlie, name="Work", address="c@work.test")
    answer = share(web, account, do="add", person=name, role="send")
    assert "Charlie reads this account from now on." in answer.content.decode()
    assert account.memberships.get(user=charlie).role == Membership.Role.SEND


@pytest.mark.parametrize(
    ("name", "words"), [("eve", "Nobody of that name"), ("alice", "The account is yours already."), ("", "required")]
)
def test_says_why_it_adds_nobody(web, account, name, words):
    answer = share(web, account, do="add", person=name, role="read")
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert account.memberships.count() == 1


def test_a_person_who_may_not_sign_in_is_not_added(web, account, charlie):
    User.objects.filter(pk=charlie.pk).update(is_active=False)
    assert share(web, account, do="add", person="charlie", role="read").status_code == 422


def test_too_many_tries_have_to_wait(web, account, charlie):
    for _ in range(20):
        share(web, account, do="add", person="nobody", role="read")
    assert "many tries" in share(web, account, do="add", person="charlie", role="read").content.decode()
    assert not account.memberships.filter(user=charlie).exists()


def test_changes_what_a_person_may_do(web, account, bob):
    share(web, account, do="change", member="bob", role="send")
    assert account.memberships.get(user=bob).role == Membership.Role.SEND


@pytest.mark.parametrize("form", [{"do": "change", "role": "own"}, {"do": "crown"}, {}])
def test_a_form_that_is_none_of_ours_changes_nothing(web, account, bob, form):
    assert share(web, account, member="bob", **form).status_code == 404
    assert account.memberships.get(user=bob).role == Membership.Role.READ


def test_only_members_of_this_account_are_removed_here(web, account, alice, bob, charlie):
    other = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    Membership.objects.create(account=other, user=charlie)
    assert share(web, account, do="remove", member="charlie").status_code == 404
    assert other.memberships.exists()


@pytest.mark.parametrize("do", ["add", "change", "remove", "team"])
def test_a_member_manages_nobody(his, account, bob, charlie, do):
    Membership.objects.update(role=Membership.Role.SEND)
    form = {"do": do, "person": "charlie", "member": "bob", "role": "read"}
    assert his.post(f"/accounts/{account.key}/people/", form).status_code == 404
    assert account.memberships.get().role == Membership.Role.SEND


def test_who_is_removed_has_nothing_left_of_it_but_his_own_words(web, his, account, alice, bob):
    [message] = deliver(account, octets_of("Confidential"))
    draft = Draft.objects.create(writer=bob, account=account, text="My own words", subject="Mine", parent=message)
    subscription = PushSubscription.keep(bob, endpoint="https://push.test/1", public_key="x", secret="x", browser="x")
    Push.add(subscription, [message], timezone.now())
    share(web, account, do="remove", member="bob")

    assert his.get(f"/m/{message.key}/").status_code == 404
    assert his.get(f"/m/{message.key}/original/").status_code == 404
    for url in ("/", "/search/?q=confidential", "/accounts/", "/live/list/", "/live/news/?within=99"):
        assert "Confidential" not in his.get(url).content.decode()
        assert account.key not in his.get(url).content.decode()
    assert not Unread.objects.exists()
    assert not Push.objects.exists()
    page = his.get(f"/compose/{draft.key}/")
    assert page.status_code == 200
    assert "My own words" in page.content.decode()


def test_who_is_removed_still_changes_his_draft_but_sends_it_from_there_no_more(web, his, account, bob):
    Membership.objects.update(role=Membership.Role.SEND)
    SubmissionServer.objects.create(account=account, host="smtp.example.org", port=465, login="x", password=SECRET)
    draft = Draft.objects.create(writer=bob, account=account, text="My own words", to="eve@far.test")
    share(web, account, do="remove", member="bob")
    form = {
        "do": "send",
        "key": draft.key,
        "revision": "0",
        "account": account.key,
        "to": "eve@far.test",
        "text": "Newer",
    }
    assert his.post("/compose/", form).status_code == 422
    assert not account.outgoing.exists()
    assert Draft.objects.get(key=draft.key).text == "Newer"


def test_an_open_page_of_a_removed_person_hears_of_it_at_once(web, account, bob):
    before = str(pulse_of(bob.pk))
    share(web, account, do="remove", member="bob")
    assert str(pulse_of(bob.pk)) != before


def test_a_member_leaves(his, account, bob):
    assert "Leave alice@home.test?" in his.get(f"/accounts/{account.key}/leave/").content.decode()
    his.post(f"/accounts/{account.key}/leave/")
    assert not account.memberships.exists()


def test_a_hidden_account_is_in_no_list_and_still_to_be_read(his, account, bob):
    [message] = deliver(account, octets_of("Hello"))
    his.post(f"/accounts/{account.key}/hide/", {"hide": "1"})
    for url in ("/", "/search/?q=hello", "/live/news/?within=99"):
        assert "Hello" not in his.get(url).content.decode()
    assert "Hello" in his.get(f"/m/{message.key}/").content.decode()
    assert "It is hidden from your lists." in his.get("/accounts/").content.decode()
    his.post(f"/accounts/{account.key}/hide/", {"hide": "0"})
    assert "Hello" in his.get("/").content.decode()


def test_a_page_with_a_hidden_account_knows_the_pulse_that_it_is_asked_for(his, account, bob):
    Membership.objects.update(is_hidden=True)
    token = str(pulse_of(bob.pk)).partition(".")[0]
    assert f'data-pulse="{token}"' in his.get("/").content.decode()


def test_a_hidden_account_pushes_nothing(account, bob):
    Membership.objects.update(is_hidden=True)
    PushSubscription.keep(bob, endpoint="https://push.test/1", public_key="x", secret="x", browser="x")
    assert not PushSubscription.objects.of_readers(account).exists()


def test_the_side_bar_marks_what_others_share(his, web, account):
    assert "sidebar__shared" in his.get("/").content.decode()
    assert "sidebar__shared" not in web.get("/").content.decode()


def test_a_member_sees_no_servers_and_no_passwords(his, account, bob):
    Membership.objects.update(role=Membership.Role.SEND)
    SubmissionServer.objects.create(account=account, host="smtp.example.org", port=465, login=SECRET, password=SECRET)
    for url in ("/", "/accounts/", "/settings/", "/compose/", "/settings/identities/"):
        page = his.get(url).content.decode()
        assert SECRET not in page
        assert "smtp.example.org" not in page


def test_the_owner_says_that_it_is_a_team_s(web, account):
    share(web, account, do="team", is_team="on")
    assert MailAccount.objects.get().is_team
    share(web, account, do="team")
    assert not MailAccount.objects.get().is_team


def test_a_message_that_a_new_member_finds_is_there_once(web, account, charlie):
    deliver(account, octets_of("Hello"))
    share(web, account, do="add", person="charlie", role="read")
    assert Message.objects.visible_to(charlie).count() == 1
