"""A message as octets, as fields, as a file, and on paper."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import MailAccount, User
from mailbox.models import Message
from mailbox.views.source import SHOWN_OCTETS, legible
from tests.cast import deliver, octets_of


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def html_of(subject: str, html: str, **options: Any) -> bytes:
    return octets_of(subject, text=html, **options).replace(b"text/plain", b"text/html")


def test_the_source_is_what_was_received(web: Client, account: MailAccount) -> None:
    octets = octets_of("Re: Boat / 会議") + b"\x00\xff bare\nLF\r\n"
    [message] = deliver(account, octets)
    response = web.get(f"/m/{message.key}/source/")
    assert response.content == octets
    assert response.headers["Content-Type"] == "message/rfc822"
    assert response.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''2025-11-24%20")
    assert response.headers["Content-Disposition"].endswith(".eml")
    assert response.headers["Content-Security-Policy"].endswith("sandbox")


def test_a_message_without_subject_is_named_by_its_day(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, octets_of(""))
    name = web.get(f"/m/{message.key}/source/").headers["Content-Disposition"]
    assert name == 'attachment; filename="2025-11-24.eml"'


def test_the_original_is_shown_as_text(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, octets_of("Boat", text="<script>x()</script> caf\u00e9"))
    page = web.get(f"/m/{message.key}/original/").content.decode()
    assert "&lt;script&gt;x()&lt;/script&gt; café" in page
    assert "Subject: Boat" in page
    assert message.original.sha256 in page


def test_of_a_long_original_the_beginning_is_shown(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, octets_of("Long", text="line of text\r\n" * 50_000 + "the very end"))
    page = web.get(f"/m/{message.key}/original/").content.decode()
    assert "These are the first 524 kB of 700 kB." in page
    assert "the very end" not in page
    assert len(page) < SHOWN_OCTETS + 20_000


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"a\r\nb\nc", "a\nb\nc"),
        (b"\xe6\x9c\xba", "机"),
        (b"\xff\xfe", "\\xff\\xfe"),
        (b"a\x00\x1b[31m\rb\tc", "a\\x00\\x1b[31m\\x0db\tc"),
        ("a\u202eb\u200bc\ufeff".encode(), "a\\u202eb\\u200bc\\ufeff"),
        (b"\x85", "\\x85"),
        ("\x85".encode(), "\\x85"),
    ],
)
def test_what_cannot_be_seen_is_named(octets: bytes, text: str) -> None:
    assert legible(octets) == text


def test_every_field_is_shown_decoded_and_in_order(web: Client, account: MailAccount) -> None:
    octets = (
        b"Received: from a.test\r\n by b.test; Mon, 24 Nov 2025 09:00:00 +0000\r\nReceived: from c.test\r\n"
        b"X-Odd: =?utf-8?B?PGI+5Lya6K2w?= \xe2\x80\xae\r\nSubject: Fields\r\n\r\nwords\r\n"
    )
    [message] = deliver(account, octets)
    response = web.get(f"/m/{message.key}/headers/")
    assert [field.name for field in response.context["fields"]] == ["Received", "Received", "X-Odd", "Subject"]
    assert "&lt;b&gt;会議</td>" in response.content.decode()


def test_a_message_without_header_says_so(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, b"\r\nwords\r\n")
    assert "This message has no header fields." in web.get(f"/m/{message.key}/headers/").content.decode()


# On paper


@pytest.fixture
def talk(account: MailAccount) -> list[Message]:
    """Three messages of one conversation."""
    html = '<style>p{color:#046}</style><p>Over <b>there</b></p><script>x()</script><img src="https://far.test/1.png">'
    return deliver(
        account,
        octets_of("Boat", message_id="1@x", date="24 Nov 2025 09:00:00 +0000", text="Shall we?\r\n> <i>you</i>"),
        html_of("Re: Boat", html, references=["1@x"], date="24 Nov 2025 10:00:00 +0000"),
        octets_of("Re: Boat", references=["1@x"], date="24 Nov 2025 11:00:00 +0000", text="At nine."),
    )


def test_prints_one_message_or_the_conversation(web: Client, talk: list[Message]) -> None:
    one = web.get(f"/m/{talk[0].key}/print/").content.decode()
    assert "Shall we?" in one
    assert "At nine." not in one
    page = web.get(f"/m/{talk[2].key}/print/?conversation")
    assert [each.message.pk for each in page.context["pages"]] == [message.pk for message in talk]
    assert "<title>Boat</title>" in page.content.decode()


def test_the_printed_document_runs_and_loads_nothing(web: Client, talk: list[Message]) -> None:
    response = web.get(f"/m/{talk[2].key}/print/?conversation")
    page = response.content.decode()
    assert "<script" not in page
    assert "far.test/1.png" not in page
    assert "&lt;i&gt;you&lt;/i&gt;" in page
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert "sandbox allow-same-origin" in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_the_styles_of_a_message_end_with_it(web: Client, talk: list[Message]) -> None:
    page = web.get(f"/m/{talk[2].key}/print/?conversation").content.decode()
    before, _, rest = page.partition('<template shadowrootmode="open">')
    inside, _, after = rest.partition("</template>")
    assert "Over <b>there</b>" in inside
    assert "#046" in inside
    assert "#046" not in before + after


@pytest.mark.parametrize("path", ["source/", "original/", "headers/", "print/"])
def test_members_read_outsiders_get_404_and_nobody_posts(
    client: Client, talk: list[Message], alice: User, bob: User, charlie: User, path: str
) -> None:
    address = f"/m/{talk[0].key}/{path}"
    for user, status in ((alice, 200), (bob, 200), (charlie, 404)):
        client.force_login(user)
        assert client.get(address).status_code == status
    client.force_login(alice)
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("octets", [b"", b"\x00\x01", b"no header at all", b"Subject: =?utf-8?b?////?=\n\n\xff\xfe"])
@pytest.mark.parametrize("path", ["source/", "original/", "headers/", "print/"])
def test_shows_whatever_arrived(web: Client, account: MailAccount, octets: bytes, path: str) -> None:
    [message] = deliver(account, octets)
    assert web.get(f"/m/{message.key}/{path}").status_code == 200


def test_the_menu_leads_to_all_of_them(web: Client, talk: list[Message]) -> None:
    page = web.get(f"/m/{talk[0].key}/").content.decode()
    for path in ("source", "original", "headers", "print"):
        assert f'href="/m/{talk[0].key}/{path}/"' in page
    assert f'href="/m/{talk[0].key}/print/?conversation"' in page
