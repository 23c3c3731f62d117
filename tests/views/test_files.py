"""The files of a message on the screen: their list, a page for each, their small pictures, all as one download."""

import io
from email.message import EmailMessage
from typing import Any
from unittest import mock
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts.models import MailAccount, User
from mailbox import thumbnails
from mailbox.models import Message, Thumbnail
from mailbox.views import files
from tests.cast import deliver, octets_of

HTMX = {"HX-Request": "true"}


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG")
    return out.getvalue()


PNG = png()
PDF = b"%PDF-1.7\n%%EOF\n"


def message_with(*attached: tuple[str, str, bytes], html: str = "") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Dana <dana@far.test>", "alice@home.test", "Papers: all"
    message["Date"] = "24 Nov 2025 09:00:00 +0000"
    message.set_content("Look.")
    if html:
        message.add_alternative(html, subtype="html")
    for name, media_type, octets in attached:
        maintype, _, subtype = media_type.partition("/")
        message.add_attachment(octets, maintype=maintype, subtype=subtype, filename=name)
    return message.as_bytes()


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    calls: list[tuple[str, int]] = []
    monkeypatch.setattr(files, "wake", lambda name, pk: calls.append((name, pk)))
    monkeypatch.setattr(files, "_asked", {})
    return calls


@pytest.fixture
def papers(account: MailAccount) -> Message:
    """A picture, a PDF, a text, and a program."""
    [message] = deliver(
        account,
        message_with(
            ("a.png", "image/png", PNG),
            ("b.pdf", "application/pdf", PDF),
            ("c.txt", "text/plain", b"<b>words</b>"),
            ("d.exe", "application/octet-stream", b"MZ\x00"),
        ),
    )
    return message


def shown(web: Client, message: Message) -> str:
    return web.get(f"/m/{message.key}/").content.decode()


def test_says_of_each_file_what_it_is_and_where_it_leads(
    web: Client, papers: Message, woken: list[tuple[str, int]]
) -> None:
    page = shown(web, papers)
    base = f"/m/{papers.key}/part"
    assert "4 attachments · " in page
    assert f'href="{base}/1/view/"' in page
    assert f'href="{base}/2/?inline" target="_blank" rel="noopener"' in page
    assert f'href="{base}/3/view/"' in page
    assert f'href="{base}/4/" download>d.exe' in page
    assert "a program" in page
    assert f'href="/m/{papers.key}/files/zip/" download' in page


def test_one_file_needs_no_zip(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, message_with(("b.pdf", "application/pdf", PDF)))
    page = shown(web, message)
    assert "1 attachment · " in page
    assert "Download all" not in page


@pytest.mark.parametrize("disposition", ["inline", "attachment"])
@pytest.mark.parametrize(("address", "is_listed"), [("cid:1@x", False), ("cid:1%40x", False), ("cid:2@x", True)])
def test_pictures_that_the_text_shows_are_no_attachments_and_others_are(
    web: Client, account: MailAccount, disposition: str, address: str, is_listed: bool
) -> None:
    message = EmailMessage()
    message["From"] = "dana@far.test"
    message.set_content(f'<img src="{address}">', subtype="html")
    message.add_related(PNG, "image", "png", cid="<1@x>", filename="logo.png", disposition=disposition)
    [stored] = deliver(account, message.as_bytes())
    assert ("logo.png" in shown(web, stored)) == is_listed


def test_small_pictures_are_asked_for_once_and_shown_when_they_are_made(
    web: Client, papers: Message, woken: list[tuple[str, int]]
) -> None:
    page = shown(web, papers)
    assert f'hx-get="/m/{papers.key}/files/" hx-trigger="every 2s"' in page
    assert web.get(f"/m/{papers.key}/files/", headers=HTMX).status_code == 204
    assert woken == [("make_thumbnails", papers.pk)]
    thumbnails.make(papers)
    part = web.get(f"/m/{papers.key}/files/", headers=HTMX).content.decode()
    assert f'src="/m/{papers.key}/part/1/thumbnail/"' in part
    assert "hx-trigger" not in part
    assert 'hx-trigger="every 2s' not in shown(web, papers)


def test_a_lost_task_is_asked_for_again_after_a_while(
    web: Client, papers: Message, woken: list[tuple[str, int]]
) -> None:
    shown(web, papers)
    with mock.patch.object(files.time, "monotonic", return_value=files.time.monotonic() + 31):
        shown(web, papers)
    assert woken == [("make_thumbnails", papers.pk)] * 2


def test_what_cannot_be_drawn_is_a_file_like_others(web: Client, papers: Message) -> None:
    Thumbnail.objects.create(attachment=papers.attachments.get(part=1), octets=b"", is_drawn=False)
    page = shown(web, papers)
    assert "picture__frame" not in page
    assert 'hx-trigger="every 2s' not in page
    assert web.get(f"/m/{papers.key}/part/1/thumbnail/").status_code == 404


def test_a_small_picture_is_sent_under_the_policy_that_locks_everything(web: Client, papers: Message) -> None:
    thumbnails.make(papers)
    response = web.get(f"/m/{papers.key}/part/1/thumbnail/")
    assert response.headers["Content-Type"] == "image/webp"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"].endswith("sandbox")


def test_a_page_shows_the_picture_between_its_neighbours(web: Client, papers: Message) -> None:
    page = web.get(f"/m/{papers.key}/part/1/view/").content.decode()
    assert f'src="/m/{papers.key}/part/1/?inline"' in page
    assert "1 of 4" in page
    assert f'rel="next" data-key="ArrowRight" href="/m/{papers.key}/part/2/view/"' in page
    assert 'rel="prev"' not in page


def test_a_page_shows_text_escaped(web: Client, papers: Message) -> None:
    page = web.get(f"/m/{papers.key}/part/3/view/").content.decode()
    assert "&lt;b&gt;words&lt;/b&gt;" in page


def test_a_page_offers_what_cannot_be_shown(web: Client, papers: Message) -> None:
    page = web.get(f"/m/{papers.key}/part/4/view/").content.decode()
    assert "Files of this kind are not shown here." in page
    assert "?inline" not in page
    assert "Open the PDF" in web.get(f"/m/{papers.key}/part/2/view/").content.decode()


def unzipped(response: Any) -> ZipFile:
    return ZipFile(io.BytesIO(response.getvalue()))


def test_all_files_come_as_one_zip(web: Client, papers: Message) -> None:
    response = web.get(f"/m/{papers.key}/files/zip/")
    archive = unzipped(response)
    assert archive.namelist() == ["a.png", "b.pdf", "c.txt", "d.exe"]
    assert archive.read("b.pdf") == PDF
    assert archive.testzip() is None
    assert response.headers["Content-Disposition"] == 'attachment; filename="Papers_ all.zip"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_zip_has_no_images_of_the_text_and_no_name_twice(web: Client, account: MailAccount) -> None:
    [message] = deliver(account, message_with(("a.pdf", "application/pdf", PDF), ("A.pdf", "application/pdf", b"x")))
    assert unzipped(web.get(f"/m/{message.key}/files/zip/")).namelist() == ["a.pdf", "A (2).pdf"]


@pytest.mark.parametrize("path", ["files/", "files/zip/", "part/1/", "part/1/view/", "part/1/thumbnail/"])
def test_members_read_outsiders_get_404_and_nobody_posts(
    client: Client, papers: Message, alice: User, bob: User, charlie: User, path: str
) -> None:
    thumbnails.make(papers)
    address = f"/m/{papers.key}/{path}"
    for user, status in ((alice, 200), (bob, 200), (charlie, 404)):
        client.force_login(user)
        assert client.get(address).status_code == status
    client.force_login(alice)
    assert client.post(address).status_code == 405


def test_the_queries_do_not_grow_with_the_files(
    web: Client, account: MailAccount, woken: list[tuple[str, int]]
) -> None:
    def cost(count: int) -> int:
        octets = message_with(*((f"{number}.png", "image/png", PNG) for number in range(count)))
        [message] = deliver(account, octets)
        with CaptureQueriesContext(connection) as queries:
            web.get(f"/m/{message.key}/", headers=HTMX)
        return len(queries)

    assert cost(1) == cost(20)


# Messages inside messages


def forwarded(inner: bytes, name: str = "f") -> bytes:
    header = f"From: dana@far.test\nSubject: Fwd\nContent-Type: multipart/mixed; boundary={name}\n\n"
    parts = f"--{name}\n\nSee below.\n--{name}\nContent-Type: message/rfc822\n\n"
    return header.encode() + parts.encode() + inner + f"\n--{name}--\n".encode()


@pytest.fixture
def forward(account: MailAccount) -> Message:
    html = '<p>Half price</p><img src="https://far.test/x.png"><script>x()</script>'
    inner = message_with(("b.pdf", "application/pdf", PDF), ("c.txt", "text/plain", b"words"), html=html)
    [message] = deliver(account, forwarded(inner))
    return message


def test_a_forwarded_message_is_a_line_that_unfolds(web: Client, forward: Message) -> None:
    page = shown(web, forward)
    assert f'hx-get="/m/{forward.key}/part/1/message/"' in page
    assert "Papers: all" in page
    assert "Half price" not in page


def test_unfolded_it_has_a_head_a_frame_and_files_of_its_own(web: Client, forward: Message) -> None:
    part = web.get(f"/m/{forward.key}/part/1/message/", headers=HTMX).content.decode()
    assert "<html" not in part
    assert "Dana &lt;dana@far.test&gt;" in part
    assert f'src="/m/{forward.key}/part/1/body/"' in part
    assert 'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"' in part
    assert f'href="/m/{forward.key}/part/1.2/?inline"' in part
    assert f'href="/m/{forward.key}/part/1/files/zip/"' in part


def test_without_scripts_it_is_a_page(web: Client, forward: Message) -> None:
    page = web.get(f"/m/{forward.key}/part/1/message/").content.decode()
    assert "<html" in page
    assert f'href="/m/{forward.key}/#sheet-{forward.key}"' in page


def test_its_html_is_locked_like_any_other(web: Client, forward: Message) -> None:
    response = web.get(f"/m/{forward.key}/part/1/body/")
    page = response.content.decode()
    assert "Half price" in page
    assert "<script" not in page
    assert "far.test/x.png" not in page
    assert "script-src 'none'" in response.headers["Content-Security-Policy"]
    assert "allow-scripts" not in response.headers["Content-Security-Policy"]


def test_its_files_are_found_below_it(web: Client, forward: Message) -> None:
    assert web.get(f"/m/{forward.key}/part/1.2/").getvalue() == PDF
    assert unzipped(web.get(f"/m/{forward.key}/part/1/files/zip/")).namelist() == ["b.pdf", "c.txt"]
    assert "1 of 2" in web.get(f"/m/{forward.key}/part/1.2/view/").content.decode()


def test_messages_in_messages_unfold_down_to_a_depth(web: Client, account: MailAccount) -> None:
    octets = octets_of("Innermost")
    for number in range(6):
        octets = forwarded(octets, name=f"b{number}")
    [message] = deliver(account, octets)
    statuses = [web.get(f"/m/{message.key}/part/{'.'.join('1' * depth)}/message/").status_code for depth in range(1, 7)]
    assert statuses == [200, 200, 200, 200, 404, 404]
    deepest = web.get(f"/m/{message.key}/part/1.1.1.1/message/").content.decode()
    assert f'href="/m/{message.key}/part/1.1.1.1.1/" download' in deepest


@pytest.mark.parametrize("path", ["part/1/message/", "part/1/body/", "part/1.2/", "part/1/files/zip/"])
def test_what_is_inside_is_seen_by_those_who_see_the_outside(
    client: Client, forward: Message, bob: User, charlie: User, path: str
) -> None:
    for user, status in ((bob, 200), (charlie, 404)):
        client.force_login(user)
        assert client.get(f"/m/{forward.key}/{path}").status_code == status


def test_a_part_that_is_no_message_does_not_unfold(web: Client, papers: Message) -> None:
    assert web.get(f"/m/{papers.key}/part/1/message/").status_code == 404
    assert web.get(f"/m/{papers.key}/part/99/message/").status_code == 404
