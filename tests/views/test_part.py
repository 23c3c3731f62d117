"""The files of messages: sent as they came, shown only where nothing in them can run, and nobody else's."""

from base64 import encodebytes
from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client

from accounts.models import MailAccount, User
from mailbox.models import Attachment, Message
from tests.cast import deliver, octets_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def with_file(octets: bytes, media_type: str, name: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "dana@far.test", "alice@home.test", "File"
    message.set_content("words")
    maintype, _, subtype = media_type.partition("/")
    message.add_attachment(octets, maintype=maintype, subtype=subtype, filename=name)
    return message.as_bytes()


def policy(response: Any) -> dict[str, list[str]]:
    directives = response.headers["Content-Security-Policy"].split(";")
    return {name: values for name, *values in (directive.split() for directive in directives)}


def address(message: Message) -> str:
    return f"/m/{message.key}/part/{Attachment.objects.get(message=message).part}/"


def download(web: Client, message: Message, *, inline: bool = False) -> Any:
    return web.get(address(message), {"inline": ""} if inline else {})


@pytest.mark.parametrize(
    ("media_type", "name"),
    [
        ("text/html", "page.html"),
        ("image/svg+xml", "drawing.svg"),
        ("application/xhtml+xml", "page.xhtml"),
        ("application/javascript", "run.js"),
        ("application/pdf", "paper.pdf"),
        ("image/png", "picture.png"),
    ],
)
def test_a_file_that_could_run_is_only_downloaded(
    web: Client, account: MailAccount, media_type: str, name: str
) -> None:
    [message] = deliver(account, with_file(b"<script>x()</script>", media_type, name))
    for response in (download(web, message), download(web, message, inline=True)):
        assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert response.headers["Content-Type"] == "application/octet-stream"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert policy(response)["sandbox"] == []
        assert policy(response)["default-src"] == ["'none'"]


@pytest.mark.parametrize("label", ["image/png", "image/x-png", "application/octet-stream", "text/html"])
def test_a_picture_is_shown_as_what_it_is_when_asked_for(web: Client, account: MailAccount, label: str) -> None:
    [message] = deliver(account, with_file(PNG, label, "picture.png"))
    assert download(web, message).headers["Content-Disposition"].startswith("attachment")
    shown = download(web, message, inline=True)
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert shown.headers["Content-Type"] == "image/png"
    assert shown.getvalue() == PNG


def test_a_pdf_is_shown_under_the_policy_that_locks_everything(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, with_file(PDF, "application/octet-stream", "paper.pdf"))
    shown = download(web, message, inline=True)
    assert shown.headers["Content-Type"] == "application/pdf"
    assert shown.headers["Content-Disposition"] == 'inline; filename="paper.pdf"'
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["X-Frame-Options"] == "DENY"
    assert policy(shown)["sandbox"] == []


def test_a_text_is_shown_as_text_in_a_charset_that_browsers_know(web: Client, account: MailAccount) -> None:
    octets = with_file("<b>会議</b>".encode("shift_jis"), "text/plain", "note.txt")
    [stored] = deliver(
        account, octets.replace(b"Content-Type: text/plain\n", b"Content-Type: text/plain; charset=shift_jis\n")
    )
    shown = download(web, stored, inline=True)
    assert shown.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert shown.getvalue().decode() == "<b>会議</b>"


@pytest.mark.parametrize("name", ['a"b.pdf', "a\\b.pdf", "../../etc/passwd", "日本語.pdf", "a;b=c.pdf"])
def test_a_name_cannot_leave_its_header(web: Client, account: MailAccount, name: str) -> None:
    [message] = deliver(account, with_file(b"x", "application/pdf", name))
    disposition = download(web, message).headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename")
    assert "/" not in disposition
    assert "\n" not in disposition


@pytest.mark.parametrize("body", [encodebytes(bytes(200_000)), b"QUJD!?QUJD=\n", b"QQ==\nQQ==\n", b""])
def test_the_length_that_is_promised_is_the_length_that_comes(web: Client, account: MailAccount, body: bytes) -> None:
    header = b'Content-Type: application/zip; name="a.zip"\nContent-Transfer-Encoding: base64\n\n'
    [message] = deliver(account, header + body)
    response = download(web, message)
    assert int(response.headers["Content-Length"]) == len(response.getvalue())


def test_a_part_that_is_no_attachment_is_404(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, octets_of("Plain"))
    for path in ("part/0/", "part/99/", "part/0.0/", "part/0/view/", "part/0/thumbnail/", "files/zip/"):
        assert web.get(f"/m/{message.key}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["", "view/", "thumbnail/"])
def test_a_part_of_another_message_is_404(web: Client, account: MailAccount, charlie: User, path: str) -> None:
    theirs = MailAccount.objects.create(owner=charlie, name="C", address="charlie@home.test")
    [foreign] = deliver(theirs, with_file(PNG, "image/png", "a.png"))
    assert web.get(address(foreign) + path).status_code == 404


def forwarded(inner: bytes, *, times: int = 1) -> bytes:
    """Return `inner` inside a message of two parts, inside another, and so on."""
    for number in range(times):
        header = f"From: dana@far.test\nSubject: Fwd\nContent-Type: multipart/mixed; boundary=b{number}\n\n"
        parts = f"--b{number}\n\nSee below.\n--b{number}\nContent-Type: message/rfc822\n\n"
        inner = header.encode() + parts.encode() + inner + f"\n--b{number}--\n".encode()
    return inner


def test_a_file_of_a_forwarded_message_has_an_address_of_its_own(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, forwarded(with_file(PDF, "application/pdf", "paper.pdf")))
    response = web.get(f"/m/{message.key}/part/1.1/")
    assert response.getvalue() == PDF
    assert response.headers["Content-Disposition"] == 'attachment; filename="paper.pdf"'
    assert web.get(f"/m/{message.key}/part/1.0/").status_code == 404
    assert web.get(f"/m/{message.key}/part/1.1.1/").status_code == 404


def test_what_lies_deeper_than_anybody_follows_is_404(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, forwarded(with_file(PDF, "application/pdf", "paper.pdf"), times=6))
    assert web.get(f"/m/{message.key}/part/1.1.1.1.1/").status_code == 200
    assert web.get(f"/m/{message.key}/part/1.1.1.1.1.1/").status_code == 404
    assert web.get(f"/m/{message.key}/part/1.1.1.1.1.1.1/").status_code == 404
