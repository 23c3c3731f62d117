"""The composer: nothing typed is lost, nothing is sent twice, and every error says what to do next."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Identity, MailAccount, Membership, SubmissionServer, User
from mailbox import outbox
from mailbox.mime.parse import parse
from mailbox.models import Draft, DraftFile, Folder, Message, Outgoing, Recipient
from tests.cast import deliver, octets_of

KEY = "abcdefghijklmnop"
URL = "/compose/"
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/compose/"}


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The tasks that were woken; there is no broker in these tests."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(outbox, "wake", lambda *call: calls.append(call))
    return calls


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount, submission_server: SubmissionServer) -> Client:
    """Alice's browser; what she sends leaves at once."""
    User.objects.update(undo_seconds=0)
    client.force_login(alice)
    return client


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def typed(account: MailAccount, do: str = "send", **fields: Any) -> dict[str, Any]:
    """The form as it comes from a browser."""
    form = {"key": KEY, "kind": "new", "account": account.key, "to": "bob@far.test", "cc": "", "bcc": ""}
    return form | {"subject": "Tea", "text": "Shall we?", "do": do} | fields


def file(name: str = "plan.txt", octets: bytes = b"a plan", media_type: str = "text/plain") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, octets, media_type)


# Looking changes nothing ----------------------------------------------------------------------------------------------


def test_shows_an_empty_sheet_and_stores_nothing(web: Client) -> None:
    response = web.get(URL, {"to": "bob@far.test"})
    assert response.status_code == 200
    assert response.context["draft"].to == "bob@far.test"
    assert not Draft.objects.exists()


def test_an_address_from_a_link_stays_on_its_line(web: Client) -> None:
    response = web.get(URL, {"to": "bob@far.test\r\nBcc: eve@far.test\0"})
    assert response.context["draft"].to == "bob@far.test Bcc: eve@far.test"


@pytest.mark.parametrize(
    ("name", "kind", "to"), [("reply", "reply", "Dana"), ("reply-all", "reply-all", "Dana"), ("forward", "forward", "")]
)
def test_prepares_an_answer_and_stores_nothing(
    web: Client, account: MailAccount, name: str, kind: str, to: str
) -> None:
    message = deliver(account, octets_of())[0]
    draft = web.get(URL, {name: message.key}).context["draft"]
    assert (draft.kind, draft.parent) == (kind, message)
    assert to in draft.to
    assert not Draft.objects.exists()


def test_an_outsider_cannot_answer_what_he_may_not_read(
    account: MailAccount, charlie: User, submission_server: SubmissionServer
) -> None:
    message = deliver(account, octets_of())[0]
    for name in ("reply", "reply-all", "forward"):
        assert as_user(charlie).get(URL, {name: message.key}).status_code == 404


def test_hands_out_another_key_each_time(web: Client) -> None:
    assert web.get(URL).context["draft"].key != web.get(URL).context["draft"].key


def test_says_what_to_do_where_no_account_can_send(client: Client, bob: User, account: MailAccount) -> None:
    client.force_login(bob)
    response = client.get(URL)
    assert response.status_code == 200
    assert "No account can send yet" in response.text


def test_offers_only_accounts_that_can_send(web: Client, alice: User, account: MailAccount) -> None:
    MailAccount.objects.create(owner=alice, name="Mute", address="mute@home.test")
    text = web.get(URL).text
    assert f'value="{account.key}" selected>Alice &lt;alice@home.test&gt;</option>' in text
    assert "mute@home.test" not in text.partition("<select")[2].partition("</select>")[0]


def test_asks_strangers_to_sign_in(client: Client) -> None:
    assert client.get(URL).status_code == 302
    assert client.post(URL, {"do": "send"}).status_code == 302


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_knows_no_other_verbs(web: Client, alice: User, account: MailAccount, method: str) -> None:
    draft = Draft.objects.create(writer=alice, account=account)
    assert getattr(web, method)(URL).status_code == 405
    assert getattr(web, method)(reverse("draft", args=[draft.key])).status_code == 405


def test_needs_the_csrf_token(alice: User, account: MailAccount, submission_server: SubmissionServer) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(URL, typed(account)).status_code == 403
    assert not Draft.objects.exists()
    assert not Outgoing.objects.exists()


# Storing --------------------------------------------------------------------------------------------------------------


def test_saves_what_was_typed(web: Client, alice: User, account: MailAccount) -> None:
    response = web.post(URL, typed(account, "save", cc="erin@far.test", text="one\r\ntwo"))
    draft = Draft.objects.get()
    assert response.status_code == 302
    assert response.headers["Location"] == reverse("draft", args=[KEY])
    assert (draft.key, draft.writer, draft.account) == (KEY, alice, account)
    assert (draft.to, draft.cc, draft.subject, draft.text) == ("bob@far.test", "erin@far.test", "Tea", "one\ntwo")
    assert "Saved" in web.get(response.headers["Location"]).text


def test_saving_again_changes_the_same_draft(web: Client, account: MailAccount) -> None:
    web.post(URL, typed(account, "save"))
    web.post(URL, typed(account, "save", text="No."))
    web.post(reverse("draft", args=[KEY]), typed(account, "save", text="Yes."))
    assert Draft.objects.get().text == "Yes."


def test_saves_what_no_message_can_carry(web: Client, account: MailAccount) -> None:
    web.post(URL, typed(account, "save", to="not an address,,", subject="a\r\nb", text="NUL \0 here"))
    draft = Draft.objects.get()
    assert (draft.to, draft.subject, draft.text) == ("not an address,,", "a\nb", "NUL  here")


def test_a_key_that_is_none_is_replaced(web: Client, account: MailAccount) -> None:
    web.post(URL, typed(account, "save", key="../../etc/passwd"))
    assert len(Draft.objects.get().key) == 16


def test_saves_quietly_while_one_types(web: Client, account: MailAccount) -> None:
    response = web.post(URL, typed(account, "autosave"), headers=HTMX)
    assert "Saved" in response.text
    assert "<form" not in response.text
    assert response.headers["HX-Replace-Url"] == reverse("draft", args=[KEY])
    assert Draft.objects.get().text == "Shall we?"


def test_leaves_the_address_alone_inside_another_screen(web: Client, account: MailAccount) -> None:
    headers = HTMX | {"HX-Current-URL": "http://testserver/m/abc/"}
    response = web.post(URL, typed(account, "autosave"), headers=headers)
    assert "HX-Replace-Url" not in response.headers


def test_a_discarded_draft_that_is_still_open_elsewhere_is_made_again(web: Client, account: MailAccount) -> None:
    web.post(URL, typed(account, "discard"))
    web.post(URL, typed(account, "autosave"), headers=HTMX)
    assert Draft.objects.get().text == "Shall we?"
    assert Draft.with_hidden.count() == 1


def test_discards(web: Client, account: MailAccount) -> None:
    web.post(URL, typed(account, "save", files=file()))
    response = web.post(URL, typed(account, "discard"))
    assert response.headers["Location"] == reverse("inbox")
    assert not Draft.objects.exists()


def test_an_answer_remembers_its_parent(web: Client, account: MailAccount) -> None:
    message = deliver(account, octets_of())[0]
    web.post(URL, typed(account, "save", kind="reply", parent=message.key))
    assert (Draft.objects.get().kind, Draft.objects.get().parent) == ("reply", message)


def test_a_message_of_others_gives_nothing_away(
    alice: User, account: MailAccount, charlie: User, submission_server: SubmissionServer
) -> None:
    own = MailAccount.objects.create(owner=charlie, name="C", address="charlie@home.test")
    SubmissionServer.objects.create(account=own, host="127.0.0.1", port=9, security="none")
    message = deliver(account, octets_of().replace(b"text/plain", b"application/pdf"))[0]
    as_user(charlie).post(URL, typed(own, "save", kind="forward", parent=message.key))
    draft = Draft.objects.get()
    assert (draft.writer, draft.parent, draft.files.count()) == (charlie, None, 0)


def test_a_parent_deleted_meanwhile_costs_no_text(web: Client, account: MailAccount) -> None:
    web.post(URL, typed(account, "save", kind="reply", parent="gonegonegonegone"))
    assert Draft.objects.get().text == "Shall we?"


# Drafts are their writer's alone --------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", ["bob", "charlie"])
def test_a_draft_is_its_writers_alone(
    web: Client, account: MailAccount, other: str, request: pytest.FixtureRequest
) -> None:
    web.post(URL, typed(account, "save"))
    Membership.objects.update(role=Membership.Role.SEND)
    visitor = as_user(request.getfixturevalue(other))
    assert visitor.get(reverse("draft", args=[KEY])).status_code == 404
    for url in (URL, reverse("draft", args=[KEY])):
        assert visitor.post(url, typed(account, text="Mine now.")).status_code == 404
    assert Draft.objects.get().text == "Shall we?"


def test_a_draft_that_is_gone_is_not_found(web: Client) -> None:
    assert web.get(reverse("draft", args=[KEY])).status_code == 404


# Files ----------------------------------------------------------------------------------------------------------------


def test_attaches_whichever_button_was_pressed(web: Client, account: MailAccount) -> None:
    web.post(URL, typed(account, "attach", files=[file(), file("photo.jpg", b"\xff\xd8", "image/jpeg")]))
    web.post(URL, typed(account, "save", files=file("late.bin", b"x", "nonsense")))
    found = [(each.name, each.media_type, bytes(each.octets)) for each in Draft.objects.get().files.all()]
    assert found == [
        ("plan.txt", "text/plain", b"a plan"),
        ("photo.jpg", "image/jpeg", b"\xff\xd8"),
        ("late.bin", "application/octet-stream", b"x"),
    ]


@pytest.mark.parametrize("media_type", ["multipart/mixed", "message/rfc822", "text/html; charset=utf-8", "a b/c"])
def test_a_type_that_no_attachment_can_have_is_replaced(web: Client, account: MailAccount, media_type: str) -> None:
    web.post(URL, typed(account, "attach", files=file(media_type=media_type)))
    assert DraftFile.objects.get().media_type in ("application/octet-stream", "text/html")


def test_a_file_name_cannot_mislead(web: Client, account: MailAccount) -> None:
    web.post(URL, typed(account, "attach", files=file("in\u202evoice\u200b.txt")))
    assert DraftFile.objects.get().name.isascii()


def test_removes_a_file_and_keeps_the_text(web: Client, account: MailAccount) -> None:
    web.post(URL, typed(account, "attach", files=[file("a.txt"), file("b.txt")]))
    gone = DraftFile.objects.get(name="a.txt")
    web.post(URL, {**typed(account, "", text="Still here."), "remove": gone.key})
    assert [each.name for each in DraftFile.objects.all()] == ["b.txt"]
    assert Draft.objects.get().text == "Still here."


def test_nobody_removes_files_of_others(web: Client, account: MailAccount, alice: User) -> None:
    other = Draft.objects.create(writer=alice, account=account)
    kept = DraftFile.objects.create(draft=other, name="x", media_type="text/plain", octets_count=1, octets=b"x")
    web.post(URL, typed(account, "", remove=kept.key))
    assert DraftFile.objects.filter(pk=kept.pk).exists()


def test_a_file_over_the_limit_is_refused_and_the_text_kept(
    web: Client, account: MailAccount, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ATTACHMENT_OCTETS_LIMIT = 200_000
    response = web.post(URL, typed(account, files=[file("film.mov", b"x" * 300_000), file()]))
    assert response.status_code == 422
    assert "“film.mov” is 293.0\xa0KB" in response.text
    assert "it was not attached" in response.text
    assert Draft.objects.get().text == "Shall we?"
    assert [each.name for each in DraftFile.objects.all()] == ["plan.txt"]
    assert not Outgoing.objects.exists()


def test_an_oversized_upload_is_counted_and_not_kept(web: Client, account: MailAccount, settings: Any) -> None:
    from mailbox.uploads import Oversize, SizeGuard

    settings.ATTACHMENT_OCTETS_LIMIT = 100
    guard = SizeGuard()
    guard.new_file("files", "film.mov", "video/quicktime", None)
    passed = [guard.receive_data_chunk(b"x" * 60, start) for start in (0, 60, 120)]
    assert passed == [b"x" * 60, None, None]
    refused = guard.file_complete(180)
    assert isinstance(refused, Oversize)
    assert (refused.size, refused.read()) == (180, b"")


def test_files_that_are_too_large_together_are_refused(web: Client, account: MailAccount, settings: Any) -> None:
    settings.MESSAGE_OCTETS_LIMIT = 3_000
    response = web.post(URL, typed(account, "attach", files=[file("a", b"x" * 1_500), file("b", b"x" * 1_200)]))
    assert response.status_code == 422
    assert "“b” was not attached" in response.text
    assert [each.name for each in DraftFile.objects.all()] == ["a"]


def test_a_forward_takes_the_files_along_until_they_are_removed(web: Client, account: MailAccount) -> None:
    octets = octets_of(text="").replace(
        b"Content-Type: text/plain; charset=utf-8", b'Content-Type: application/pdf; name="plan.pdf"'
    )
    message = deliver(account, octets)[0]
    context = web.get(URL, {"forward": message.key}).context
    assert [each.name for each in context["files"]] == ["plan.pdf"]
    form = typed(account, "save", kind="forward", parent=message.key, key=context["draft"].key)
    web.post(URL, form)
    assert DraftFile.objects.get().name == "plan.pdf"
    web.post(URL, form | {"remove": context["files"][0].key})
    assert not DraftFile.objects.exists()


# Sending --------------------------------------------------------------------------------------------------------------


def test_sends(web: Client, account: MailAccount, woken: list[tuple[Any, ...]]) -> None:
    response = web.post(URL, typed(account, cc="erin@far.test", bcc="frank@far.test", files=file()))
    outgoing = Outgoing.objects.get()
    parsed = parse(outgoing.original.octets)
    assert response.headers["Location"] == reverse("inbox")
    assert (parsed.header.subject, parsed.header.from_[0].address) == ("Tea", "alice@home.test")
    assert [each.file_name for each in parsed.attachments] == ["plan.txt"]
    assert set(outgoing.recipients.values_list("address", "header")) == {
        ("bob@far.test", "to"),
        ("erin@far.test", "cc"),
        ("frank@far.test", "bcc"),
    }
    assert b"frank" not in outgoing.original.octets
    assert Message.objects.get().folder == Folder.SENT
    assert not Draft.objects.exists()
    assert woken == [("send", outgoing.pk)]
    assert "Your message is on its way." in web.get(response.headers["Location"]).text


def test_an_answer_leads_back_to_its_conversation(web: Client, account: MailAccount) -> None:
    message = deliver(account, octets_of(message_id="tea@far.test"))[0]
    response = web.post(URL, typed(account, kind="reply", parent=message.key))
    assert response.headers["Location"] == reverse("conversation", args=[message.key])
    assert parse(Outgoing.objects.get().original.octets).header.in_reply_to == ("tea@far.test",)


def test_htmx_is_sent_back_as_well(web: Client, account: MailAccount) -> None:
    response = web.post(URL, typed(account), headers=HTMX)
    assert (response.status_code, response.headers["HX-Redirect"]) == (200, reverse("inbox"))


def test_a_button_pressed_twice_sends_once(web: Client, account: MailAccount) -> None:
    web.post(URL, typed(account))
    response = web.post(URL, typed(account))
    assert response.headers["Location"] == reverse("outbox")
    assert Outgoing.objects.count() == 1
    assert not Draft.objects.exists()
    assert "Nothing was sent twice." in web.get(response.headers["Location"]).text


def test_a_late_autosave_brings_no_sent_draft_back(web: Client, account: MailAccount) -> None:
    back = web.post(URL, typed(account)).headers["Location"]
    assert web.post(URL, typed(account, "autosave"), headers=HTMX).status_code == 204
    assert not Draft.objects.exists()
    assert "Nothing was sent twice." not in web.get(back).text


def test_a_draft_sent_in_another_tab_is_not_sent_again(web: Client, account: MailAccount) -> None:
    from mailbox.views import compose

    web.post(URL, typed(account, "save"))
    draft = Draft.objects.get()
    outbox.queue(Draft.objects.get())
    with pytest.raises(compose.AlreadySent):
        compose._queue(draft)
    assert Outgoing.objects.count() == 1


def test_a_member_who_may_send_sends(account: MailAccount, bob: User, submission_server: SubmissionServer) -> None:
    Membership.objects.update(role=Membership.Role.SEND)
    as_user(bob).post(URL, typed(account))
    assert Outgoing.objects.get().writer == bob


def test_a_member_who_may_only_read_does_not_send(
    account: MailAccount, bob: User, submission_server: SubmissionServer
) -> None:
    response = as_user(bob).post(URL, typed(account, text="A long letter."))
    assert response.status_code == 422
    assert "A long letter." in response.text
    assert not Outgoing.objects.exists()


def test_another_account_is_not_taken_without_a_word(web: Client, account: MailAccount, charlie: User) -> None:
    strange = MailAccount.objects.create(owner=charlie, name="C", address="charlie@home.test")
    response = web.post(URL, typed(strange))
    assert response.status_code == 422
    assert "You may no longer send from this account." in response.text
    assert Draft.objects.get().account == account
    assert not Outgoing.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("to", "nobody", "nobody is not an address."),
        ("cc", "a@b@c", "is not an address"),
        ("bcc", "Erin <erin>", "is not an address."),
        ("to", "", "it has no recipient yet"),
        ("subject", "Tea\r\nBcc: eve@far.test", "A line break cannot stand here."),
        ("subject", "Tea\rBcc: eve@far.test", "A line break cannot stand here."),
    ],
)
def test_bad_input_is_said_at_its_field_and_kept(
    web: Client, account: MailAccount, field: str, value: str, words: str
) -> None:
    response = web.post(URL, typed(account, **{field: value}, files=file()))
    assert response.status_code == 422
    assert words in response.text
    assert f'id="compose-{field}-error"' in response.text
    assert "What you typed is kept as a draft" in response.text
    assert Draft.objects.get().text == "Shall we?"
    assert DraftFile.objects.get().name == "plan.txt"
    assert not Outgoing.objects.exists()


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_a_line_end_among_addresses_makes_no_header_field(web: Client, account: MailAccount, line_end: str) -> None:
    web.post(URL, typed(account, to=f"bob@far.test{line_end}Bcc: eve@far.test{line_end}{line_end}A body"))
    assert not Outgoing.objects.exists()
    response = web.post(URL, typed(account, to=f"bob@far.test{line_end}Bcc: eve@far.test"))
    assert response.status_code == 422
    assert "Bcc: eve@far.test" in response.text
    assert not Outgoing.objects.exists()


def test_addresses_may_stand_on_lines_of_their_own(web: Client, account: MailAccount) -> None:
    web.post(URL, typed(account, to="bob@far.test\r\nErin <erin@far.test>;\r\n"))
    assert set(Recipient.objects.values_list("address", flat=True)) == {"bob@far.test", "erin@far.test"}


def test_an_error_comes_to_htmx_as_the_sheet_alone(web: Client, account: MailAccount) -> None:
    response = web.post(URL, typed(account, to="nobody"), headers=HTMX)
    assert response.status_code == 422
    assert response.text.lstrip().startswith("<form")
    assert "HX-Request" in response.headers["Vary"]


def test_without_a_server_the_draft_waits(
    web: Client, alice: User, account: MailAccount, submission_server: SubmissionServer
) -> None:
    web.post(URL, typed(account, "save"))
    other = MailAccount.objects.create(owner=alice, name="Other", address="other@home.test")
    SubmissionServer.objects.create(account=other, host="127.0.0.1", port=9, security="none")
    submission_server.delete()
    response = web.post(URL, typed(account))
    assert response.status_code == 422
    assert 'id="compose-account-error"' in response.text
    assert Draft.objects.get().text == "Shall we?"


def test_what_the_writer_and_others_typed_is_escaped(web: Client, account: MailAccount) -> None:
    Identity.objects.update(name="<script>alert(1)</script>")
    web.post(URL, typed(account, "save", subject='"><script>alert(2)</script>', text="</textarea><script>3</script>"))
    web.post(URL, typed(account, "attach", files=file("<script>4.txt")))
    text = web.get(reverse("draft", args=[KEY])).text
    body = text.partition('<form class="compose"')[2]
    assert "<script>" not in body
