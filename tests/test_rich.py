"""Drafts with formatting: how they begin, what is kept of them, and what leaves."""

import re
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Identity, MailAccount, SubmissionServer, User
from mailbox import answers, outbox, rich
from mailbox.mime.compose import Address, File, build
from mailbox.mime.parse import parse
from mailbox.models import Draft, Message
from tests.cast import deliver, octets_of
from tests.mime.test_compose import NOON

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
pytestmark = pytest.mark.usefixtures("submission_server")


@pytest.fixture
def draft(account: MailAccount, alice: User) -> Draft:
    return Draft.objects.create(account=account, writer=alice, to="bob@home.test", subject="Lunch")


def take(draft: Draft, html: str, **typed: str) -> None:
    rich.take(draft, {"is_rich": "yes", "html": html, **typed}, shown=draft.text)
    draft.save()


def picture_in(draft: Draft) -> str:
    [file], [] = rich.embed(draft, [SimpleUploadedFile("map.png", PNG, "image/png")])
    return f'<img src="{rich.picture_address(draft, file)}" alt="Map">'


def html_message(account: MailAccount, html: str, *files: File) -> Message:
    dana, alice = Address("Dana", "dana@far.test"), Address("", "alice@home.test")
    values: dict[str, Any] = {"subject": "Plans", "text": "plain", "date": NOON, "message_id": "1@far.test"}
    return deliver(account, build(sender=dana, to=[alice], html=html, attachments=files, **values))[0]


# Beginning -----------------------------------------------------------------------------------------------------------


def test_a_new_message_begins_with_room_above_the_signature(account, alice):
    Identity.objects.update(signature="Alice", signature_html="<b>Alice</b><script>x</script>")
    begun, _ = rich.begin(Draft(account=account, writer=alice), [])

    assert begun.is_rich
    assert begun.html == '<div><br></div><div><br></div><div class="signature">-- <br><b>Alice</b></div>'


def test_who_writes_plain_text_gets_no_html(account, alice):
    alice.writes_rich = False
    begun, _ = rich.begin(Draft(account=account, writer=alice), [])

    assert (begun.is_rich, begun.html) == (False, "")


def test_a_reply_quotes_the_original_harmless_below_a_line_that_others_fold(account, alice):
    hostile = '<p style="color:red" onclick="x">Hi <b>all</b><img src="https://evil.test/p"><script>x</script></p>'
    parent = html_message(account, hostile)
    begun, _ = rich.begin(*answers.answer(parent, Draft.Kind.REPLY, alice).draft("k" * 16, alice))

    line, quote = re.search(
        r'<div class="moz-cite-prefix">(.*?)</div>(<blockquote type="cite">.*)', begun.html
    ).groups()
    assert line.endswith("Dana wrote:")
    assert (
        quote
        == '<blockquote type="cite"><p style="color:red">Hi <b>all</b><img src="https://evil.test/p"></p></blockquote>'
    )
    assert "> plain" in begun.text


def test_a_reply_to_plain_text_quotes_its_lines(account, alice):
    [parent] = deliver(account, octets_of(text="one\n> two"))
    begun, _ = rich.begin(*answers.answer(parent, Draft.Kind.REPLY, alice).draft("k" * 16, alice))

    assert '<blockquote type="cite"><div>one</div><blockquote type="cite"><div>two</div></blockquote></blockquote>' in (
        begun.html
    )


def test_a_forwarded_message_keeps_its_picture_in_its_text_and_its_files_attached(account, alice):
    files = File("map.png", "image/png", PNG, "map@far.test"), File("a.txt", "text/plain", b"a")
    parent = html_message(account, '<img src="cid:map@far.test">', *files)
    begun, shown = rich.begin(*answers.answer(parent, Draft.Kind.FORWARD, alice).draft("k" * 16, alice))
    stored = answers.store("k" * 16, alice, account, kind=Draft.Kind.FORWARD, parent=parent)
    take(stored, begun.html)

    assert [each.name for each in shown] == ["a.txt"]
    [picture] = stored.files.exclude(content_id="")
    assert (picture.content(), stored.files.count()) == (PNG, 2)
    assert f'src="cid:{picture.content_id}"' in stored.html
    take(stored, begun.html)
    assert stored.files.count() == 2


def test_a_quoted_picture_is_not_taken_from_mail_that_may_not_be_read(account, alice, charlie):
    parent = html_message(account, '<img src="cid:map@far.test">', File("map.png", "image/png", PNG, "map@far.test"))
    stolen = Draft.objects.create(account=account, writer=charlie, parent=parent)
    part = next(part for part in parent.parsed().parts if part.content_id)
    take(stolen, f'<img src="/m/{parent.key}/part/{part.index}/?inline">')

    assert (stolen.html, stolen.files.count()) == ("", 0)


# Keeping -------------------------------------------------------------------------------------------------------------


def test_what_is_typed_is_cleaned_and_written_as_text(draft):
    take(draft, '<div onclick="x">Come <b>soon</b><script>x</script></div>')

    assert (draft.html, draft.text) == ("<div>Come <b>soon</b></div>", "Come soon\n")


def test_a_browser_without_scripts_keeps_the_html_of_a_text_it_leaves_alone(draft):
    take(draft, "<b>one</b>")
    rich.take(draft, {"text": draft.text}, shown=draft.text)
    assert draft.html == "<b>one</b>"

    shown, draft.text = draft.text, "two"
    rich.take(draft, {"text": "two"}, shown=shown)
    assert (draft.is_rich, draft.html, draft.text) == (False, "", "two")


def test_a_text_field_with_scripts_is_plain_text_whatever_was_kept(draft):
    take(draft, "<b>one</b>")
    rich.take(draft, {"is_rich": "no"}, shown=draft.text)

    assert (draft.is_rich, draft.html, draft.text) == (False, "", "one\n")


def test_in_plain_text_pictures_become_attached_files(draft):
    take(draft, f"<div>See {picture_in(draft)}</div>")
    rich.make_plain(draft)

    assert draft.text == "See [Map]\n"
    assert [(each.name, each.content_id) for each in draft.files.all()] == [("map.png", "")]


def test_plain_text_becomes_rich(draft):
    draft.text = "one\n> two"
    rich.make_rich(draft)

    assert draft.html == '<div>one</div><blockquote type="cite"><div>two</div></blockquote>'


def test_the_signature_follows_the_sender(draft, alice):
    work = MailAccount.objects.create(owner=alice, name="Work", address="alice@work.test")
    Identity.objects.create(account=work, address=work.address, signature="Alice at work")
    Identity.objects.filter(account=draft.account).update(signature="Alice at home")
    first, signed = draft.account, rich.signature_html(draft)
    draft.account = work
    take(draft, f"<div>Hi</div>{signed}", signed=first.key)

    assert draft.text == "Hi\n-- \nAlice at work\n"


def test_only_pictures_stand_in_a_text(draft):
    kept, problems = rich.embed(draft, [SimpleUploadedFile("a.png", b"<svg onload=alert(1)>", "image/png")])

    assert (kept, draft.files.count()) == ([], 0)
    assert "a.png" in problems[0]


# Leaving -------------------------------------------------------------------------------------------------------------


def test_a_rich_message_leaves_with_its_text_its_html_and_the_pictures_it_shows(draft):
    shown, _removed = picture_in(draft), picture_in(draft)
    take(draft, f"<div>Come <b>soon</b> {shown}</div>")
    octets = bytes(outbox.queue(draft).original.octets)
    message = message_from_bytes(octets, policy=policy.strict)
    parsed = parse(octets)

    assert [part.get_content_type() for part in message.walk()] == [
        *("multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png")
    ]
    assert all(len(line) <= 998 for line in octets.split(b"\r\n"))
    assert parsed.plain.text().strip() == "Come soon [Map]"
    assert parsed.attachments[0].content() == PNG
    assert f'src="cid:{parsed.attachments[0].content_id}"' in parsed.html.text()


def test_a_message_that_is_called_back_is_rich_again(draft):
    take(draft, f'<div>Come <b>soon</b> {picture_in(draft)}</div><blockquote type="cite">so</blockquote>')
    html = draft.html
    again = outbox.cancel(outbox.queue(draft))

    assert (again.is_rich, again.text) == (True, "Come soon [Map]\n> so\n")
    assert again.html.replace(' style="margin:0 0 0 .8ex;border-left:2px solid #ccc;padding-left:1ex"', "") == html
    assert "/pictures/" in rich.shown(again)


def test_a_plain_message_leaves_as_plain_as_ever(draft):
    draft.text = "Words"
    draft.save()

    message = message_from_bytes(bytes(outbox.queue(draft).original.octets), policy=policy.strict)
    assert message.get_content_type() == "text/plain"


def test_servers_are_not_asked_for_the_signature_of_a_stranger(draft, charlie):
    foreign = MailAccount.objects.create(owner=charlie, name="Foreign", address="charlie@far.test")
    Identity.objects.create(account=foreign, address=foreign.address, signature="Secret")
    SubmissionServer.objects.create(account=foreign, host="127.0.0.1", port=9, security="none")
    take(draft, "<div>Hi</div>", signed=foreign.key)

    assert "Secret" not in draft.html
