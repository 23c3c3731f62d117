"""Messages made from values."""

import html as entities
import re
import tracemalloc
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbox.mime.compose import File, Unfit, build, new_message_id, parse_recipients, quoted
from mailbox.mime.headers import Address
from mailbox.mime.parse import parse
from mailbox.mime.words import clean

ALICE, BOB = Address("Alice", "alice@home.test"), Address("Bob", "bob@home.test")
NOON = datetime(2025, 2, 3, 12, 0, 5, tzinfo=UTC)


def make(**changes) -> bytes:
    values: dict[str, Any] = {"sender": ALICE, "to": [BOB], "cc": [], "subject": "Lunch", "text": "At noon?\n"}
    return build(**(values | {"date": NOON, "message_id": "1@home.test"} | changes))


def assert_on_wire(octets: bytes) -> None:
    """What every SMTP server takes: CRLF only, 7-bit, short lines, folded header."""
    assert octets.isascii()
    assert b"\x00" not in octets
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", octets)
    assert all(len(line) <= 998 for line in octets.split(b"\r\n"))
    header = octets.partition(b"\r\n\r\n")[0]
    assert all(line.strip() for line in header.split(b"\r\n"))


def test_a_plain_message_is_readable_as_it_stands():
    assert make() == (
        b"Date: Mon, 03 Feb 2025 12:00:05 +0000\r\n"
        b"From: Alice <alice@home.test>\r\n"
        b"To: Bob <bob@home.test>\r\n"
        b"Subject: Lunch\r\n"
        b"Message-ID: <1@home.test>\r\n"
        b"MIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=us-ascii\r\n"
        b"Content-Transfer-Encoding: 7bit\r\n"
        b"\r\n"
        b"At noon?\r\n"
    )


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end_becomes_crlf(line_end):
    octets = make(text=f"one{line_end}two")

    assert_on_wire(octets)
    assert octets.endswith(b"one\r\ntwo\r\n")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("short lines of ASCII", "7bit"),
        ("From the start", "quoted-printable"),
        ("space at the end \n", "quoted-printable"),
        ("x" * 2_000, "quoted-printable"),
        ("naïve words mostly in ASCII", "quoted-printable"),
        ("日本語の本文です", "base64"),
        ("", "7bit"),
        ("bell\x07", "quoted-printable"),
        (".\n..\n", "7bit"),
        ("= and =3D é", "quoted-printable"),
        ("é" + " " * 80 + "\t\n.", "quoted-printable"),
    ],
)
def test_the_encoding_follows_the_text(text, encoding):
    octets = make(text=text)

    assert_on_wire(octets)
    assert f"Content-Transfer-Encoding: {encoding}\r\n".encode() in octets
    assert parse(octets).plain.text().rstrip("\n") == text.rstrip("\n")


def test_no_line_of_quoted_printable_is_over_76():
    octets = make(text="é" * 500 + " " + "x" * 500)

    assert max(len(line) for line in octets.partition(b"\r\n\r\n")[2].split(b"\r\n")) <= 76


@pytest.mark.parametrize(
    "subject",
    ["Grüße", "会議のお知らせ" * 20, "=?utf-8?Q?not_encoded?=", "a" * 300, "a  b", "word " * 60, "", "é" + "x" * 200],
)
def test_subjects_come_back(subject):
    octets = make(subject=subject)

    assert_on_wire(octets)
    header = octets.partition(b"\r\n\r\n")[0]
    assert max(len(line) for line in header.split(b"\r\n")) <= max(
        78, len(max(subject.split(), key=len, default="")) + 10
    )
    assert parse(octets).header.subject == subject.strip()
    assert message_from_bytes(octets, policy=policy.default)["Subject"] == subject.strip()


@pytest.mark.parametrize(
    "name", ["Bob, C.", 'The "B"', "back\\slash", "Åsa", "山田 太郎", "J. R. Baker", "a@b", "", "=?x?=", "x" * 200]
)
def test_names_come_back(name):
    octets = make(to=[Address(name, "bob@home.test"), ALICE], cc=[BOB], reply_to=[BOB])

    assert_on_wire(octets)
    header = parse(octets).header
    assert header.to == (Address(name, "bob@home.test"), ALICE)
    assert header.cc == header.reply_to == (BOB,)
    assert message_from_bytes(octets, policy=policy.default)["To"].addresses[0].display_name == name


def test_a_thousand_recipients_are_folded():
    assert_on_wire(make(to=[Address(f"Person {n}", f"p{n}@home.test") for n in range(1_000)]))


def test_threading_fields():
    header = parse(make(in_reply_to="b@x.test", references=["a@x.test", "b@x.test"])).header

    assert header.in_reply_to == ("b@x.test",)
    assert header.references == ("a@x.test", "b@x.test")
    assert header.message_id == "1@home.test"


def test_references_keep_the_root_and_the_latest():
    header = parse(make(references=[f"{n}@x.test" for n in range(500)])).header

    assert (header.references[0], header.references[-1], len(header.references)) == ("0@x.test", "499@x.test", 50)


@pytest.mark.parametrize(
    "name",
    [
        "a.pdf",
        "résumé.pdf",
        "請求書 2025年2月分の明細書(改訂版)最終.pdf",
        'quo"te.txt',
        "x" * 300 + ".txt",
        "a;b=c.txt",
    ],
)
def test_attachments_come_back(name):
    octets = make(
        attachments=[File(name, "application/pdf", bytes(range(256)) * 9), File("b.bin", "application/x-b", b"")]
    )

    assert_on_wire(octets)
    first, second = parse(octets).attachments
    assert first.content() == bytes(range(256)) * 9
    assert second.content() == b""
    assert message_from_bytes(octets, policy=policy.default).get_payload(1).get_filename() == name
    if len(name) < 200 and '"' not in name:
        assert first.file_name == name


def test_html_goes_beside_its_text():
    parsed = parse(make(html="<p>At <b>noon</b>?</p>"))

    assert parsed.plain.text() == "At noon?"
    assert parsed.html.text() == "<p>At <b>noon</b>?</p>"


def test_international_domains_go_as_a_labels():
    assert b"<bob@xn--bcher-kva.test>" in make(to=[Address("", "bob@bücher.test"), Address("B", "bob@bücher.test")])


def test_a_domain_with_a_sharp_s_is_no_other_domain():
    assert b"<bob@xn--strae-oqa.test>" in make(to=[Address("Bob", "bob@Straße.test")])
    assert b"<bob@xn--r8jz45g.test>" in make(to=[Address("Bob", "bob@例え。test")])


def test_a_local_part_outside_ascii_needs_smtputf8():
    with pytest.raises(Unfit, match="ASCII"):
        make(to=[Address("", "böb@home.test")])

    assert "böb@home.test".encode() in make(to=[Address("", "böb@home.test")], smtputf8=True)


def test_ids_of_strangers_that_no_line_can_hold_are_left_out():
    header = parse(
        make(in_reply_to="日本@x.test", references=["a b@x.test", "😀@x.test", "ok@x.test", "x" * 901])
    ).header

    assert header.in_reply_to == ()
    assert header.references == ("ok@x.test",)


@pytest.mark.parametrize("message_id", ["", "a b@x.test", "a>b@x.test", "😀@x.test", "é@x.test"])
def test_an_own_id_must_be_right(message_id):
    with pytest.raises(Unfit) as refusal:
        make(message_id=message_id)

    assert refusal.value.field == "message_id"


@pytest.mark.parametrize("bad", ["x\r\nBcc: evil@far.test", "x\ny", "x\ry", "x\x00y", "x\ud800"])
@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("subject", lambda bad: {"subject": bad}),
        ("from", lambda bad: {"sender": Address(bad, "alice@home.test")}),
        ("from", lambda bad: {"sender": Address("", f"alice@home.test{bad}")}),
        ("to", lambda bad: {"to": [BOB, Address(bad, "bob@home.test")]}),
        ("to", lambda bad: {"to": [Address("", f"{bad}@home.test")]}),
        ("cc", lambda bad: {"cc": [Address(bad, "bob@home.test")]}),
        ("reply_to", lambda bad: {"reply_to": [Address(bad, "bob@home.test")]}),
        ("message_id", lambda bad: {"message_id": bad}),
        ("in_reply_to", lambda bad: {"in_reply_to": bad}),
        ("references", lambda bad: {"references": ["ok@x.test", bad]}),
        ("attachments", lambda bad: {"attachments": [File(bad, "text/plain", b"")]}),
        ("attachments", lambda bad: {"attachments": [File("a", f"text/plain{bad}", b"")]}),
    ],
)
def test_nothing_can_be_injected(field, change, bad):
    with pytest.raises(Unfit) as refusal:
        make(**change(bad))

    assert refusal.value.field == field


@pytest.mark.parametrize(
    "address",
    [
        "",
        "bob",
        "@home.test",
        "bob@",
        "bob@@home.test",
        "b ob@home.test",
        "bob@home..test",
        "bob@-home.test",
        "bob@home.test.",
        "bob@home,test",
        "bob<@home.test",
        "bob@[",
        "a:b@home.test",
        "x" * 65 + "@home.test",
        "bob@" + "x" * 64 + ".test",
        "bob@" + "x." * 130 + "test",
    ],
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(Unfit) as refusal:
        make(to=[Address("Bob", address)])

    assert refusal.value.field == "to"
    assert str(refusal.value)


@pytest.mark.parametrize(
    "address", ["a.b+c@home.test", '"a b"@home.test', "bob@[192.0.2.1]", "bob@localhost", "o'neil@home.test"]
)
def test_unusual_addresses_are_taken(address):
    assert parse(make(to=[Address("", address)])).header.to == (Address("", address),)


@pytest.mark.parametrize("name", ["", "a/b", "a\\b", "a\u202eb"])
def test_file_names_that_mislead_are_refused(name):
    with pytest.raises(Unfit):
        make(attachments=[File(name, "text/plain", b"x")])


def test_message_ids_are_new_and_under_the_domain():
    first, second = new_message_id("Bücher.test"), new_message_id("")

    assert first.endswith("@xn--bcher-kva.test")
    assert second.endswith("@localhost")
    assert first.partition("@")[0] != second.partition("@")[0]


def test_quoting():
    assert quoted("Yes.\r\n\r\n> Who?\n\n", "Alice wrote:") == "Alice wrote:\n> Yes.\n>\n>> Who?\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("bob@home.test", [("", "bob@home.test")]),
        (
            "Bob <bob@home.test>, alice@home.test;\r\ncharlie@away.test,",
            [("Bob", "bob@home.test"), ("", "alice@home.test"), ("", "charlie@away.test")],
        ),
        ('"Baker, Bob" <bob@home.test>', [("Baker, Bob", "bob@home.test")]),
        ("bob@home.test, BOB@home.test", [("", "bob@home.test")]),
        ("y@例え.test", [("", "y@例え.test")]),
    ],
)
def test_recipients_as_typed(text, found):
    assert parse_recipients(text) == tuple(Address(*each) for each in found)


@pytest.mark.parametrize(
    ("text", "named"),
    [("bob", "bob"), ("a@home.test, Bob Baker", "Bob Baker"), ("a@home.test, b@@c", "b@@c"), ("b@", "b@")],
)
def test_the_bad_recipient_is_named(text, named):
    with pytest.raises(Unfit, match=re.escape(named)) as refusal:
        parse_recipients(text)

    assert refusal.value.field == "to"


@pytest.mark.parametrize("smuggled", ["Bcc: <eve@far.test", "bcc:eve@far.test", "X-Evil: yes", " Subject : x"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_a_header_field_behind_an_address_is_refused(smuggled, line_end):
    with pytest.raises(Unfit) as refusal:
        parse_recipients(f"bob@home.test{line_end}{smuggled}")
    assert refusal.value.field == "to"
    assert smuggled.strip() in str(refusal.value)


PICTURE = File("map.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(200), "1@home.test")


def test_a_picture_in_the_text_travels_beside_the_html():
    html = '<p>Here: <img src="cid:1@home.test"></p>'
    octets = make(html=html, attachments=[PICTURE, File("a.txt", "text/plain", b"a")])
    message = message_from_bytes(octets, policy=policy.strict)

    assert_on_wire(octets)
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        *("multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"),
        "text/plain",
    ]
    parsed = parse(octets)
    [picture, file] = parsed.attachments
    assert (picture.content_id, picture.is_inline, picture.content()) == ("1@home.test", True, PICTURE.octets)
    assert not file.is_inline
    assert (parsed.html.text().strip(), parsed.plain.text().strip()) == (html, "At noon?")


def test_without_html_a_picture_is_a_file_like_any_other():
    message = message_from_bytes(make(attachments=[PICTURE]), policy=policy.strict)

    [attached] = message.iter_attachments()
    assert attached.get_content_disposition() == "attachment"


@pytest.mark.parametrize("content_id", ["a b@c", "a>\r\nBcc: eve@evil.test", "<a@b>"])
def test_a_content_id_cannot_smuggle_anything(content_id):
    with pytest.raises(Unfit):
        make(html="<p>a</p>", attachments=[File("a.png", "image/png", b"a", content_id)])


def test_a_long_line_of_html_leaves_in_short_ones():
    octets = make(html=f"<p>{'word ' * 5_000}é</p>")

    assert_on_wire(octets)
    assert parse(octets).html.text().strip() == f"<p>{'word ' * 5_000}é</p>"


def test_a_large_file_costs_the_message_and_not_every_level_of_it():
    size = 4_000_000
    files = [File("a.bin", "a/b", lambda: (bytes(50_000) for _ in range(size // 50_000)))]
    tracemalloc.start()
    try:
        octets = make(html="<p>x</p>", attachments=[*files, PICTURE])
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 1.3 * len(octets)
    assert parse(octets).attachments[1].octets_count == size


def test_counting_the_octets_of_a_file_holds_none_of_them():
    octets = make(attachments=[File("a.bin", "a/b", bytes(4_000_001))])
    tracemalloc.start()
    try:
        [file] = parse(octets).attachments
        count = file.octets_count
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert count == 4_000_001
    assert peak < len(octets) / 10


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=80), st.text(max_size=200), st.text(max_size=40), st.booleans())
def test_whatever_can_be_sent_passes_a_strict_parser_and_comes_back(subject, text, name, is_rich):
    try:
        octets = make(
            subject=subject,
            text=text,
            html=f"<p>{entities.escape(text)}</p>" if is_rich else None,
            to=[Address(name, "bob@home.test")],
            attachments=[File("a.bin", "a/b", text.encode("utf-8", "replace"))],
        )
    except Unfit:
        return
    message = message_from_bytes(octets, policy=policy.strict)

    assert_on_wire(octets)
    assert message["To"].addresses[0].addr_spec == "bob@home.test"
    assert [part.get_content_type() for part in message.walk()][-1] == "a/b"
    parsed = parse(octets)
    assert parsed.attachments[0].content() == text.encode("utf-8", "replace")
    assert parsed.header.subject == clean(subject)
    assert parsed.defects == ()
