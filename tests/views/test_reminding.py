"""Before a message leaves: each thing that may be forgotten is asked about once."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import MailAccount
from mailbox.mime.compose import Address, File, build
from mailbox.models import Draft, Outgoing
from tests.cast import deliver

KEY = "abcdefghijklmnop"
URL = "/compose/"
NO_FILE = "Your text speaks of an attachment, but nothing is attached."
NO_SUBJECT = "This message has no subject."


def press(web: Client, **fields: object) -> str:
    """Press Send, or what `do` says; return the page, "" where it leads away."""
    account = MailAccount.objects.get()
    form = {
        "key": KEY,
        "kind": "new",
        "account": account.key,
        "to": "dana@far.test",
        "subject": "Plan",
        "text": "Hello",
    }
    response = web.post(URL, form | {"do": "send"} | fields)
    return response.text if response.status_code == 200 else ""


def test_a_promised_file_is_asked_about_and_nothing_is_sent(web: Client) -> None:
    text = press(web, text="The plan is attached.")
    assert NO_FILE in text
    assert NO_SUBJECT not in text
    assert "Send anyway" in text
    assert Draft.objects.get().text == "The plan is attached."
    assert not Outgoing.objects.exists()


def test_the_second_press_sends(web: Client) -> None:
    assert 'name="asked" value="no-file"' in press(web, text="添付します。")
    assert press(web, text="添付します。", asked="no-file") == ""
    assert Outgoing.objects.count() == 1


def test_both_are_asked_at_once(web: Client) -> None:
    text = press(web, text="The plan is attached.", subject=" ")
    assert NO_FILE in text
    assert NO_SUBJECT in text
    press(web, text="The plan is attached.", subject=" ", asked=["no-file", "no-subject"])
    assert Outgoing.objects.count() == 1


def test_what_was_asked_is_remembered_when_something_else_is_asked(web: Client) -> None:
    text = press(web, subject="", text="The plan is attached.", asked="no-subject")
    assert NO_SUBJECT not in text
    assert NO_FILE in text
    assert text.count('name="asked"') == 2


def test_nothing_is_asked_of_a_finished_message(web: Client) -> None:
    assert press(web, text="The plan is attached.", files=SimpleUploadedFile("plan.txt", b"a plan")) == ""
    assert Outgoing.objects.count() == 1


def test_a_quotation_promises_nothing(web: Client) -> None:
    assert press(web, text="Thanks.\n\n> The plan is attached.\n") == ""


def test_a_picture_that_a_quotation_brought_along_is_no_promised_file(web: Client) -> None:
    account = MailAccount.objects.get()
    octets = build(
        sender=Address("Dana", "dana@far.test"),
        to=[Address("", account.address)],
        subject="Plan",
        text="",
        html='<img src="cid:logo@far.test">',
        attachments=[File("logo.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(100), "logo@far.test")],
        date=timezone.now(),
        message_id="1@far.test",
    )
    parent = deliver(account, octets)[0]
    page = web.get(URL, {"reply": parent.key}).context["draft"]
    rich = {"is_rich": "yes", "html": f"<div>The plan is attached.</div>{page.html}"}
    text = press(web, kind="reply", parent=parent.key, **rich)
    assert Draft.objects.get().files.count() == 1
    assert NO_FILE in text


def test_saving_asks_nothing(web: Client) -> None:
    assert press(web, do="save", subject="") == ""
    assert Draft.objects.exists()


@pytest.mark.parametrize("to", ["", "nobody at all"])
def test_a_bad_address_is_told_before_anything_is_asked(web: Client, to: str) -> None:
    account = MailAccount.objects.get()
    response = web.post(URL, {"key": KEY, "account": account.key, "to": to, "subject": "", "do": "send"})
    assert response.status_code == 422
    assert NO_SUBJECT not in response.text


def test_what_is_asked_is_announced_and_keeps_the_button(web: Client) -> None:
    text = press(web, subject="", do="send")
    question = text.partition("compose__question")[2].partition("</footer>")[0]
    assert 'role="alert"' in question
    assert '<button class="button" name="do" value="send">' in question
