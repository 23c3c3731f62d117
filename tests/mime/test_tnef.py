"""winmail.dat: what Outlook wraps up, taken out again."""

from base64 import encodebytes

import pytest

from mailbox.mime.limits import Limits
from mailbox.mime.parse import Parsed, parse
from mailbox.mime.rtf import decompress, rtf_text
from mailbox.mime.tnef import read_tnef
from tests.mime import tnef_writer as tnef

TEXT = b"--b\nContent-Type: text/plain\n\nplain words\n"


def read(stream: bytes, *, text: bytes = TEXT, limits: Limits = Limits()) -> Parsed:  # noqa: B008 - frozen
    return parse(
        b"Content-Type: multipart/mixed; boundary=b\n\n"
        + text
        + b"--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n"
        + encodebytes(stream)
        + b"--b--\n",
        limits=limits,
    )


def test_files_take_the_place_of_the_stream():
    parsed = read(tnef.stream(tnef.file(b"a.txt", b"first"), tnef.file(b"b.pdf", b"%PDF")))

    assert [(part.index, part.file_name, part.media_type, part.content()) for part in parsed.attachments] == [
        (2, "a.txt", "text/plain", b"first"),
        (3, "b.pdf", "application/pdf", b"%PDF"),
    ]
    assert parsed.parts[3] == parsed.attachments[1]
    assert parsed.parts[1].file_name == "winmail.dat"
    assert parsed.text() == "plain words"


def test_properties_name_a_file_better_than_its_title():
    name = "Übersicht 請求書.png\0".encode("utf-16-le")
    more = (
        tnef.number(0x3705, 1),
        tnef.named(tnef.NARROW, "Some Property", b"value\0"),
        tnef.variable(0x3707, tnef.WIDE, name),
        tnef.variable(0x370E, tnef.NARROW, b"image/png\0"),
        tnef.variable(0x3712, tnef.NARROW, b"<pic@x>\0"),
    )

    part = read(tnef.stream(tnef.file(b"UBERSI~1.PNG", b"\x89PNG", more=more))).attachments[0]

    assert (part.file_name, part.media_type, part.content_id) == ("Übersicht 請求書.png", "image/png", "pic@x")
    assert part.is_inline


def test_titles_are_in_the_code_page():
    stream = tnef.stream(tnef.code_page(932), tnef.file("資料.txt".encode("cp932"), b"x"))

    assert read(stream).attachments[0].file_name == "資料.txt"


def test_the_text_is_shown_where_the_message_has_no_other():
    html = tnef.attribute(
        tnef.MESSAGE,
        tnef.properties(
            tnef.variable(0x1000, tnef.WIDE, "wide words".encode("utf-16-le")),
            tnef.variable(0x1013, tnef.BINARY, "<p>réunion".encode("cp1252")),
        ),
    )

    parsed = read(tnef.stream(tnef.code_page(1252), html), text=b"")

    assert [part.media_type for part in parsed.bodies] == ["text/html"]
    assert parsed.text() == "réunion"
    assert parsed.attachments == ()
    assert read(tnef.stream(html)).text() == "plain words"


def test_the_text_of_compressed_rtf_is_shown():
    rtf = (
        rb"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0 Arial;}}\f0 {\*\htmltag84 <b>}"
        rb"\htmlrtf {\b \htmlrtf0 \'cf\'f0\par \u233?t\'e5}"
    )
    message = tnef.attribute(tnef.MESSAGE, tnef.properties(tnef.variable(0x1009, tnef.BINARY, tnef.compressed(rtf))))

    parsed = read(tnef.stream(message), text=b"")

    assert parsed.text() == "Пр\nétе"


def test_rtf_that_repeats_itself_is_decompressed():
    octets = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )

    assert decompress(octets, limit=1_000) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert decompress(octets, limit=5) == b"{\\rtf"
    assert decompress(b"x" * 40, limit=5) == b""


def test_rtf_hides_what_is_no_text():
    assert (
        rtf_text(rb"{\rtf1{\info{\title no}}{\pict 00ff}one\tab two\line{\*\x no}\{\}\~\bullet}")
        == "one\ttwo\n{}\u00a0•"
    )
    assert rtf_text(b"{" * 5_000 + b"x") == "x"


def test_a_message_inside_gives_its_text_and_its_files():
    message = tnef.attribute(tnef.MESSAGE, tnef.properties(tnef.variable(0x1000, tnef.NARROW, b"inner words\0")))
    inner = tnef.stream(message, tnef.file(b"deep.txt", b"deep"))
    more = (tnef.variable(0x3001, tnef.NARROW, b"Forwarded\0"), tnef.variable(0x3701, tnef.OBJECT, bytes(16) + inner))

    parsed = read(tnef.stream(tnef.code_page(1252), tnef.file(b"", b"", more=more)))

    assert [(part.file_name, part.text()) for part in parsed.attachments] == [
        ("Forwarded.txt", "inner words"),
        ("deep.txt", "deep"),
    ]


def test_what_cannot_be_read_stays_an_attachment():
    parsed = read(b"no TNEF at all")

    assert [part.file_name for part in parsed.attachments] == ["winmail.dat"]
    assert parsed.defects == ("TNEF that cannot be read",)


def test_a_cut_stream_gives_what_stands_before_the_cut():
    stream = tnef.stream(tnef.file(b"a.txt", b"first"), tnef.file(b"b.txt", b"second" * 9))

    found = read_tnef(stream[:-30], limit=10)

    assert [file.name for file in found.files] == ["a.txt", "b.txt"]


@pytest.mark.parametrize(
    "stream",
    [
        tnef.SIGNATURE,
        tnef.stream(*[tnef.file(b"a", b"b")] * 20_000),
        tnef.stream(tnef.attribute(tnef.MESSAGE, b"\xff" * 400)),
        tnef.stream(tnef.attribute(tnef.MESSAGE, tnef.properties(*[tnef.number(1, 1)] * 50_000))),
        tnef.stream(tnef.file(b"", b"", more=(tnef.variable(0x3701, tnef.OBJECT, bytes(16) + tnef.SIGNATURE),) * 9)),
        tnef.stream(tnef.file(b"", b"", more=(b"\x02\x10\x01\x37\xff\xff\xff\xff",))),
        tnef.stream(tnef.attribute(tnef.FILE, b"")[:-6] + b"\xff\xff\xff\xff"),
    ],
)
def test_hostile_streams_end(stream):
    assert len(read(stream, limits=Limits(parts_count=20)).parts) <= 20


def test_messages_inside_each_other_are_opened_to_a_bounded_depth():
    inner = tnef.stream(tnef.file(b"deep.txt", b"deep"))
    for _ in range(12):
        inner = tnef.stream(tnef.file(b"m", b"", more=(tnef.variable(0x3701, tnef.OBJECT, bytes(16) + inner),)))

    assert "deep.txt" not in [part.file_name for part in read(inner).attachments]
