"""One oddity a file: what each message shows, whatever is wrong with it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from mailbox.mime.parse import Parsed, parse

MESSAGES = Path(__file__).parent.parent / "messages"


@dataclass(frozen=True)
class Shown:
    """What a reader sees of a message."""

    subject: str
    text: str
    files: tuple[str, ...] = ()
    defects: tuple[str, ...] = ()
    types: tuple[str, ...] = ("text/plain",)


HTML = ("text/html",)
EXPECTED = {
    "addresses-odd": Shown("Lists", "body\n"),
    "alternative": Shown("Both", "plain words", types=HTML),
    "alternative-empty-plain": Shown("Empty plain", "only here", types=HTML),
    "alternative-html-first": Shown("Wrong order", "plain", types=HTML),
    "alternative-with-calendar": Shown("Invitation", "plain words", ("attachment-3.ics",), types=HTML),
    "attached-text-is-no-body": Shown("Log", "", ("attachment-1.txt",), types=()),
    "attachment-only": Shown("Fax", "", ("fax.pdf",), types=()),
    "bare-cr": Shown("Old Mac", "one\ntwo\n", defects=("lines end in a bare CR",)),
    "bare-lf": Shown("Unix", "one\ntwo\n"),
    "base64-damaged": Shown("B64", "こんにちはA"),
    "boundary-is-prefix": Shown("Prefix", "plain", ("a.txt",), types=HTML),
    "boundary-missing-end": Shown("Cut", "first", ("notes.txt",), ("multipart without its end",)),
    "boundary-never-seen": Shown(
        "Wrong boundary",
        "--wrong\nContent-Type: text/plain\n\nstill readable\n--wrong--\n",
        defects=("multipart without its boundary",),
    ),
    "boundary-parameter-missing": Shown("No boundary", "still readable\n", defects=("multipart without a boundary",)),
    "boundary-with-trailing-space": Shown("Padding", "one\ntwo", types=("text/plain", "text/plain")),
    "charset-big5": Shown("Big5", "繁體中文郵件\n"),
    "charset-codec-that-is-none": Shown("Codec", "\\u0041\\x42\n"),
    "charset-euc-kr": Shown("KR", "안녕하세요 똠방각하\n"),
    "charset-gb2312-label": Shown("GB", "镕基，你好€\n"),
    "charset-iso-2022-jp": Shown("JIS", "こんにちは、世界。\n"),
    "charset-iso-2022-jp-ms": Shown("JIS", "①㈱ ｱｶﾝ ok\n"),
    "charset-koi8-r": Shown("KOI8", "Привет, мир\n"),
    "charset-missing-8-bit": Shown("No label", "Ein schöner Gruß\n"),
    "charset-shift-jis": Shown("SJIS", "①番目、髙橋さん\n"),
    "charset-unknown": Shown("Odd label", "naïve\n"),
    "charset-utf-16": Shown("UTF-16", "wide text 語"),
    "charset-utf-7": Shown("UTF-7", "Hi 日本語 <script>\n"),
    "charset-windows-1252-as-latin-1": Shown("Quotes", "“quoted” – 5 €\n"),
    "charset-wrong-label": Shown("Wrong", "日本語の本文です\n"),
    "date-odd": Shown("Date", "body\n"),
    "digest": Shown("Digest", "", ("one.eml", "two.eml"), types=()),
    "empty": Shown("", ""),
    "empty-line-first": Shown("", "The header is missing, its empty line is not.\n"),
    "encoded-word-broken": Shown("こんにちは", "body\n"),
    "encoded-word-split-character": Shown("こんにちは", "body\n"),
    "encoded-word-unknown-charset": Shown("café", "body\n"),
    "encoded-word-with-language": Shown("déjà vu", "body\n"),
    "encoding-unknown": Shown("CTE", "left alone\n"),
    "fields-repeated": Shown("first", "body\n"),
    "flowed": Shown("Flowed", "This paragraph was wrapped.\n> so was this quote\n-- \nBob\n"),
    "flowed-delsp": Shown("DelSp", "日本語の文章です。\n"),
    "forwarded-message": Shown("Fwd", "see below", ("The original.eml",)),
    "header-control-characters": Shown("invoicefdp.exe", "body\n"),
    "header-only": Shown("Nothing below", ""),
    "header-raw-iso-2022-jp": Shown("会議のお知らせ", "body\n"),
    "header-raw-latin-1": Shown("Grüße aus Köln", "body\n"),
    "header-raw-shift-jis": Shown("会議のお知らせです", "body\n"),
    "header-raw-utf-8": Shown("Grüße aus Köln", "body\n"),
    "header-without-empty-line": Shown(
        "Glued", "This line is the body already.\nAnd this one.\n", defects=("header ends without an empty line",)
    ),
    "html-charset-in-meta": Shown("Meta", "Да", types=HTML),
    "html-charset-label-wins": Shown("Meta", "Привет", types=HTML),
    "html-only": Shown("HTML", "One & two\nthree\nfour", types=HTML),
    "ids-odd": Shown("Ids", "body\n"),
    "long-line": Shown("Long", "x" * 20_000 + "\n"),
    "mbox-line": Shown("From an mbox", "body\n"),
    "media-type-bad": Shown("Type", "readable\n", defects=("bad media type",)),
    "mixed-line-ends": Shown("Mixed", "first\nsecond\nthird\n"),
    "name-encoded-word": Shown("Name", "see file", ("請求書.pdf",)),
    "name-hostile": Shown("Name", "see files", ("passwd", "_con.txt", "attachment-4.txt", "n" * 196 + ".pdf")),
    "name-missing": Shown("Nameless", "see file", ("attachment-2.jpg",)),
    "name-rfc2231-continued": Shown("Name", "see file", ("請求書 2025.pdf",)),
    "no-header": Shown("", "Dear Bob,\nthis message has no header at all.\n", defects=("no header",)),
    "nul-octets": Shown("NUL", "before and after\n", defects=("NUL octets",)),
    "part-without-header": Shown("Bare part", "no part header"),
    "plain": Shown("Lunch", "Shall we eat at noon?\n"),
    "quoted-printable-damaged": Shown("QP", "café =ZZ soft break"),
    "related-inline-image": Shown("Picture", "See", ("logo.png",), types=HTML),
    "related-with-start": Shown("Start", "root", ("attachment-1.png",), types=HTML),
    "report": Shown("Undelivered", "It could not be delivered.", ("attachment-2.txt", "attachment-3.txt")),
    "signed": Shown("Signed", "signed words", ("signature.asc",)),
    "subject-folded-without-indent": Shown("A subject that a careless mailer", "body\n"),
    "text-after-attachment": Shown("Order", "before\nafter", ("x.gif",), types=("text/plain", "text/plain")),
    "uuencoded-part": Shown("UU", "see file", ("cat.txt",)),
}


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
