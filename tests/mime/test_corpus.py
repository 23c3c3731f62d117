"""One oddity a file: what each message shows, whatever is wrong with it."""

from pathlib import Path

import pytest

from mailbox.mime.parse import Parsed, parse
from tests.mime.expected import EXPECTED, Shown

MESSAGES = Path(__file__).parent.parent / "messages"


def read(name: str) -> Parsed:
    return parse((MESSAGES / f"{name}.eml").read_bytes())


def test_every_message_has_its_expectation():
    assert {path.stem for path in MESSAGES.glob("*.eml")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_shows(name):
    parsed = read(name)

    assert EXPECTED[name] == Shown(
        parsed.header.subject,
        parsed.text(),
        tuple(part.file_name for part in parsed.attachments),
        parsed.defects,
        tuple(part.media_type for part in parsed.bodies),
        parsed.protection,
    )


def test_uuencoded_content_is_decoded():
    assert read("uuencoded-part").attachments[0].content() == b"Cat"


def test_inline_images_are_told_from_files():
    assert [part.is_inline for part in read("related-inline-image").attachments] == [True]
    assert read("related-inline-image").attachments[0].content_id == "logo@x"
    assert [part.is_inline for part in read("text-after-attachment").attachments] == [False]


def test_both_renderings_of_an_alternative_are_at_hand():
    parsed = read("alternative")

    assert parsed.html
    assert parsed.html.text() == "<p>rich <b>words</b></p>"
    assert parsed.plain
    assert parsed.plain.text() == "plain words"


def test_addresses_of_every_shape():
    assert [(each.name, each.address) for each in read("addresses-odd").header.cc] == [
        ("", "carol@x.test"),
        ("Dan, D.", "dan@x.test"),
        ("Eve (the one)", "eve@x.test"),
        ("", "frank@x.test"),
        ("", "root"),
        ("Grégoire, G", "g@x.test"),
    ]


def test_dates_ids_and_trace():
    header = read("ids-odd").header

    assert read("date-odd").header.date.isoformat() == "2025-02-13T13:01:02+09:00"
    assert header.message_id == "ids-odd@home.test"
    assert header.in_reply_to == ("one@x.test",)
    assert header.references == ("root@x.test", "middle@x.test", "one@x.test")
    assert header.received_at.isoformat() == "2025-02-13T01:01:09+00:00"


def test_a_forwarded_message_can_be_parsed_in_turn():
    inner = parse(read("forwarded-message").attachments[0].content())

    assert inner.header.subject == "The original"
    assert inner.text() == "inner"


def test_all_fields_are_kept_in_order():
    names = [name for name, _ in read("fields-repeated").header.fields]

    assert names == ["From", "To", "Date", "Message-ID", "Subject", "Subject"]
    assert read("fields-repeated").header.field("SUBJECT") == "first"
    assert read("fields-repeated").header.field("X-None") == ""


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("addresses-group", [("", "bob@home.test"), ("Dana", "dana@home.test")]),
        ("addresses-without-domain", [("", "root"), ("postmaster", ""), ("Alice", "alice")]),
        ("addresses-comments", [("The a Alice (A.)", "alice@home.test"), ("Bob", "bob@home.test")]),
        (
            "addresses-semicolons",
            [("", "alice@home.test"), ("", "bob@home.test"), ("Dana D.", "dana@home.test")],
        ),
        ("addresses-quoted-local-part", [("", '"alice baker"@home.test'), ('Bob "B" Baker', "bob@home.test")]),
        ("addresses-ip-literal", [("", "alice@[192.0.2.1]"), ("Bob", "bob@[IPv6:2001:db8::1]")]),
    ],
)
def test_recipients(name, shown):
    assert [(each.name, each.address) for each in read(name).header.to] == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("encoded-word-in-quotes", [("山田", "yamada@home.test")]),
        ("encoded-word-hides-an-address", [("boss@bank.test,", "eve@home.test")]),
        ("header-utf-8-addresses", [("山田", "山田@例え.test")]),
    ],
)
def test_senders(name, shown):
    assert [(each.name, each.address) for each in read(name).header.from_] == shown


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("date-asctime", "2025-03-03T10:00:00+00:00"),
        ("date-comment", "2025-03-03T10:00:00+09:00"),
        ("date-folded", "2025-03-03T10:00:00+01:00"),
        ("date-iso", "2025-03-03T10:00:00+00:00"),
        ("date-localized", "2025-03-03T10:00:00+01:00"),
        ("date-named-zone", "2025-03-03T10:00:00-05:00"),
        ("date-two-digit-year", "2025-03-03T10:00:00+00:00"),
        ("date-without-seconds", "2025-03-03T10:00:00+00:00"),
        ("date-zone-out-of-range", "2025-03-03T10:00:00+00:00"),
    ],
)
def test_dates(name, moment):
    assert read(name).header.date.isoformat() == moment


def test_a_date_that_never_was_is_none():
    assert read("date-impossible").header.date is None


@pytest.mark.parametrize(
    ("name", "number", "content"),
    [
        ("uuencode-in-text", 0, b"Cat"),
        ("uuencode-two-files", 1, b"Cat"),
        ("tnef-with-files", 0, b"Cat"),
        ("tnef-with-files", 1, b"%PDF"),
        ("tnef-alone", 0, b"Cat"),
        ("appledouble", 0, b"\xff\xd8\xff"),
        ("signed-smime", 0, b"0\x80"),
        ("name-rfc2231-split-character", 0, b"x"),
    ],
)
def test_files_hold_what_was_attached(name, number, content):
    assert read(name).attachments[number].content() == content


@pytest.mark.parametrize(
    ("name", "subject", "text"),
    [
        ("forwarded-without-name", "", "inner words"),
        ("forwarded-base64", "Encoded inside", "inner words\n"),
        ("forwarded-as-the-message", "The only part", "inner words\n"),
    ],
)
def test_forwarded_messages_are_readable(name, subject, text):
    parsed = read(name)
    nested = parsed.nested(parsed.attachments[-1])

    assert (nested.header.subject, nested.text()) == (subject, text)


def test_a_message_that_was_forwarded_twice_is_opened_twice():
    parsed = read("forwarded-twice")
    outer = parsed.nested(parsed.attachments[0])
    inner = outer.nested(outer.attachments[0])

    assert [outer.header.subject, inner.header.subject, inner.text()] == ["outer", "inner", "innermost words"]


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("type-lies-about-a-program", "application/vnd.microsoft.portable-executable"),
        ("type-is-octet-stream", "image/jpeg"),
        ("voice-message", "audio/wav"),
    ],
)
def test_octets_show_what_a_file_is(name, media_type):
    assert read(name).attachments[0].true_type == media_type


def test_calendars_are_found():
    found = [name for name in EXPECTED if read(name).calendar]

    assert found == ["alternative-with-calendar", "calendar-alone", "calendar-attached"]


def test_pictures_are_found_by_their_location():
    parsed = read("related-content-location")

    assert parsed.part_at("logo.gif", parsed.bodies[0]) == parsed.attachments[0]


def test_what_lies_elsewhere_says_where():
    assert read("external-body").attachments[0].external_address == "http://x.test/a.pdf"
    assert read("partial").attachments[0].fragment.total == 3
