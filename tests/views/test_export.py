"""The page on which a person takes his mail with him."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox.models import Export, Label
from mailbox.models.export import KEPT, MOST
from mailbox.transfer import packing
from mailbox.views import sending_files
from mailbox.views.sending_files import Places, Sending
from tests.cast import deliver, octets_of

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def files(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of this test's own, and all places for sending them free."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(sending_files, "places", Places(at_once=2))
    monkeypatch.setattr(sending_files, "AT_A_TIME", 10)


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture
def ready(alice: User, account: MailAccount) -> Export:
    deliver(account, octets_of("Boats"))
    export = packing.begin(alice)
    packing.pack(export)
    return export


def test_offers_all_each_account_and_each_label_of_the_reader(web: Client, alice: User, bob: User) -> None:
    Label.objects.create(owner=alice, name="Sea")
    Label.objects.create(owner=bob, name="Bob's")
    MailAccount.objects.create(owner=bob, name="Own", address="bob@home.test")
    page = web.get("/settings/export/").content.decode()
    assert "All mail of your accounts" in page
    assert ">alice@home.test</option>" in page
    assert ">Sea</option>" in page
    assert "bob@home.test" not in page
    assert "Bob&#x27;s" not in page


def test_what_is_chosen_is_packed_by_a_worker(
    web: Client, account: MailAccount, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
) -> None:
    woken: list[tuple[str, int]] = []
    monkeypatch.setattr(packing, "wake", lambda *call: woken.append(call))
    form = {"what": f"account-{account.key}", "form": "eml"}
    assert web.post("/settings/export/", form).headers["Location"] == "/settings/export/"
    export = Export.objects.get()
    assert (export.account, export.form, export.is_under_way) == (account, "eml", True)
    assert woken == [("pack", export.pk)]
    assert 'hx-trigger="every 2s"' in web.get("/settings/export/", headers=HTMX).content.decode()


@pytest.mark.parametrize("form", [{"what": "account-x", "form": "mbox"}, {"what": "all", "form": "exe"}, {}])
def test_what_is_not_offered_is_refused(web: Client, form: dict[str, str]) -> None:
    assert web.post("/settings/export/", form).status_code == 422
    assert not Export.objects.exists()


def test_an_account_that_is_shared_with_one_cannot_be_chosen(client: Client, bob: User, account: MailAccount) -> None:
    client.force_login(bob)
    assert client.post("/settings/export/", {"what": f"account-{account.key}", "form": "mbox"}).status_code == 422


def test_there_are_only_so_many_at_once(web: Client, alice: User) -> None:
    for _number in range(MOST):
        packing.begin(alice)
    page = web.post("/settings/export/", {"what": "all", "form": "mbox"}, follow=True).content.decode()
    assert "Delete one of your downloads first" in page
    assert Export.objects.count() == MOST


def test_the_file_is_sent_to_be_saved_and_kept_by_no_cache(web: Client, ready: Export) -> None:
    page = web.get("/settings/export/").content.decode()
    assert f'href="/settings/export/{ready.key}/file/"' in page
    assert "hx-trigger" not in page.partition('id="exports"')[2].partition("</section>")[0]
    response = web.get(f"/settings/export/{ready.key}/file/")
    octets = response.getvalue()
    assert zipfile.ZipFile(io.BytesIO(octets)).namelist() == ["alice@home.test/inbox.mbox"]
    assert response.headers["Content-Type"] == "application/zip"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{ready.name}"'
    assert response.headers["Content-Length"] == str(len(octets))
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["bob", "charlie"])
def test_nobody_else_sees_loads_or_deletes_it(
    client: Client, ready: Export, name: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(name))
    assert client.get(f"/settings/export/{ready.key}/file/").status_code == 404
    assert client.post(f"/settings/export/{ready.key}/delete/").status_code == 404
    assert ready.key not in client.get("/settings/export/").content.decode()
    assert ready.path.exists()


def test_after_its_day_it_is_gone_also_before_it_is_deleted(web: Client, ready: Export) -> None:
    Export.objects.update(ready_at=timezone.now() - KEPT - timedelta(seconds=1))
    assert web.get(f"/settings/export/{ready.key}/file/").status_code == 404
    assert ready.key not in web.get("/settings/export/").content.decode()


def test_one_whose_file_is_lost_is_404(web: Client, ready: Export) -> None:
    ready.path.unlink()
    assert web.get(f"/settings/export/{ready.key}/file/").status_code == 404


def test_one_that_is_not_ready_is_404(web: Client, alice: User) -> None:
    export = packing.begin(alice)
    assert web.get(f"/settings/export/{export.key}/file/").status_code == 404


def test_is_deleted_with_its_file(web: Client, ready: Export) -> None:
    assert web.get(f"/settings/export/{ready.key}/delete/").status_code == 405
    page = web.post(f"/settings/export/{ready.key}/delete/", headers=HTMX).content.decode()
    assert ready.key not in page
    assert not ready.path.exists()
    assert not Export.objects.exists()


def test_one_that_failed_says_so_with_the_systems_words(web: Client, ready: Export) -> None:
    Export.objects.update(state="failed", problem="No space left on device")
    page = web.get("/settings/export/").content.decode()
    assert "It could not be made." in page
    assert "No space left on device" in page


def test_only_some_are_sent_at_once_so_that_the_server_goes_on_answering(web: Client, ready: Export) -> None:
    url = f"/settings/export/{ready.key}/file/"
    assert [web.get(url).status_code for _number in range(2)] == [200, 200]
    assert web.get(url).headers["Location"] == "/settings/export/"
    assert "Large files are on their way already" in web.get("/settings/export/").content.decode()


def test_a_file_that_was_sent_or_given_up_leaves_its_place_once(ready: Export) -> None:
    sent = [Sending.begin(ready.path.open("rb"), 1) for _number in range(2)]
    assert Sending.begin(ready.path.open("rb"), 1) is None
    assert sent[0]
    sent[0].close()
    sent[0].close()
    again = Sending.begin(ready.path.open("rb"), 1)
    assert again
    assert Sending.begin(ready.path.open("rb"), 1) is None
    assert b"".join(again) == ready.path.read_bytes()


def test_signed_out_nothing_is_told(client: Client, ready: Export) -> None:
    assert client.get(f"/settings/export/{ready.key}/file/").status_code == 302


def test_the_settings_lead_to_security_and_export(web: Client) -> None:
    page = web.get("/settings/").content.decode()
    for place in ("accounts", "identities", "appearance", "keyboard", "notifications", "labels", "security", "export"):
        assert f'/{place}/"' in page
    assert 'href="/account/password/change/"' in web.get("/settings/security/").content.decode()
    assert 'id="sidebar"' in web.get("/account/password/change/").content.decode()
