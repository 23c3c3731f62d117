"""The page of imports: a file is written where the worker finds it, for the owner of the account alone."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import MailAccount
from mailbox.models import MailImport
from mailbox.views import take_in

MBOX = b"From x Mon Nov  3 09:14:00 2025\nSubject: <b>one</b>\n\nHello\n"


@pytest.fixture
def woken(monkeypatch) -> list[tuple[str, int]]:
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(take_in, "wake", lambda name, pk: asked.append((name, pk)))
    return asked


@pytest.fixture
def web(client: Client, alice) -> Client:
    client.force_login(alice)
    return client


def upload(name: str = "All <mail>.mbox", octets: bytes = MBOX) -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile(name, octets)}


def page(account: MailAccount) -> str:
    return f"/accounts/{account.key}/import/"


def test_a_file_waits_for_the_worker_octet_for_octet(web, account, woken):
    assert web.post(page(account), upload()).status_code == 302
    row = MailImport.objects.get()
    assert row.path.read_bytes() == MBOX
    assert row.path.stat().st_mode & 0o777 == 0o600
    assert (row.file_name, row.octets_count) == ("All <mail>.mbox", len(MBOX))
    assert woken == [("take_in", row.pk)]
    shown = web.get(page(account)).content.decode()
    assert "All &lt;mail&gt;.mbox" in shown
    assert 'hx-trigger="every 2s"' in shown
    row.delete()


def test_htmx_gets_how_far_it_is(web, account, woken):
    MailImport.objects.create(account=account, file_name="x", octets_count=9, state="done", found_count=3, new_count=1)
    part = web.get(page(account), headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<section id="imports"')
    assert "3 messages read" in part
    assert "2 were here already" in part
    assert "every 2s" not in part


@pytest.mark.parametrize("files", [{}, upload(octets=b"")])
def test_no_file_is_no_import(web, account, woken, files):
    assert "Choose a file first." in web.post(page(account), files, follow=True).content.decode()
    assert not MailImport.objects.exists()
    assert list(MailImport.folder().iterdir()) == []


def test_a_file_over_the_limit_is_not_kept(web, account, woken, settings):
    settings.IMPORT_OCTETS_LIMIT = 20
    assert "too large" in web.post(page(account), upload(), follow=True).content.decode()
    assert not MailImport.objects.exists()
    assert list(MailImport.folder().iterdir()) == []


def test_an_import_is_stopped_by_its_owner(web, account):
    row = MailImport.objects.create(account=account, file_name="x", octets_count=9)
    assert web.post(f"{page(account)}{row.key}/stop/").status_code == 302
    row.refresh_from_db()
    assert row.state == "stopped"


@pytest.mark.parametrize("person", ["bob", "charlie"])
def test_members_and_outsiders_import_nothing(client, account, woken, request, person):
    row = MailImport.objects.create(account=account, file_name="x", octets_count=9)
    client.force_login(request.getfixturevalue(person))
    assert client.get(page(account)).status_code == 404
    assert client.post(page(account), upload()).status_code == 404
    assert client.post(f"{page(account)}{row.key}/stop/").status_code == 404
    assert list(MailImport.folder().iterdir()) == []


def test_an_upload_needs_the_token(account, alice, woken):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post(page(account), upload()).status_code == 403
    assert not MailImport.objects.exists()


def test_refuses_another_verb(web, account):
    assert web.put(page(account)).status_code == 405
    assert web.get(f"{page(account)}x/stop/").status_code == 405
