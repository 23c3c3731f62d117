"""Large files take a place while they leave; small ones, and those that lie on the disk, hold up nobody."""

import tempfile
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client

from accounts.models import MailAccount, User
from mailbox.models import Attachment, Message
from mailbox.views import sending_files
from mailbox.views.sending_files import AT_A_TIME, Places, Sending
from tests.cast import deliver

LARGE = bytes(range(256)) * (AT_A_TIME // 256 + 1)


@pytest.fixture(autouse=True)
def free_places(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of this test's own, and few places for sending them."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(sending_files, "places", Places(at_once=3, of_one=2))


@pytest.fixture
def web(client: Client, alice: User) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def with_file(account: MailAccount, octets: bytes) -> str:
    """Deliver a message with that file; return where the file is had."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "dana@far.test", "alice@home.test", "Films"
    message.set_content("words")
    message.add_attachment(octets, maintype="application", subtype="octet-stream", filename="film.bin")
    [stored] = deliver(account, message.as_bytes())
    return f"/m/{stored.key}/part/{Attachment.objects.get(message=stored).part}/"


def test_a_large_file_comes_whole_and_says_how_long_it_is(web: Client, account: MailAccount) -> None:
    response = web.get(with_file(account, LARGE))
    assert response.headers["Content-Length"] == str(len(LARGE))
    assert response.getvalue() == LARGE


def test_who_finds_no_place_is_told_and_may_try_again(web: Client, account: MailAccount) -> None:
    address = with_file(account, LARGE)
    leaving = [web.get(address) for _number in range(2)]
    refused = web.get(address)
    assert [response.status_code for response in (*leaving, refused)] == [200, 200, 503]
    assert refused.headers["Retry-After"] == "60"
    assert "Large files are on their way already." in refused.text
    assert leaving[0].getvalue() == LARGE
    assert web.get(address).status_code == 200


def test_the_files_of_a_message_take_a_place_together(web: Client, account: MailAccount) -> None:
    with_file(account, LARGE)
    address = f"/m/{Message.objects.get().key}/files/zip/"
    leaving = [web.get(address) for _number in range(2)]
    assert [response.status_code for response in (*leaving, web.get(address))] == [200, 200, 503]


def test_small_files_take_no_place(web: Client, account: MailAccount) -> None:
    address = with_file(account, LARGE[:AT_A_TIME])
    answers = [web.get(address) for _number in range(5)]
    assert [response.status_code for response in answers] == [200] * 5
    assert [len(list(response)) for response in answers] == [1] * 5


def test_nobody_takes_all_the_places() -> None:
    places = Places(at_once=3, of_one=2)
    assert [places.take(person) for person in (1, 1, 1, 2, 2)] == [True, True, False, True, False]
    places.leave(1)
    assert [places.take(person) for person in (2, 2)] == [True, False]


def test_what_is_made_in_pieces_lies_on_the_disk_while_it_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []

    def noted(*arguments: object, **options: object) -> object:
        opened.append(options.get("dir"))
        return real(*arguments, **options)  # type: ignore[call-overload]

    real = tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", noted)
    sending = Sending.of(_pieces(), 1)
    assert sending
    assert opened == [str(tmp_path)]
    assert b"".join(sending) == LARGE
    sending.close()
    assert list(tmp_path.iterdir()) == []


def _pieces() -> Iterator[bytes]:
    for at in range(0, len(LARGE), 1000):
        yield LARGE[at : at + 1000]
