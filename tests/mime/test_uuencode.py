"""Files inside the text, as mailers wrote them before MIME."""

import pytest

from mailbox.mime.parse import parse
from mailbox.mime.uuencode import find_files

CAT = b"begin 644 cat.txt\n#0V%T\n`\nend\n"


def test_files_leave_the_text():
    parsed = parse(b"Subject: x\n\nsee\n" + CAT + b"and\n" + CAT.replace(b"cat.txt", b"a/b.gif") + b"bye\n")

    assert parsed.text() == "see\nand\nbye\n"
    assert [(part.index, part.file_name, part.media_type, part.content()) for part in parsed.attachments] == [
        (1, "cat.txt", "text/plain", b"Cat"),
        (2, "b.gif", "image/gif", b"Cat"),
    ]
    assert parsed.parts[0].text() == parsed.text()
    assert parsed.attachments[0].octets_count == 3


def test_they_are_found_below_a_transfer_encoding():
    octets = b"Content-Transfer-Encoding: quoted-printable\n\ncaf=C3=A9\n" + CAT + b"end of it=\n.\n"

    assert parse(octets).text() == "café\nend of it.\n"
    assert parse(octets).attachments[0].content() == b"Cat"


def test_the_plain_text_beside_html_loses_them_as_well():
    octets = (
        b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n"
        + CAT
        + b"--b\nContent-Type: text/html\n\n<p>rich\n--b--\n"
    )

    parsed = parse(octets)

    assert parsed.text() == "plain\n"
    assert [part.file_name for part in parsed.attachments] == ["cat.txt"]


@pytest.mark.parametrize(
    "text",
    [
        b"begin 644 with courage\nand never end\n",
        b"begin 644 cat.txt\n#0V%T\n",
        b"begin 644 notes\nTHE WHOLE TEXT IS LOUD\nend\n",
        b"begin 9 cat.txt\n#0V%T\n`\nend\n",
        b"> begin 644 cat.txt\n> #0V%T\n> `\n> end\n",
        b"begin 644 cat.txt\nend\n",
    ],
)
def test_what_is_no_file_stays_text(text):
    assert parse(b"\n\n" + text).attachments == ()
    assert parse(b"\n\n" + text).text() == "\n" + text.decode()


def test_lost_blanks_and_other_line_ends_do_no_harm():
    content = b"begin 644 zeros\r\n&" + b"\r\n`\r\nend\r\n"

    assert len(find_files(content, limit=9)) == 1


def test_yenc_is_left_alone():
    text = b"=ybegin line=128 size=3 name=cat.bin\nm\x8b\x9e\n=yend size=3\n"

    assert parse(b"\n" + text).attachments == ()


def test_files_are_bounded():
    assert len(find_files(CAT * 100, limit=7)) == 7
    assert find_files(b"begin 644 a\n" * 100_000, limit=7) == []
