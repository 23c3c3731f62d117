"""Settings of notifications, and the browsers that subscribe to them."""

import pytest
from django.db import connection
from django.test import Client

from accounts.browsers import browser_name
from accounts.models import MailAccount, User
from mailbox.models import NotificationChoice, PushSubscription, VapidKey
from tests.cast import PASSWORD, deliver, octets_of
from tests.push_service import Browser

pytestmark = pytest.mark.django_db
PAGE = "/settings/notifications/"
ENDPOINT = "https://push.test/1"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def subscribe(web: Client, endpoint: str = ENDPOINT, **changes: str) -> int:
    browser = Browser()
    fields = {"endpoint": endpoint, "p256dh": browser.public_key, "auth": browser.secret} | changes
    return web.post(f"{PAGE}subscribe/", fields, headers={"User-Agent": FIREFOX}).status_code


# What is shown


def test_everything_is_told_of_until_somebody_chooses(web, account):
    form = web.get(PAGE).context["form"]
    assert form.initial == {"shows": "sender", "accounts": [account.pk]}


def test_keeps_what_was_chosen(web, alice, account):
    work = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    assert web.post(PAGE, {"shows": "nothing", "accounts": [work.pk]}).status_code == 302
    choice = NotificationChoice.objects.get()
    assert (choice.user, choice.is_discreet, list(choice.silenced.all())) == (alice, True, [account])
    assert web.get(PAGE).context["form"].initial == {"shows": "nothing", "accounts": [work.pk]}


def test_a_member_silences_a_shared_account_for_himself(client, account, bob, alice):
    client.force_login(bob)
    client.post(PAGE, {"shows": "sender"})
    assert NotificationChoice.of(bob).is_silent(account)
    assert not NotificationChoice.of(alice).is_silent(account)


def test_an_outsider_neither_sees_nor_chooses_the_account(client, account, charlie):
    client.force_login(charlie)
    assert account.address not in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"shows": "sender", "accounts": [account.pk]}).status_code == 422


def test_loading_the_page_makes_nothing(web):
    web.get(PAGE)
    assert not NotificationChoice.objects.exists()
    assert not VapidKey.objects.exists()


# Browsers


def test_a_browser_gets_the_key_that_it_subscribes_with(web):
    assert web.get(f"{PAGE}key/").json() == {"key": VapidKey.current().public}


def test_a_browser_is_kept_and_listed_by_its_name(web, alice):
    assert subscribe(web) == 204
    kept = PushSubscription.objects.get()
    assert (kept.user, kept.endpoint, kept.browser) == (alice, ENDPOINT, "Firefox, Linux")
    page = web.get(PAGE).content.decode()
    assert "Firefox, Linux" in page
    assert "this one" in page
    assert 'data-push-known="yes"' in page


def test_its_secret_lies_sealed_in_the_database(web):
    browser = Browser()
    subscribe(web, auth=browser.secret)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM mailbox_pushsubscription")
        [(sealed,)] = cursor.fetchall()
    assert browser.secret not in sealed
    assert PushSubscription.objects.get().secret == browser.secret


def test_a_browser_that_comes_again_is_one(web):
    subscribe(web)
    subscribe(web)
    assert PushSubscription.objects.count() == 1


def test_a_browser_belongs_to_whoever_signed_in_last(web, client, bob):
    subscribe(web)
    client.force_login(bob)
    subscribe(client)
    assert PushSubscription.objects.get().user == bob


@pytest.mark.parametrize(
    "changes",
    [
        {"endpoint": "http://push.test/1"},
        {"endpoint": "file:///etc/passwd"},
        {"endpoint": "https://user:password@push.test/"},
        {"endpoint": ""},
        {"p256dh": "rubbish"},
        {"auth": ""},
    ],
)
def test_refuses_what_is_no_push_service(web, changes):
    assert subscribe(web, **{"endpoint": ENDPOINT} | changes) == 400
    assert not PushSubscription.objects.exists()


def test_the_oldest_of_too_many_browsers_goes(web):
    for number in range(22):
        subscribe(web, f"https://push.test/{number}")
    assert PushSubscription.objects.count() == 20
    assert not PushSubscription.objects.filter(endpoint="https://push.test/0").exists()


def test_this_browser_is_forgotten_when_it_wishes(web):
    subscribe(web)
    web.post(f"{PAGE}unsubscribe/")
    assert not PushSubscription.objects.exists()
    assert "data-push-known" not in web.get(PAGE).content.decode()


def test_another_browser_is_forgotten_by_its_name(web):
    subscribe(web)
    subscribe(web, "https://push.test/2")
    first = PushSubscription.objects.get(endpoint=ENDPOINT)
    assert web.post(f"{PAGE}unsubscribe/", {"browser": first.sha256}).status_code == 302
    assert PushSubscription.objects.get().endpoint == "https://push.test/2"


def test_nobody_removes_another_person_s_browser(web, client, charlie):
    subscribe(web)
    kept = PushSubscription.objects.get()
    client.force_login(charlie)
    client.post(f"{PAGE}unsubscribe/", {"browser": kept.sha256})
    assert PushSubscription.objects.exists()


def test_signing_out_ends_it(web):
    subscribe(web)
    web.post("/account/logout/")
    assert not PushSubscription.objects.exists()


def test_a_new_password_keeps_the_browser_in_which_it_was_set(client, alice, account):
    client.login(username="alice", password=PASSWORD)
    subscribe(client)
    new = "another quiet password"
    client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    kept = PushSubscription.objects.get()
    assert kept.user.check_password(new)
    assert kept.is_good()


@pytest.mark.parametrize("path", ["subscribe/", "unsubscribe/"])
def test_nothing_changes_by_get(web, path):
    assert web.get(PAGE + path).status_code == 405


@pytest.mark.parametrize("path", ["", "key/", "subscribe/", "unsubscribe/"])
def test_strangers_are_sent_to_the_sign_in(client, path):
    assert client.post(PAGE + path).status_code == 302


# The notifications of an open page


def test_an_open_page_learns_what_came_since(web, account):
    [message] = deliver(account, octets_of("New"))
    found = web.get("/live/news/", {"within": "60"}).json()["news"]
    assert found == [{"title": "Dana", "body": "New", "url": f"/m/{message.key}/", "tag": message.key}]
    assert web.get("/live/news/", {"within": "0"}).json()["news"] == []


@pytest.mark.parametrize(
    ("within", "status"), [("x", 400), ("", 400), ("nan", 400), ("inf", 400), ("1e300", 400), ("-1e300", 400)]
)
def test_a_time_that_is_none_is_refused(web, within, status):
    assert web.get("/live/news/", {"within": within}).status_code == status


def test_a_long_time_is_cut(web, account):
    deliver(account, octets_of("New"))
    assert len(web.get("/live/news/", {"within": "9999999"}).json()["news"]) == 1


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox, Linux"),
        ("Mozilla/5.0 (Linux; Android 10; K) Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge, Windows"),
        ("curl/8", ""),
    ],
)  # fmt: skip
def test_browsers_are_told_apart_by_their_names(agent, name):
    assert browser_name(agent) == name
