"""The composer with formatting, from the outside."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from mailbox.models import Draft

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
KEY = "k" * 16
pytestmark = pytest.mark.usefixtures("submission_server")


@pytest.fixture
def typed(account) -> dict[str, str]:
    return {"key": KEY, "account": account.key, "to": "bob@home.test", "subject": "Lunch", "is_rich": "yes"}


def test_a_new_message_is_rich_where_its_writer_likes_that(client, alice):
    client.force_login(alice)

    assert 'role="textbox"' in client.get("/compose/").text
    alice.writes_rich = False
    alice.save()
    assert 'role="textbox"' not in client.get("/compose/").text


def test_what_is_typed_is_kept_clean(client, alice, typed):
    client.force_login(alice)
    client.post("/compose/", {**typed, "html": "<b onclick=x>Hi</b>", "do": "save"})

    draft = Draft.objects.get()
    assert (draft.html, draft.text, draft.is_rich) == ("<b>Hi</b>", "Hi\n", True)


def test_switching_shows_the_other_kind(client, alice, typed):
    client.force_login(alice)
    client.post("/compose/", {**typed, "html": "<b>Hi</b>", "do": "plain"})
    page = client.get(f"/compose/{KEY}/")
    assert 'role="textbox"' not in page.text
    assert "Hi" in page.text

    client.post("/compose/", {**typed, "is_rich": "", "text": "Hi", "do": "rich"})
    assert Draft.objects.get().html == "<div>Hi</div>"


def test_a_picture_is_kept_and_shown_to_its_writer_alone(client, alice, bob, charlie, typed):
    client.force_login(alice)
    picture = SimpleUploadedFile("map.png", PNG, "image/png")
    answer = client.post("/compose/", {**typed, "html": "", "do": "embed", "pictures": picture})
    file = Draft.objects.get().files.get()
    url = reverse("draft_picture", args=[KEY, file.key])

    assert f'<img src="{url}" alt="map.png">' in answer.text
    shown = client.get(url)
    assert (b"".join(shown.streaming_content), shown["Content-Type"]) == (PNG, "image/png")
    assert "sandbox" in shown["Content-Security-Policy"]
    assert client.post(url).status_code == 405
    for other in (bob, charlie):
        client.force_login(other)
        assert client.get(url).status_code == 404


def test_an_attached_file_is_no_picture(client, alice, typed):
    client.force_login(alice)
    file = SimpleUploadedFile("a.html", b"<script>alert(1)</script>", "text/html")
    client.post("/compose/", {**typed, "html": "", "do": "attach", "files": file})

    assert client.get(reverse("draft_picture", args=[KEY, Draft.objects.get().files.get().key])).status_code == 404


def test_what_is_no_picture_is_said_and_not_kept(client, alice, typed):
    client.force_login(alice)
    file = SimpleUploadedFile("a.png", b"<script>alert(1)</script>", "image/png")
    answer = client.post("/compose/", {**typed, "html": "", "do": "embed", "pictures": file})

    assert "is no picture" in answer.text
    assert not Draft.objects.get().files.exists()


def test_nothing_typed_is_lost_where_no_account_can_send(client, charlie, typed):
    client.force_login(charlie)
    answer = client.post("/compose/", {**typed, "html": "<b>Long words</b>", "do": "save"})

    assert "&lt;b&gt;Long words&lt;/b&gt;" in answer.text
