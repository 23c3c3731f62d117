"""Messages that came in pieces: one message again, once nothing of it is missing."""

import pytest
from django.test import Client

from accounts.models import MailAccount, User
from mailbox.mime.parse import parse
from mailbox.mime.partial import in_order, joined
from mailbox.models import Message, Original
from mailbox.pieces import opened
from tests.cast import deliver, octets_of

WHOLE = (
    b"Subject: The plan\r\nMessage-ID: <whole@far.test>\r\nReceived: from nowhere\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="cut"\r\n\r\n'
    b"--cut\r\nContent-Type: text/html\r\n\r\n<p>Read the plan.</p><script>x()</script>\r\n"
    b'--cut\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename="plan.txt"\r\n\r\n'
    b"First the boat, then the harbour.\r\n--cut--\r\n"
)


def pieces(count: int = 3, *, of: str = "abc@far.test", sender: str = "Dana <dana@far.test>") -> list[bytes]:
    """`WHOLE` cut at line ends; only the last piece says how many there are."""
    lines = WHOLE.splitlines(keepends=True)
    cuts = [len(lines) * number // count for number in range(count + 1)]
    contents = [b"".join(lines[cuts[number] : cuts[number + 1]]) for number in range(count)]
    return [_piece(content, number, count, of, sender) for number, content in enumerate(contents, start=1)]


def _piece(content: bytes, number: int, count: int, of: str, sender: str) -> bytes:
    total = f"; total={count}" if number == count else ""
    fields = (
        f"From: {sender}",
        "To: alice@home.test",
        f"Subject: Piece {number}",
        f"Message-ID: <{of}-{number}>",
        f"Content-Type: message/partial; id={of}; number={number}{total}",
    )
    return "\r\n".join([*fields, "", ""]).encode() + content


@pytest.fixture
def web(client: Client, alice: User, account: MailAccount) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def page_of(web: Client, message: Message) -> str:
    return web.get(f"/m/{message.key}/").content.decode()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_joins_as_rfc_2046_says(count):
    found = in_order([parse(each) for each in reversed(pieces(count))])
    whole = parse(joined(found))
    header = whole.header
    assert (header.subject, header.message_id) == ("The plan", "whole@far.test")
    assert header.from_[0].address == "dana@far.test"
    assert "received" not in {name.lower() for name, _ in header.fields}
    assert joined(found).endswith(WHOLE.partition(b"\r\n\r\n")[2])
    assert whole.attachments[0].content() == b"First the boat, then the harbour."


def test_joins_nothing_while_a_piece_is_missing():
    found = [parse(each) for each in pieces()]
    assert in_order(found[:2]) == []
    assert in_order(found[1:]) == []
    assert in_order([]) == []


def test_every_piece_shows_the_whole(web, account):
    messages = deliver(account, *pieces())
    for message in messages:
        assert "The plan" in page_of(web, message)
    page = web.get(f"/m/{messages[1].key}/part/1/message/").content.decode()
    assert "plan.txt" in page
    assert "Dana &lt;dana@far.test&gt;" in page
    frame = web.get(f"/m/{messages[1].key}/part/1/body/").content.decode()
    assert "<p>Read the plan.</p>" in frame
    assert "<script" not in frame
    assert web.get(f"/m/{messages[1].key}/part/1.1/").getvalue() == b"First the boat, then the harbour."
    assert "The plan.eml" in web.get(f"/m/{messages[1].key}/part/1/")["Content-Disposition"]


def test_the_octets_of_each_piece_stay_what_they_are(web, account):
    cut = pieces()
    messages = deliver(account, *cut)
    page_of(web, messages[0])
    assert [each.octets for each in Original.objects.order_by("pk")] == cut
    assert web.get(f"/m/{messages[0].key}/source/").getvalue() == cut[0]


def test_pieces_of_others_are_not_joined(web, account, charlie):
    foreign = MailAccount.objects.create(owner=charlie, name="C", address="charlie@home.test")
    first, second, third = pieces()
    deliver(foreign, third)
    [one, _two] = deliver(account, first, second)
    deliver(account, pieces(sender="Eve <eve@evil.test>")[2], pieces(of="other@far.test")[2])
    assert "The plan" not in page_of(web, one)
    assert web.get(f"/m/{one.key}/part/1/message/").status_code == 404


def test_other_mail_asks_nothing_about_pieces(web, account, django_assert_num_queries):
    [message] = deliver(account, octets_of())
    message = Message.objects.select_related("original").get(pk=message.pk)
    with django_assert_num_queries(0):
        assert opened(message) == message.parsed()


def test_a_piece_asks_two_questions_however_many_others_there_are(web, account, django_assert_num_queries):
    [message, *_others] = deliver(account, *pieces(9), *(octets_of(f"Other {number}") for number in range(9)))
    message = Message.objects.select_related("original").get(pk=message.pk)
    with django_assert_num_queries(2):
        assert opened(message).attachments


def test_a_piece_that_is_large_once_it_is_joined_is_left_alone(web, account, settings):
    settings.MESSAGE_OCTETS_LIMIT = 600
    assert "The plan" not in page_of(web, deliver(account, *pieces())[0])
