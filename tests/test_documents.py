"""Documents: bodies made harmless before their reader comes, believed only where nothing has changed since."""

from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from unittest import mock

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from accounts.models import LocalMaildrop, MailAccount, User
from mailbox import delivery, documents, maildrop, tasks
from mailbox.models import Document, Folder, Message, TrustedSender
from mailbox.smtp import Arrival
from tests.cast import deliver

PICTURE = '<img src="https://far.test/boat.png" width="60" height="60">'
LINK = '<a href="https://evil.test/">bank.test</a>'
LETTER = f"<style>p {{ color: red }}</style><p onclick='x()'>Hello</p>{LINK}{PICTURE}"


def news(html: str = LETTER, *, text: str = "", file: str = "", size: int = documents.SHORTEST) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Dana <dana@far.test>", "alice@home.test", "News"
    message.set_content(html + "<p>word</p>" * (size // 11), subtype="html")
    if text:
        message.make_mixed()
        message.attach(part := EmailMessage())
        part.set_content(text)
        part["Content-Disposition"] = "inline"
    if file:
        message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="a.png", cid=file)
    return message.as_bytes()


def made(message: Message) -> Document | None:
    tasks.make_documents(message.pk)
    return Document.objects.filter(original=message.original_id).first()


def asked(messages: list[Message]) -> list[Any]:
    with mock.patch.object(documents, "wake") as wake:
        documents.ask_for(messages)
    return [call.args for call in wake.call_args_list]


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def frame(web: Client, message: Message) -> str:
    """The document as a process shows it that has never seen it."""
    caches["documents"].clear()
    return web.get(f"/m/{message.key}/body/").content.decode()


@pytest.fixture
def sanitised() -> Any:
    """How often anything is sanitised."""
    with mock.patch("mailbox.mime.sanitize.sanitize", wraps=documents.sanitize.sanitize) as sanitize:
        yield sanitize


def test_shows_what_a_worker_made_without_sanitising_again(web: Client, account: MailAccount, sanitised: Any) -> None:
    [message] = deliver(account, news())
    before = frame(web, message)
    assert made(message)
    sanitised.reset_mock()

    assert frame(web, message) == before
    assert 'bank.test<span class="lb-target">evil.test</span>' in before
    assert "onclick" not in before
    caches["documents"].clear()
    assert "far.test" in web.get(f"/m/{message.key}/").content.decode()
    sanitised.assert_not_called()


def test_believes_nothing_that_other_code_made(web: Client, account: MailAccount, sanitised: Any) -> None:
    [message] = deliver(account, news())
    assert made(message)
    Document.objects.update(version="older")
    sanitised.reset_mock()

    assert "Hello" in frame(web, message)

    sanitised.assert_called_once()
    document = made(message)
    assert document
    assert document.version == documents.version()


def test_images_that_a_reader_wants_are_not_kept_from_him(web: Client, alice: User, account: MailAccount) -> None:
    [message] = deliver(account, news())
    assert made(message)
    assert "/remote/" not in frame(web, message)

    TrustedSender.objects.create(user=alice, address="dana@far.test")

    assert f'src="/m/{message.key}/remote/' in frame(web, message)


@pytest.mark.parametrize("octets", [news(text="words"), news('<img src="cid:a@x">', file="<a@x>")])
def test_makes_nothing_that_depends_on_more_than_html(account: MailAccount, octets: bytes) -> None:
    [message] = deliver(account, octets)
    assert made(message) is None


def test_makes_nothing_of_a_message_that_is_gone(account: MailAccount) -> None:
    [message] = deliver(account, news())
    Message.objects.all().delete()
    assert made(message) is None


def test_asks_for_what_somebody_will_soon_open(account: MailAccount) -> None:
    [message] = deliver(account, news())
    assert asked([message]) == [("make_documents", message.pk)]


def test_asks_for_no_more_than_a_batch(account: MailAccount) -> None:
    messages = deliver(account, *[news(f"<p>{number}") for number in range(documents.MOST + 1)])
    assert asked(messages) == [("make_documents", *[each.pk for each in messages[: documents.MOST]])]


def test_asks_for_nothing_read_filed_huge_or_old(account: MailAccount) -> None:
    read = deliver(account, news("<p>1"), is_read=True)
    sent = deliver(account, news("<p>2"), folder=Folder.SENT)
    huge = deliver(account, news("<p>3", size=documents.LONGEST))
    [old] = deliver(account, news("<p>4"))
    old.received_at = timezone.now() - timedelta(days=3)
    again = delivery.prepare(account, news()).message
    assert asked([*read, *sent, *huge, old, again]) == []


def test_asks_for_short_messages_only_where_few_come_together(account: MailAccount) -> None:
    few = deliver(account, *[news(f"<p>{number}", size=11) for number in range(documents.FEW)])
    [one_more] = deliver(account, news("<p>more", size=11))
    [letter] = deliver(account, news())
    assert asked(few) == [("make_documents", *[each.pk for each in few])]
    assert asked([*few, one_more]) == []
    assert asked([*few, letter]) == [("make_documents", letter.pk)]


def test_a_page_reads_only_what_it_has_to_know(web: Client, account: MailAccount) -> None:
    octets = news("<blockquote type=cite><p>old</p></blockquote><p style='color:red'>new</p>")
    [message] = deliver(account, octets)
    bodies = [documents.clean(body.text(), {}) for body in message.parsed().bodies]
    assert made(message)
    stored = Message.objects.select_related("original__document").get(pk=message.pk)
    assert documents.made(stored) == bodies
    assert documents.outlines(stored) == [each.outline for each in bodies]
    assert bodies[0].history is not None


def test_a_batch_is_stored_in_few_statements(account: MailAccount, django_assert_max_num_queries: Any) -> None:
    messages = deliver(account, *[news(f"<p>{number}", size=11) for number in range(10)])
    with django_assert_max_num_queries(2):
        tasks.make_documents(*[each.pk for each in messages])
    assert Document.objects.count() == 10


def test_mail_that_arrives_by_smtp_is_made_ready(local_maildrop: LocalMaildrop, account: MailAccount) -> None:
    local_maildrop.account = account
    came = Arrival(
        recipients=(local_maildrop,),
        addresses=(local_maildrop.address,),
        octets=news(),
        reverse_path="dana@far.test",
        peer="192.0.2.7",
        helo="mx.far.test",
        is_esmtp=True,
        tls=None,
    )
    with mock.patch.object(documents, "wake") as wake:
        maildrop.receive(came)
    wake.assert_called_once_with("make_documents", Message.objects.get().pk)


def test_a_document_goes_with_its_octets(account: MailAccount) -> None:
    [message] = deliver(account, news())
    assert made(message)
    delivery.remove([message])
    assert not Document.objects.exists()


def test_old_documents_are_swept(account: MailAccount) -> None:
    first, second = deliver(account, news("<p>1"), news("<p>2"))
    assert made(first)
    assert made(second)
    Document.objects.filter(original=first.original_id).update(made_at=timezone.now() - timedelta(days=15))

    tasks.housekeeping()

    assert [each.original_id for each in Document.objects.all()] == [second.original_id]
