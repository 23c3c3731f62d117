"""Which way a page is read, and in which language what others wrote is said to be."""

from email.message import EmailMessage

import pytest
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation

from accounts.models import MailAccount, User
from mailbox.models import Message
from mailbox.templatetags.mail import icon_html
from tests.cast import deliver, octets_of


@pytest.fixture
def web(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def in_html(html: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Dana <dana@far.test>", "alice@home.test", "News"
    message.set_content(html, subtype="html")
    return message.as_bytes()


def rendered(name: str, user: User) -> str:
    request = RequestFactory().get("/")
    request.user, request.session = user, SessionStore()
    return render_to_string(name, request=request)


def conversation(web: Client, message: Message) -> str:
    return web.get(f"/m/{message.key}/").content.decode()


def test_says_that_a_letter_is_japanese(web: Client, account: MailAccount) -> None:
    (message,) = deliver(account, octets_of("Rindo", text="庭のりんどうが咲きました。"))
    assert '<div class="message__text" lang="ja">' in conversation(web, message)


def test_says_nothing_of_letters_that_many_languages_share(web: Client, account: MailAccount) -> None:
    (message,) = deliver(account, octets_of("Boat", text="Shall we?"))
    assert '<div class="message__text">' in conversation(web, message)


def test_says_it_of_the_document_in_a_frame(web: Client, account: MailAccount) -> None:
    (message,) = deliver(account, in_html("<p>庭のりんどうが咲きました。</p>"))
    assert '<html lang="ja"' in web.get(f"/m/{message.key}/body/").content.decode()


@pytest.mark.parametrize("name", ["base.html", "plain.html"])
def test_turns_a_page_that_is_read_from_the_right(name: str, alice: User) -> None:
    with translation.override("ar"):
        assert '<html lang="ar" dir="rtl"' in rendered(name, alice)


@pytest.mark.parametrize("name", ["base.html", "plain.html"])
def test_leaves_a_page_that_is_read_from_the_left(name: str, alice: User) -> None:
    assert "dir=" not in rendered(name, alice).partition(">")[2].partition(">")[0]


def test_turns_a_drawing_that_points_along_the_line() -> None:
    assert "icon--turns" in icon_html("reply")
    assert "icon--turns" not in icon_html("clock")
