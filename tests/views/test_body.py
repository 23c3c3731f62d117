"""The document of a message: nothing in it may run, load or look like ours."""

from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client

from accounts.models import MailAccount, User
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
