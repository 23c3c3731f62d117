"""The list of drafts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import MailAccount, User
from mailbox.models import Draft, DraftFile
from mailbox.views import drafts

HTMX = {"HX-Request": "true"}


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_lists_ones_own_drafts_the_latest_first(alice: User, bob: User, account: MailAccount) -> None:
    Draft.objects.create(writer=alice, account=account, to="Dana <dana@far.test>, erin@far.test", subject="Older")
    Draft.objects.create(writer=alice, account=account, text="Only a text")
    Draft.objects.create(writer=bob, account=account, subject="Of Bob")
    text = as_user(alice).get("/drafts/").text
    assert text.index("Only a text") < text.index("Older")
    assert "Dana, erin@far.test" in text
    assert "No recipient yet" in text
    assert "Of Bob" not in text


def test_shows_the_writer_s_own_words(alice: User, account: MailAccount) -> None:
    Draft.objects.create(
        writer=alice, account=account, text="Shall\nwe?\n\n-- \nAlice Anderson\n\nDana wrote:\n> Old words"
    )
    text = as_user(alice).get("/drafts/").text
    assert "— Shall we?" in text
    assert "Anderson" not in text
    assert "Old words" not in text


def test_says_when_there_is_none(alice: User) -> None:
    response = as_user(alice).get("/drafts/")
    assert response.status_code == 200
    assert "No drafts" in response.text


def test_costs_the_same_whatever_it_holds(alice: User, account: MailAccount) -> None:
    client = as_user(alice)
    Draft.objects.create(writer=alice, account=account)
    with CaptureQueriesContext(connection) as one:
        client.get("/drafts/")
    Draft.objects.bulk_create(Draft(writer=alice, account=account, subject=f"{n}") for n in range(50))
    with CaptureQueriesContext(connection) as many:
        client.get("/drafts/")
    assert len(many) == len(one)


def test_a_draft_opens_with_its_files(alice: User, account: MailAccount) -> None:
    draft = Draft.objects.create(writer=alice, account=account, subject="Tea", cc="erin@far.test")
    DraftFile.objects.create(draft=draft, name="plan.pdf", media_type="application/pdf", octets_count=1, octets=b"x")
    text = as_user(alice).get(reverse("draft", args=[draft.key])).text
    assert 'value="Tea"' in text
    assert "plan.pdf" in text
    assert '<details class="compose__more compose__more--cc" open' in text
    assert '<details class="compose__more" data-more>' in text


def test_discards(alice: User, account: MailAccount) -> None:
    draft = Draft.objects.create(writer=alice, account=account)
    response = as_user(alice).post(reverse("draft_discard", args=[draft.key]))
    assert response.headers["Location"] == reverse("drafts")
    assert not Draft.objects.exists()


def test_a_discarded_draft_is_brought_back_with_its_files(alice: User, account: MailAccount) -> None:
    draft = Draft.objects.create(writer=alice, account=account, subject="Tea")
    DraftFile.objects.create(draft=draft, name="f", media_type="a/b", octets_count=1, octets=b"x")
    client, url = as_user(alice), reverse("draft_bring_back", args=[draft.key])
    client.post(reverse("draft_discard", args=[draft.key]))
    assert url in client.get(reverse("drafts")).text
    assert client.post(url).headers["Location"] == reverse("draft", args=[draft.key])
    assert Draft.objects.get().files.get().octets == b"x"
    assert url not in client.get(reverse("drafts")).text
    assert client.post(url).headers["Location"] == reverse("drafts")


def test_nobody_else_brings_it_back(alice: User, bob: User, account: MailAccount) -> None:
    draft = Draft.objects.create(writer=alice, account=account)
    draft.discard()
    as_user(bob).post(reverse("draft_bring_back", args=[draft.key]))
    assert not Draft.objects.exists()


def test_what_was_discarded_is_deleted_when_nobody_will_bring_it_back(alice: User, account: MailAccount) -> None:
    Draft.objects.create(writer=alice, account=account).discard()
    Draft.prune(timezone.now() + timedelta(hours=1))
    assert Draft.with_hidden.exists()
    Draft.prune(timezone.now() + timedelta(hours=3))
    assert not Draft.with_hidden.exists()


def test_answers_htmx_with_the_list(alice: User, account: MailAccount) -> None:
    draft = Draft.objects.create(writer=alice, account=account, subject="Tea")
    Draft.objects.create(writer=alice, account=account, subject="Cake")
    text = as_user(alice).post(reverse("draft_discard", args=[draft.key]), headers=HTMX).text
    assert text.lstrip().startswith("<section")
    assert "Cake" in text
    assert "Tea" not in text
    assert reverse("draft_bring_back", args=[draft.key]) in text


def test_nobody_else_discards_it(alice: User, bob: User, charlie: User, account: MailAccount) -> None:
    draft = Draft.objects.create(writer=alice, account=account)
    for other in (bob, charlie):
        assert as_user(other).post(reverse("draft_discard", args=[draft.key])).status_code == 404
    assert Draft.objects.exists()


def test_looking_discards_nothing(alice: User, account: MailAccount) -> None:
    draft = Draft.objects.create(writer=alice, account=account)
    client = as_user(alice)
    assert client.get(reverse("draft_discard", args=[draft.key])).status_code == 405
    assert client.post("/drafts/").status_code == 405
    assert Draft.objects.exists()


def test_older_drafts_follow_on_pages_of_their_own(
    alice: User, account: MailAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "_LINES", 2)
    for subject in ("First", "Second", "Third"):
        Draft.objects.create(writer=alice, account=account, subject=subject)
    Draft.objects.update(updated_at=Draft.objects.get(subject="First").updated_at)
    client = as_user(alice)
    page = client.get("/drafts/")
    assert [draft.subject for draft, *_ in page.context["lines"]] == ["Third", "Second"]
    rest = client.get("/drafts/", {"after": page.context["last"].key})
    assert [draft.subject for draft, *_ in rest.context["lines"]] == ["First"]
    assert rest.context["last"] is None


def test_a_place_that_is_gone_shows_the_first_page(alice: User, bob: User, account: MailAccount) -> None:
    Draft.objects.create(writer=alice, account=account, subject="Mine")
    other = Draft.objects.create(writer=bob, account=account, subject="Of Bob")
    for key in ("gone", other.key):
        assert "Mine" in as_user(alice).get("/drafts/", {"after": key}).text


def test_shows_who_what_when_and_that_files_go_along(alice: User, account: MailAccount) -> None:
    draft = Draft.objects.create(writer=alice, account=account, to="bob@far.test", subject="Tea", text="Shall we?")
    DraftFile.objects.create(draft=draft, name="plan.pdf", media_type="application/pdf", octets_count=1, octets=b"x")
    text = as_user(alice).get("/drafts/").text.partition("data-drafts")[2]
    for words in ("bob@far.test", "Tea", "Shall we?", "With files", "draft__time", "Discard"):
        assert words in text
