"""One draft in two tabs: the newer text stays, the older one is kept beside it, and nobody's text changes hands."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import MailAccount, SubmissionServer, User
from mailbox.models import Draft, DraftFile, Outgoing
from mailbox.tabs import twin_key
from mailbox.views.keeping import UNSAVED, writer_lock, writer_mark

KEY = "abcdefghijklmnop"
FIRST, SECOND = "f" * 16, "s" * 16
URL = "/compose/"
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/compose/"}


def typed(account: MailAccount, do: str, text: str, *, tab: str = FIRST, **fields: Any) -> dict[str, Any]:
    """The form as the script or the browser posts it from one of two tabs."""
    form = {"key": KEY, "kind": "new", "account": account.key, "to": "bob@far.test", "cc": "", "bcc": "", "count": "1"}
    return form | {"subject": "Tea", "text": text, "do": do, "tab": tab, "revision": "0"} | fields


def second_draft() -> Draft:
    return Draft.objects.get(key=twin_key(KEY, SECOND))


@pytest.fixture
def overtaken(web: Client, account: MailAccount) -> Client:
    """Alice's browser after both tabs began with revision 1 and the first one saved revision 2."""
    web.post(URL, typed(account, "save", "One"))
    web.post(URL, typed(account, "save", "Newer", revision="1", count="2"))
    return web


# The newer text stays -------------------------------------------------------------------------------------------------


def test_the_form_names_the_revision_that_it_shows(web: Client, account: MailAccount) -> None:
    web.post(URL, typed(account, "save", "One"))
    text = web.get(reverse("draft", args=[KEY])).text
    assert 'name="revision" value="1"' in text


def test_a_stale_tab_overwrites_nothing_and_its_text_is_a_second_draft(overtaken: Client, account: MailAccount) -> None:
    response = overtaken.post(URL, typed(account, "autosave", "Older", tab=SECOND, revision="1"), headers=HTMX)
    assert Draft.objects.get(key=KEY).text == "Newer"
    assert (second_draft().text, second_draft().twin_of) == ("Older", Draft.objects.get(key=KEY))
    assert "This is a second draft." in response.text
    assert f'name="key" value="{second_draft().key}"' in response.text
    assert response.headers["HX-Replace-Url"] == reverse("draft", args=[second_draft().key])


def test_the_second_draft_says_so_whenever_it_is_opened(overtaken: Client, account: MailAccount) -> None:
    response = overtaken.post(URL, typed(account, "save", "Older", tab=SECOND, revision="1"))
    assert response.headers["Location"] == reverse("draft", args=[second_draft().key])
    text = overtaken.get(response.headers["Location"]).text
    assert "This is a second draft." in text
    assert reverse("draft", args=[KEY]) in text
    assert "Second draft" in overtaken.get("/drafts/").text


def test_a_tab_whose_answer_was_lost_goes_on_with_its_second_draft(overtaken: Client, account: MailAccount) -> None:
    overtaken.post(URL, typed(account, "autosave", "Older", tab=SECOND, revision="1"), headers=HTMX)
    overtaken.post(URL, typed(account, "autosave", "Older still", tab=SECOND, revision="1", count="2"), headers=HTMX)
    assert Draft.objects.count() == 2
    assert second_draft().text == "Older still"


def test_the_second_draft_has_the_files_of_the_first(web: Client, account: MailAccount) -> None:
    web.post(URL, typed(account, "attach", "One", files=SimpleUploadedFile("plan.txt", b"a plan")))
    first = DraftFile.objects.get()
    stale = typed(account, "attach", "Older", tab=SECOND, revision="0")
    web.post(URL, stale)
    assert [each.content() for each in second_draft().files.all()] == [b"a plan"]
    web.post(URL, stale | {"remove": first.key, "count": "2"})
    assert not second_draft().files.exists()
    assert DraftFile.objects.get() == first


def test_the_same_text_makes_no_second_draft(overtaken: Client, account: MailAccount) -> None:
    overtaken.post(URL, typed(account, "save", "Newer", tab=SECOND, revision="1"))
    assert Draft.objects.count() == 1


def test_a_tab_whose_answer_was_lost_is_not_stale(overtaken: Client, account: MailAccount) -> None:
    overtaken.post(URL, typed(account, "autosave", "Newest", revision="1", count="3"), headers=HTMX)
    assert Draft.objects.get().text == "Newest"


def test_a_request_that_was_overtaken_by_a_later_one_changes_nothing(overtaken: Client, account: MailAccount) -> None:
    overtaken.post(URL, typed(account, "autosave", "One and", revision="1", count="1"), headers=HTMX)
    assert Draft.objects.get().text == "Newer"


def test_a_form_without_a_stamp_is_taken_as_it_is(overtaken: Client, account: MailAccount) -> None:
    form = typed(account, "save", "From a script")
    for name in ("tab", "count", "revision"):
        del form[name]
    overtaken.post(URL, form)
    assert Draft.objects.get().text == "From a script"


@pytest.mark.parametrize("stamp", [{"revision": "x"}, {"revision": "9" * 30, "tab": "<b>"}, {"tab": "x" * 5000}])
def test_a_stamp_of_nonsense_costs_no_text(web: Client, account: MailAccount, stamp: dict[str, str]) -> None:
    web.post(URL, typed(account, "save", "Kept") | stamp)
    assert Draft.objects.get().text == "Kept"


# Sending and discarding -----------------------------------------------------------------------------------------------


def test_a_stale_tab_sends_nothing_unseen(overtaken: Client, account: MailAccount) -> None:
    response = overtaken.post(URL, typed(account, "send", "Older", tab=SECOND, revision="1"))
    assert response.status_code == 422
    assert "changed in another tab or window meanwhile" in response.text
    assert not Outgoing.objects.exists()
    assert second_draft().text == "Older"


def test_a_stale_tab_sends_after_it_was_looked_at(overtaken: Client, account: MailAccount) -> None:
    overtaken.post(URL, typed(account, "send", "Older", tab=SECOND, revision="1"))
    key = second_draft().key
    overtaken.post(URL, typed(account, "send", "Older", tab=SECOND, key=key, revision="1", count="2"))
    assert Outgoing.objects.get().key == key
    assert Draft.objects.get().text == "Newer"


def test_a_file_from_another_tab_is_not_sent_unseen(web: Client, account: MailAccount) -> None:
    web.post(URL, typed(account, "save", "One"))
    web.post(URL, typed(account, "attach", "One", revision="1", files=SimpleUploadedFile("plan.txt", b"a plan")))
    response = web.post(URL, typed(account, "send", "One", tab=SECOND, revision="1"))
    assert response.status_code == 422
    assert "plan.txt" in response.text
    assert not Outgoing.objects.exists()


def test_discarding_a_stale_tab_spares_the_newer_text(overtaken: Client, account: MailAccount) -> None:
    overtaken.post(URL, typed(account, "discard", "Older", tab=SECOND, revision="1"))
    assert Draft.objects.get().text == "Newer"


def test_a_second_draft_stays_when_the_first_is_discarded(overtaken: Client, account: MailAccount) -> None:
    overtaken.post(URL, typed(account, "save", "Older", tab=SECOND, revision="1"))
    overtaken.post(reverse("draft_discard", args=[KEY]))
    assert second_draft().text == "Older"
    assert "This is a second draft." not in overtaken.get(reverse("draft", args=[second_draft().key])).text


def test_what_was_sent_in_another_tab_tells_the_script(overtaken: Client, account: MailAccount) -> None:
    overtaken.post(URL, typed(account, "send", "Newer", revision="2", count="3"))
    response = overtaken.post(URL, typed(account, "save", "More", tab=SECOND, revision="1"), headers=HTMX)
    assert response.headers[UNSAVED] == "1"


def test_a_writer_without_an_account_is_not_told_that_it_is_saved(web: Client, account: MailAccount) -> None:
    SubmissionServer.objects.all().delete()
    response = web.post(URL, typed(account, "save", "A long letter."), headers=HTMX)
    assert "A long letter." in response.text
    assert response.headers[UNSAVED] == "1"


# Whose text it is -----------------------------------------------------------------------------------------------------


def test_the_text_of_one_person_is_not_stored_under_another(
    web: Client, account: MailAccount, alice: User, bob: User
) -> None:
    response = web.post(URL, typed(account, "autosave", "Of Bob", writer=writer_mark(bob)), headers=HTMX)
    assert response.status_code == 409
    assert "belongs to another person" in response.text
    assert not Draft.objects.exists()
    web.post(URL, typed(account, "save", "Of Alice", writer=writer_mark(alice)))
    assert Draft.objects.get().text == "Of Alice"


def test_each_person_has_a_lock_of_his_own_in_every_session(web: Client, alice: User, bob: User) -> None:
    assert writer_lock(alice) != writer_lock(bob)
    assert f'data-lock="{writer_lock(alice)}"' in web.get(URL).text
    assert writer_lock(bob) not in web.get(URL).text


def test_a_page_that_holds_a_lock_stays_in_no_cache(web: Client, account: MailAccount) -> None:
    assert "no-store" in web.get(URL).headers["Cache-Control"]


def test_tells_the_writer_alone_what_is_saved(
    overtaken: Client, account: MailAccount, bob: User, charlie: User
) -> None:
    url = reverse("draft_stamp", args=[KEY])
    assert overtaken.get(url).json() == {"revision": 2, "saved_by": FIRST, "saved_count": 2}
    assert overtaken.post(url).status_code == 405
    for other in (bob, charlie):
        visitor = Client()
        visitor.force_login(other)
        assert visitor.get(url).json() == {}
