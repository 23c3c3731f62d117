"""Images from elsewhere: shown only on the reader's word, only through the proxy, only to those who may see them."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import MailAccount, User
from mailbox import remote_images
from mailbox.mime.parse import parse
from mailbox.models import Message, RemoteImage, TrustedSender
from mailbox.views import remote
from mailbox.views.remote_line import IMAGES_LIMIT, address_here, is_plain_sender
from tests.cast import deliver
from tests.views.test_body import policy
from tests.web.odd_web import PNG

HTMX = {"HX-Request": "true"}
NEWS = """<p>News</p><img src="https://far.test/1.png"><img src="https://far.test/2.png" width="300">
<img src="https://count.far.test/open.gif" width="1" height="1">"""


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Nobody loads and nobody waits, unless a test says so."""
    names: list[str] = []
    monkeypatch.setattr(remote_images, "wake", names.append)
    monkeypatch.setattr(remote, "_IMAGE_SECONDS", 0.01)
    monkeypatch.setattr(remote, "_PAGE_SECONDS", 0.01)
    return names


def octets(html: str = NEWS, sender: str = "Dana <dana@far.test>", subject: str = "News", **fields: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "alice@home.test", subject
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content(html, subtype="html")
    return message.as_bytes()


@pytest.fixture
def news(account: MailAccount) -> Message:
    [message] = deliver(account, octets())
    return message


def page_of(web: Client, message: Message) -> str:
    return web.get(f"/m/{message.key}/").content.decode()


def body_of(web: Client, message: Message) -> str:
    return web.get(f"/m/{message.key}/body/").content.decode()


def choose(web: Client, message: Message, choice: str, **options: Any) -> Any:
    return web.post(f"/m/{message.key}/images/", {"images": choice}, **options)


def loaded(address: str) -> None:
    RemoteImage.objects.want([address])
    RemoteImage.objects.at([address]).update(media_type="image/png", octets=PNG, due_at=None)


def shown(html: str) -> list[str]:
    return re.findall(r'src="(/m/[^"]+/remote/[^"]+)"', html)


# The line


def test_says_how_much_would_be_loaded_and_from_whom(web, news):
    page = page_of(web, news)
    assert "2 images not loaded · 1 tracker blocked" in page
    assert re.search(r"far\.test</span> <span class=\"soft\">2<", page)
    assert re.search(
        r"count\.far\.test</span> <span class=\"soft\">1</span> <span class=\"chip chip--warn\">tracker", page
    )
    assert 'value="once"' in page
    assert 'value="always"' in page
    assert 'value="none"' not in page


def test_a_message_that_loads_nothing_has_no_line(web, account):
    [message] = deliver(account, octets("<p>News</p>"))
    assert 'class="remote"' not in page_of(web, message)


def test_trackers_alone_leave_nothing_to_show(web, account):
    [message] = deliver(account, octets('<img src="https://far.test/o.gif" width="1" height="1">'))
    page = page_of(web, message)
    assert "1 tracker blocked" in page
    assert 'name="images"' not in page


def test_nothing_is_loaded_unasked(web, news, woken):
    assert shown(body_of(web, news)) == []
    assert policy(web.get(f"/m/{news.key}/body/"))["img-src"] == [f"http://testserver/m/{news.key}/part/", "data:"]
    assert not RemoteImage.objects.exists()
    assert woken == []


def test_a_conversation_costs_one_query(web, account):
    def cost(message: Message) -> int:
        with CaptureQueriesContext(connection) as queries:
            page_of(web, message)
        return sum("trustedsender" in query["sql"] for query in queries)

    [first] = deliver(account, octets(Message_ID="<1@x>"))
    assert cost(first) == 1
    deliver(account, *[octets(References="<1@x>", subject=f"Re: News {number}") for number in range(8)])
    assert cost(first) == 1


def test_a_conversation_without_anything_remote_costs_none(web, account):
    [message] = deliver(account, octets("<p>News</p>"))
    with CaptureQueriesContext(connection) as queries:
        page_of(web, message)
    assert not any("trustedsender" in query["sql"] for query in queries)


# Once


def test_once_shows_the_images_of_this_message(web, account, news, woken):
    [other] = deliver(account, octets(subject="Other"))
    page = choose(web, news, "once", headers=HTMX).content.decode()
    assert "2 images shown · 1 tracker blocked" in page
    assert "<html" not in page
    assert woken == ["load_images"] * 2
    assert len(shown(body_of(web, news))) == 2
    assert shown(body_of(web, other)) == []


def test_once_holds_in_this_session_only(web, news, alice):
    choose(web, news, "once")
    elsewhere = Client()
    elsewhere.force_login(alice)
    assert shown(body_of(web, news))
    assert shown(body_of(elsewhere, news)) == []


def test_asking_without_scripts_leads_back_to_the_message(web, news):
    assert choose(web, news, "once").url == f"/m/{news.key}/#sheet-{news.key}"


def test_asking_without_scripts_waits_for_the_images(web, news, monkeypatch):
    asked = []
    monkeypatch.setattr(remote_images, "await_images", lambda addresses, *, seconds: asked.append(addresses))
    choose(web, news, "once")
    choose(web, news, "once", headers=HTMX)
    assert asked == [["https://far.test/1.png", "https://far.test/2.png"]]


def test_they_can_be_hidden_again(web, news):
    choose(web, news, "once")
    page = choose(web, news, "none", headers=HTMX).content.decode()
    assert "2 images not loaded" in page
    assert shown(body_of(web, news)) == []


def test_the_session_remembers_no_more_than_fifty(web, account):
    messages = deliver(account, *[octets(subject=str(number)) for number in range(52)])
    for message in messages:
        choose(web, message, "once", headers=HTMX)
    assert web.session["shown_images"] == [message.key for message in messages[2:]]


def test_looking_changes_nothing(web, news):
    assert web.get(f"/m/{news.key}/images/").status_code == 405
    assert web.get(f"/m/{news.key}/body/").status_code == 200
    assert "shown_images" not in web.session


@pytest.mark.parametrize("choice", ["", "ever"])
def test_another_word_is_refused(web, news, choice):
    assert choose(web, news, choice).status_code == 400


# Always


def test_always_holds_for_every_message_of_the_sender(web, account, news):
    page = choose(web, news, "always", headers=HTMX).content.decode()
    assert "2 images shown" in page
    assert "Ask again for this sender" in page
    [next_one, other] = deliver(
        account, octets(subject="Next", sender="Dana D <DANA@far.test>"), octets(sender="Eve <eve@far.test>")
    )
    assert len(shown(body_of(web, next_one))) == 2
    assert "2 images shown" in page_of(web, next_one)
    assert shown(body_of(web, other)) == []


def test_always_is_one_person_s_word(web, client, news, bob, alice):
    choose(web, news, "always")
    assert TrustedSender.objects.get().user == alice
    client.force_login(bob)
    assert shown(body_of(client, news)) == []


def test_always_can_be_taken_back_in_the_same_place(web, news):
    choose(web, news, "always")
    assert "2 images not loaded" in choose(web, news, "none", headers=HTMX).content.decode()
    assert not TrustedSender.objects.exists()


FORGED = [
    {"sender": "Dana <dana@far.test>, Eve <eve@far.test>"},
    {"sender": '"dana@far.test" <eve@evil.test>'},
    {"sender": "Dana <dana>"},
    {"Authentication_Results": "mx.home.test; spf=pass; dmarc=fail (p=none) header.from=far.test"},
]


@pytest.mark.parametrize("options", FORGED)
def test_always_is_not_offered_for_what_looks_forged(web, account, options):
    [message] = deliver(account, octets(**options))
    page = page_of(web, message)
    assert 'value="once"' in page
    assert 'value="always"' not in page
    assert choose(web, message, "always").status_code == 400
    assert not TrustedSender.objects.exists()


def test_a_forged_message_of_a_trusted_sender_shows_nothing(web, account, news):
    choose(web, news, "always")
    [forged] = deliver(account, octets(subject="Forged", Authentication_Results="mx.home.test; dmarc=fail"))
    assert shown(body_of(web, forged)) == []
    assert "2 images not loaded" in page_of(web, forged)


@pytest.mark.parametrize("sender", ["Dana <dana@far.test>", '"dana@far.test" <Dana@FAR.test>', "dana@far.test"])
def test_a_plain_sender_is_one_address_that_the_name_does_not_deny(sender):
    assert is_plain_sender(parse(octets(sender=sender)).header)


def test_the_list_of_trusted_senders(web, news, alice, bob):
    TrustedSender.trust(bob, "bob-only@far.test")
    assert "No senders yet" in web.get("/settings/images/").content.decode()
    choose(web, news, "always")
    page = web.get("/settings/images/").content.decode()
    assert "dana@far.test" in page
    assert "bob-only" not in page
    assert web.post("/settings/images/ask/", {"address": "bob-only@far.test"}).url == "/settings/images/"
    assert TrustedSender.objects.count() == 2
    part = web.post("/settings/images/ask/", {"address": "dana@far.test"}, headers=HTMX).content.decode()
    assert "No senders yet" in part
    assert "<html" not in part
    assert web.get("/settings/images/ask/").status_code == 405


# The proxy


def test_the_policy_allows_the_proxy_of_this_message_and_nothing_else(web, news):
    choose(web, news, "once")
    place = f"http://testserver/m/{news.key}/"
    response = web.get(f"/m/{news.key}/body/")
    assert policy(response)["img-src"] == [f"{place}part/", f"{place}remote/", "data:"]
    assert response.headers["Cache-Control"] == "private, no-cache"


def test_sends_an_image_that_is_here(web, news):
    choose(web, news, "once")
    loaded("https://far.test/1.png")
    [first, _second] = shown(body_of(web, news))
    response = web.get(first)
    assert response.content == PNG
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert policy(response) == {"default-src": ["'none'"], "script-src": ["'none'"], "sandbox": []}
    assert response.headers["Cache-Control"] == "private, max-age=86400"


def test_an_image_that_is_on_its_way_is_asked_for_and_not_kept(web, news, woken):
    response = web.get(address_here(news.key, "https://far.test/1.png"))
    assert response.status_code == 202
    assert response.headers["Cache-Control"] == "no-store"
    assert RemoteImage.objects.get().address == "https://far.test/1.png"
    assert woken == ["load_images"]


def test_an_image_that_comes_while_the_browser_waits_is_sent(web, news, monkeypatch):
    monkeypatch.setattr(remote, "_IMAGE_SECONDS", 5)
    monkeypatch.setattr(remote_images.time, "sleep", lambda _: loaded("https://far.test/1.png"))
    assert web.get(address_here(news.key, "https://far.test/1.png")).content == PNG


def test_an_image_that_is_not_to_be_had_is_empty(web, news, woken):
    RemoteImage.objects.want(["https://far.test/1.png"])
    RemoteImage.objects.update(due_at=None)
    assert web.get(address_here(news.key, "https://far.test/1.png")).status_code == 204
    assert woken == []


def test_an_image_costs_few_queries(web, news, django_assert_num_queries):
    loaded("https://far.test/1.png")
    url = address_here(news.key, "https://far.test/1.png")
    # Session, person, message, row, octets.
    with django_assert_num_queries(5):
        web.get(url)


def test_an_address_that_no_message_holds_is_404(web, news, account, woken):
    [other] = deliver(account, octets(subject="Other"))
    token = address_here(news.key, "https://far.test/1.png").split("/")[-2]
    encoded, _, signature = token.partition(".")
    evil = address_here(news.key, "https://evil.test/").split("/")[-2].partition(".")[0]
    for made_up in (
        f"{evil}.{signature}",
        encoded,
        f"{encoded}.",
        f".{signature}",
        f"{encoded}.{'a' * 43}",
        "é",
        "%00",
    ):
        assert web.get(f"/m/{news.key}/remote/{made_up}/").status_code == 404
    assert web.get(f"/m/{other.key}/remote/{token}/").status_code == 404
    assert not RemoteImage.objects.exists()
    assert woken == []


def test_trackers_get_no_address(web, news):
    choose(web, news, "once")
    assert "count.far.test" not in body_of(web, news)
    assert not RemoteImage.objects.filter(address__contains="count").exists()


def test_a_message_shows_no_more_than_so_many_images(web, account):
    html = "".join(f'<img src="https://far.test/{number}.png">' for number in range(IMAGES_LIMIT + 20))
    [message] = deliver(account, octets(html))
    choose(web, message, "once", headers=HTMX)
    assert len(shown(body_of(web, message))) == IMAGES_LIMIT
    assert RemoteImage.objects.count() == IMAGES_LIMIT


# Who


def test_a_member_may_see_them(client, news, bob):
    client.force_login(bob)
    choose(client, news, "once")
    loaded("https://far.test/1.png")
    assert client.get(shown(body_of(client, news))[0]).content == PNG


def test_to_an_outsider_the_message_does_not_exist(client, news, charlie, woken):
    loaded("https://far.test/1.png")
    client.force_login(charlie)
    assert client.get(address_here(news.key, "https://far.test/1.png")).status_code == 404
    assert client.get(address_here(news.key, "https://far.test/2.png")).status_code == 404
    assert choose(client, news, "once").status_code == 404
    assert choose(client, news, "always").status_code == 404
    assert woken == []
    assert not TrustedSender.objects.exists()


def test_who_is_signed_out_is_asked_to_sign_in(client, news):
    assert client.get(address_here(news.key, "https://far.test/1.png")).url.startswith("/account/login/")
    assert choose(client, news, "once").url.startswith("/account/login/")
    assert client.get("/settings/images/").url.startswith("/account/login/")


# Messages inside messages


def forwarded(account: MailAccount, html: str = NEWS) -> Message:
    """A message that brings another along, whose images lie elsewhere."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Bob <bob@far.test>", "alice@home.test", "Fwd: News"
    message.set_content("Look.")
    message.add_attachment(message_from_bytes(octets(html), policy=default))
    return deliver(account, message.as_bytes())[0]


def decide(web: Client, message: Message, choice: str, **options: Any) -> Any:
    return web.post(f"/m/{message.key}/part/1/images/", {"images": choice}, **options)


def test_a_message_inside_says_what_it_would_load(web, account):
    message = forwarded(account)
    page = web.get(f"/m/{message.key}/part/1/message/").content.decode()
    assert "2 images not loaded · 1 tracker blocked" in page
    assert f'hx-post="/m/{message.key}/part/1/images/" hx-target="closest .enclosed"' in page
    assert 'value="always"' not in page
    assert shown(web.get(f"/m/{message.key}/part/1/body/").content.decode()) == []


def test_the_images_of_a_message_inside_are_shown_on_the_readers_word(web, account, woken):
    message = forwarded(account)
    part = decide(web, message, "once", headers=HTMX).content.decode()
    assert "2 images shown · 1 tracker blocked" in part
    assert "<html" not in part
    assert woken == ["load_images"] * 2
    response = web.get(f"/m/{message.key}/part/1/body/")
    assert len(shown(response.content.decode())) == 2
    assert policy(response)["img-src"][1] == f"http://testserver/m/{message.key}/remote/"
    loaded("https://far.test/1.png")
    assert web.get(shown(response.content.decode())[0]).status_code == 200


def test_the_word_for_one_message_is_none_for_those_around_and_inside_it(web, account):
    message = forwarded(account)
    choose(web, message, "once")
    assert shown(web.get(f"/m/{message.key}/part/1/body/").content.decode()) == []


def test_the_images_of_a_message_inside_are_hidden_again(web, account):
    message = forwarded(account)
    decide(web, message, "once")
    assert decide(web, message, "none").url == f"/m/{message.key}/part/1/message/"
    assert shown(web.get(f"/m/{message.key}/part/1/body/").content.decode()) == []


def test_a_trusted_sender_vouches_for_no_message_inside(web, account, alice):
    TrustedSender.trust(alice, "dana@far.test")
    TrustedSender.trust(alice, "bob@far.test")
    assert shown(web.get(f"/m/{forwarded(account).key}/part/1/body/").content.decode()) == []


def test_the_images_of_a_message_inside_are_nobody_elses_affair(web, account, charlie):
    message = forwarded(account)
    assert decide(web, message, "all").status_code == 400
    assert web.get(f"/m/{message.key}/part/1/images/").status_code == 405
    assert web.post(f"/m/{message.key}/part/7/images/", {"images": "once"}).status_code == 404
    web.force_login(charlie)
    assert decide(web, message, "once").status_code == 404
