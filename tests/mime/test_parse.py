"""Bounds of the parser, and parts on their own."""

from urllib.parse import quote

import pytest

from mailbox.mime.limits import Limits
from mailbox.mime.parse import parse

SMALL = Limits(header_octets=200, parts_count=5, depth=3, delimiters_count=20, text_characters=10)


def nested(depth: int) -> bytes:
    inner = (
        b"--b%04d\nContent-Type: multipart/mixed; boundary=b%04d\n\n" % (level, level + 1) for level in range(depth)
    )
    return b"Content-Type: multipart/mixed; boundary=b0000\n\n" + b"".join(inner) + b"--b%04d\n\nbottom\n" % depth


def many(count: int) -> bytes:
    return b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\npart\n" * count + b"--b--\n"


def test_a_deep_multipart_becomes_one_attachment():
    parsed = parse(nested(1_000), limits=SMALL)

    assert "too deeply nested" in parsed.defects
    assert [part.file_name for part in parsed.attachments] == ["attachment-1.bin"]
    assert parsed.attachments[0].content().endswith(b"bottom\n")


def test_depth_within_the_limit_is_read():
    assert parse(nested(30)).text() == "bottom\n"


def test_parts_beyond_the_limit_stay_in_the_last_one():
    parsed = parse(many(100_000), limits=SMALL)

    assert len(parsed.parts) == SMALL.parts_count
    assert "too many parts" in parsed.defects
    assert parsed.parts[-1].content().count(b"part") > 90_000


def test_false_delimiters_are_bounded():
    octets = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + b"--bx\n" * 100_000

    parsed = parse(octets, limits=SMALL)

    assert "too many boundary lines" in parsed.defects
    assert parsed.parts[0].content().count(b"--bx") == 100_000


def test_a_header_beyond_the_limit_is_cut_and_the_body_still_found():
    parsed = parse(b"Subject: cut\nX-Long: " + b"x" * 10_000_000 + b"\n\nbody\n", limits=SMALL)

    assert parsed.defects == ("header too long",)
    assert parsed.header.subject == "cut"
    assert parsed.plain.text() == "body\n"


def test_the_text_for_search_is_cut_and_the_part_is_not():
    parsed = parse(b"Subject: x\n\n" + b"y" * 100, limits=SMALL)

    assert len(parsed.text()) == 10
    assert len(parsed.plain.text()) == 100


def test_a_million_addresses_are_bounded():
    octets = b"To: " + b"a@x.test,\n " * 20_000 + b"\n\n"

    assert len(parse(octets).header.to) == Limits().addresses_count


def test_a_field_may_be_folded_a_hundred_thousand_times():
    assert parse(b"Subject: a\n" + b" b\n" * 60_000 + b"\nbody").header.subject.count("b") == 60_000


@pytest.mark.parametrize(
    ("encoding", "content", "count"),
    [
        (b"base64", b"QUJD\r\nREU=\r\n", 5),
        (b"base64", b"QQ==", 1),
        (b"quoted-printable", b"a=3Db=\r\nc", 4),
        (b"8bit", b"abc", 3),
        (b"", b"", 0),
    ],
)
def test_counts_octets_as_they_will_be_decoded(encoding, content, count):
    octets = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n" + content

    part = parse(octets).attachments[0]

    assert part.octets_count == count == len(part.content())


def test_part_numbers_are_places_among_the_parts():
    parsed = parse(many(4))

    assert [part.index for part in parsed.parts] == [0, 1, 2, 3]


def test_an_attachment_as_the_whole_message():
    parsed = parse(b"Content-Type: application/pdf; name=a.pdf\nSubject: Fax\n\n%PDF")

    assert parsed.bodies == ()
    assert parsed.text() == ""
    assert parsed.attachments[0].content() == b"%PDF"


def test_text_parts_with_a_file_name_are_attachments():
    octets = (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nbody\n"
        b"--b\nContent-Type: text/plain; name=log.txt\n\nlog\n"
    )

    parsed = parse(octets)

    assert [part.text() for part in parsed.bodies] == ["body"]
    assert [part.file_name for part in parsed.attachments] == ["log.txt"]


def test_amp_is_no_attachment():
    octets = (
        b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n"
        b"--b\nContent-Type: text/x-amp-html\n\n<html amp4email>\n--b\nContent-Type: text/html\n\n<p>html\n--b--\n"
    )

    assert parse(octets).attachments == ()


def test_the_cpu_is_not_asked_to_decode_what_nobody_reads():
    parsed = parse(b"Content-Type: application/x-big\nContent-Transfer-Encoding: base64\n\n" + b"QUJD" * 1_000_000)

    assert parsed.attachments[0].octets_count == 3_000_000
    assert parsed.text() == ""


def test_raw_header_text_is_in_the_charset_of_the_body():
    octets = (
        "From: Иван <i@x.test>\nSubject: Отчёт\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=koi8-r\n\nтекст\n"
        '--b\nContent-Type: image/png\nContent-Disposition: attachment; filename="счёт.png"\n\nx\n--b--\n'
    )

    parsed = parse(octets.encode("koi8-r"))

    assert parsed.header.subject == parsed.header.field("subject") == "Отчёт"
    assert parsed.header.from_[0].name == "Иван"
    assert parsed.attachments[0].file_name == "счёт.png"


def test_raw_header_text_in_utf_8_is_that_whatever_the_body_is_in():
    octets = "Subject: Größe\nContent-Type: text/plain; charset=iso-2022-jp\n\nx\n".encode()

    assert parse(octets).header.subject == "Größe"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a/b\\c.txt", "c.txt"),
        ("..", "attachment-1.txt"),
        (".profile", "profile"),
        ("-rf", "_-rf"),
        ("~root.txt", "_~root.txt"),
        ("AUX", "_AUX"),
        ("com¹.txt", "_com¹.txt"),
        ("nul .txt", "_nul .txt"),
        ("console.txt", "console.txt"),
        ("e\u0301te\u0301.txt", "été.txt"),
        ("inv\u202efdp.exe", "invfdp.exe"),
        ('a:b*c?"d<e>f|g', "a_b_c__d_e_f_g"),
        ("tab\tand\nline", "tab and line"),
        ("名" * 100 + ".pdf", "名" * 65 + ".pdf"),
    ],
)
def test_names_fit_every_file_system(name, safe):
    octets = f"Content-Type: text/plain\nContent-Disposition: attachment; filename*=utf-8''{quote(name)}\n\nx\n"

    assert parse(octets.encode()).attachments[0].file_name == safe
