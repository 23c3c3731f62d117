"""Parts that lie elsewhere, and parts that HTML names."""

import pytest

from mailbox.mime.elsewhere import Fragment
from mailbox.mime.parse import parse


@pytest.mark.parametrize(
    ("parameters", "address"),
    [
        (b'access-type=URL; url="http://x.test/\n a/very/long/path"', "http://x.test/a/very/long/path"),
        (b"access-type=ANON-FTP; site=ftp.x.test; directory=pub; name=a.ps", "ftp://ftp.x.test/pub/a.ps"),
        (b"access-type=mail-server; server=list@x.test", "mailto:list@x.test"),
        (b"access-type=local-file; name=/home/alice/a.ps", "/home/alice/a.ps"),
        (b"x=y", ""),
    ],
)
def test_external_bodies_are_named(parameters, address):
    parsed = parse(b"Content-Type: message/external-body; " + parameters + b"\n\nContent-Type: image/png\n\n")

    assert parsed.attachments[0].external_address == address
    assert parsed.attachments[0].file_name
    assert parsed.bodies == ()


def test_fragments_are_named():
    parsed = parse(b'Content-Type: message/partial; id="a@x.test"; number=2; total=3\n\nmiddle\n')

    assert parsed.attachments[0].fragment == Fragment("a@x.test", 2, 3)
    assert parsed.attachments[0].file_name == "fragment-2-of-3.txt"
    assert parse(b"Content-Type: message/partial; number=x\n\n").attachments[0].fragment == Fragment("", 0, 0)
    assert parse(b"\nwords").parts[0].fragment is None


@pytest.mark.parametrize(
    ("address", "index"),
    [
        ("cid:pic%40x", 1),
        ("CID:pic@x", 1),
        ("cid:", None),
        ("cid:other@x", None),
        ("logo.gif", 2),
        ("http://x.test/mail/logo.gif", 2),
        ("http://x.test/other.gif", None),
        ("http://[", None),
    ],
)
def test_html_names_parts_by_content_id_and_location(address, index):
    parsed = parse(
        b"Content-Type: multipart/related; boundary=b\n\n"
        b"--b\nContent-Type: text/html\nContent-Location: http://x.test/mail/index.html\n\n<img src=logo.gif>\n"
        b"--b\nContent-Type: image/png\nContent-ID: <pic@x>\n\n1\n"
        b"--b\nContent-Type: image/gif\nContent-Location: logo\n .gif\n\n2\n--b--\n"
    )

    found = parsed.part_at(address, parsed.bodies[0])

    assert (found and found.index) == index
    assert [part.is_inline for part in parsed.attachments] == [True, True]
