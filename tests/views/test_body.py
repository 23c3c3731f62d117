"""The document of a message: nothing in it may run, load or look like ours."""

from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client

from accounts.models import MailAccount, User
from mailbox.mime.sanitize import Sanitized, sanitize
from mailbox.models import Attachment
from tests.cast import deliver, octets_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def with_file(octets: bytes, media_type: str, name: str, **options: Any) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "dana@far.test", "alice@home.test", "File"
    message.set_content("words")
    message.add_alternative('<p>Hello <img src="cid:pic@x"> <img src="https://far.test/p.png"></p>', subtype="html")
    maintype, _, subtype = media_type.partition("/")
    message.add_attachment(octets, maintype=maintype, subtype=subtype, filename=name, **options)
    return message.as_bytes()


def policy(response: Any) -> dict[str, list[str]]:
    directives = response.headers["Content-Security-Policy"].split(";")
    return {name: values for name, *values in (directive.split() for directive in directives)}


def test_the_body_has_a_policy_of_its_own(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, with_file(PNG, "image/png", "a.png"))
    response = web.get(f"/m/{message.key}/body/")
    assert policy(response) == {
        "default-src": ["'none'"],
        "script-src": ["'none'"],
        "img-src": [f"http://testserver/m/{message.key}/part/", "data:"],
        "style-src": ["'unsafe-inline'"],
        "form-action": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'self'"],
        "sandbox": ["allow-same-origin", "allow-popups", "allow-popups-to-escape-sandbox"],
    }
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-DNS-Prefetch-Control"] == "off"
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"


def test_the_body_shows_html_without_what_runs_or_loads(web: Client, account: MailAccount) -> None:
    html = '<p onclick="x()">Hello</p><script>x()</script><img src="https://far.test/p.png"><form action="/x"><input>'
    octets = octets_of("News", text=html).replace(b"text/plain", b"text/html")
    [message] = deliver(account, octets)
    page = web.get(f"/m/{message.key}/body/").content.decode()
    assert "<p>Hello</p>" in page
    for forbidden in ("<script", "onclick", "far.test", "<form", "<input"):
        assert forbidden not in page


def test_the_body_shows_the_images_that_came_along(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, with_file(PNG, "image/png", "a.png", cid="<pic@x>", disposition="inline"))
    attachment = Attachment.objects.get(message=message)
    address = f"/m/{message.key}/part/{attachment.part}/?inline"
    assert f'src="{address}"' in web.get(f"/m/{message.key}/body/").content.decode()
    assert web.get(address).getvalue() == PNG


def test_plain_text_is_escaped_in_the_body(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, octets_of("Plain", text="<script>x()</script>"))
    assert "&lt;script&gt;x()&lt;/script&gt;" in web.get(f"/m/{message.key}/body/").content.decode()


def html_octets(html: str) -> bytes:
    return octets_of("News", text=html).replace(b"text/plain", b"text/html")


def test_the_frame_of_the_page_is_a_sandbox_without_scripts(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, html_octets("<p>Hello</p>"))
    page = web.get(f"/m/{message.key}/").content.decode()
    assert 'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"' in page
    assert 'referrerpolicy="no-referrer"' in page
    assert "allow-scripts" not in page


def test_a_body_is_sanitised_once_for_its_page_and_its_frame(
    web: Client, account: MailAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleaned: list[str] = []

    def count(html: str, **options: Any) -> Sanitized:
        cleaned.append(html)
        return sanitize(html, **options)

    monkeypatch.setattr("mailbox.mime.sanitize.sanitize", count)
    [message] = deliver(account, html_octets("<p>Hello</p>"))
    web.get(f"/m/{message.key}/")
    assert "<p>Hello</p>" in web.get(f"/m/{message.key}/body/").content.decode()
    assert len(cleaned) == 1


@pytest.mark.parametrize(
    ("html", "query", "classes"),
    [
        ("<p>Hello</p>", "", "lb-ours"),
        ("<p style='color:navy'>Hello</p>", "", "lb-inked"),
        ("<body bgcolor='#eee'>Hello", "", "lb-white"),
        ("<body bgcolor='#eee'>Hello", "?paper=dark", "lb-white lb-dark lb-turned"),
        ("<style>@media (prefers-color-scheme:dark){p{color:red}}</style><p>x", "?paper=dark", "lb-white lb-dark"),
        ("<body bgcolor='#eee'>Hello", '?paper="><script>', "lb-white"),
    ],
)
def test_the_paper_of_the_body(web: Client, account: MailAccount, html: str, query: str, classes: str) -> None:
    [message] = deliver(account, html_octets(html))
    assert f'<html class="{classes}">' in web.get(f"/m/{message.key}/body/{query}").content.decode()


def test_the_body_names_targets_and_folds_history(web: Client, account: MailAccount) -> None:
    html = '<p>See <a href="https://evil.test/">bank.test</a></p><blockquote type="cite">Old</blockquote>'
    [message] = deliver(account, html_octets(html))
    page = web.get(f"/m/{message.key}/body/").content.decode()
    assert 'bank.test<span class="lb-target">evil.test</span></a>' in page
    assert '<details class="lb-quote"><summary class="lb-quote__button" title="Show the quoted text"' in page


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_body_is_only_read(web: Client, account: MailAccount, method: str) -> None:
    [message] = deliver(account, octets_of("Plain"))
    assert getattr(web, method)(f"/m/{message.key}/body/").status_code == 405
