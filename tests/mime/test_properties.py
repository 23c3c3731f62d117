"""What holds for any octets and any text."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from mailbox.mime.charset import decode_text
from mailbox.mime.cms import signed_content
from mailbox.mime.compose import File, build, quoted
from mailbox.mime.enriched import enriched_text, richtext_text
from mailbox.mime.flowed import unflow
from mailbox.mime.headers import Address, addresses, date, decode, message_ids
from mailbox.mime.leaves import MESSAGE_TYPES
from mailbox.mime.parameters import read_parameters
from mailbox.mime.parse import parse
from mailbox.mime.plain import blocks
from mailbox.mime.preview import html_text, preview
from mailbox.mime.protection import Protection
from mailbox.mime.rtf import decompress, rtf_text
from mailbox.mime.sanitize import sanitize
from mailbox.mime.styles import clean_declarations, clean_sheet
from mailbox.mime.subject import base_subject, reply_subject
from mailbox.mime.tnef import read_tnef
from mailbox.mime.tokens import query_terms, tokens
from mailbox.mime.uuencode import find_files
from tests.mime import tnef_writer as tnef

few = settings(max_examples=120, deadline=None)
PIECES = [
    b"\r\n", b"\n", b"\r", b"\x00", b"\xff", b"--b", b"--b--", b"--",
    b"Content-Type: multipart/mixed; boundary=b\n", b'Content-Type: multipart/alternative; boundary="b"\n',
    b"Content-Type: text/html; charset=", b"iso-2022-jp", b"utf-7", b"utf-16",
    b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: quoted-printable\n",
    b"Content-Transfer-Encoding: x-uuencode\n", b"Content-Disposition: attachment; filename*0*=", b"''%E3",
    b"Subject: ", b"From: ", b"=?utf-8?B?", b"?=", b"=?", b"<", b">", b"@", b"(", b")", b'"', b"\\", b";", b":",
    b" ", b"\t", b"=", b"\x1b$B", b"\x1b(B", b"Date: 1 Jan 1 00:00:00 +9999\n", b"message/rfc822",
    b"begin 644 a\n", b"#0V%T\n", b"`\nend\n", b"Content-Type: application/ms-tnef\n", b"\x78\x9f\x3e\x22\x01\x00",
    b"Content-Type: application/pkcs7-mime\n", b"Content-Type: text/enriched\n",
    b"0\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80",
    b"Content-Type: message/partial; number=1; total=9\n", b"Content-Type: multipart/appledouble; boundary=b\n",
    b"Content-Type: message/external-body; access-type=URL; url=x\n", b"-----BEGIN PGP MESSAGE-----\n",
    b"Content-Type: message/rfc822\n", b"Content-Type: multipart/signed; boundary=b\n", b"Content-Location: a\n",
    b"<param>", b"<style>", b"<!--", b"</", b"abc", b"format=flowed;",
]  # fmt: skip
octets = st.lists(st.sampled_from(PIECES) | st.binary(max_size=6), max_size=40).map(b"".join)
MARKUP = [
    "<", ">", "</", "/>", "<!--", "-->", "<!", "<?", '"', "'", "=", " ", "&lt;", "&#60;", "&quot;", "div",
    "table", "td", "tr", "p", "b", "a", "font", "svg", "math", "style", "script", "title", "select", "template",
    "body", "img", "br", " href=", " src=", " style=", " class=", " id=", "http://x.test", "javascript:x",
    "cid:c", "{", "}", "color:red", ";", "url(", ")", "@media ", "\\3c", "/*", "*/", "x", "\n", "\x00", "İ",
    " title=", "<b>", "</b>", "<a href='http://x.test'>", "</a>", "<table>", "</table>", "<p>", "</p>", "<li>",
    "<td>", "<style>", "</style>", "<svg>", "</svg>", "<body class=x>", " bgcolor=red",
]  # fmt: skip
markup = st.lists(st.sampled_from(MARKUP) | st.text(max_size=3), max_size=40).map("".join)
name = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.sampled_from(' ",.()\\'), max_size=40)
local_part = st.from_regex(r"[a-z][a-z0-9.+-]{0,20}", fullmatch=True)
address = st.builds(lambda shown, local: Address(" ".join(shown.split()), f"{local}@home.test"), name, local_part)


@few
@given(octets)
def test_any_octets_are_shown(message):
    parsed = parse(message)

    assert "\x00" not in parsed.text()
    parsed.text().encode()
    str(parsed.header).encode()
    assert all(part.file_name and "/" not in part.file_name for part in parsed.attachments)
    assert [part.index for part in parsed.parts] == list(range(len(parsed.parts)))
    for role in (parsed.bodies, parsed.readable, parsed.attachments):
        assert all(parsed.parts[part.index] is part for part in role)
    assert all(value.isprintable() or value for _, value in parsed.header.fields if value)
    assert parsed.protection in Protection


@few
@given(octets)
def test_any_part_is_read(message):
    parsed = parse(message)

    for part in parsed.parts:
        content = part.content()
        part.text().encode()
        assert part.octets_count >= 0
        assert content.startswith(part.head(10)[:9])
        assert "/" in part.true_type
        assert "\n" not in part.content_location + part.external_address
        nested = parsed.nested(part)
        assert (nested is None) == (part.media_type not in MESSAGE_TYPES)


@few
@given(st.sampled_from([b"", tnef.SIGNATURE, tnef.stream(tnef.file(b"a", b"b"))]), octets)
def test_any_octets_are_looked_at_by_the_readers_of_other_formats(head, rest):
    content = head + rest
    found = read_tnef(content, limit=5)

    assert len(found.files) <= 5
    assert all(0 <= file.start <= file.end <= len(content) for file in (*found.files, *found.texts))
    rtf_text(content).encode()
    assert len(decompress(content, limit=99)) <= 99
    assert len(signed_content(content)) <= len(content)
    assert all(file.start < file.end for file in find_files(content, limit=5))
    enriched_text(content.decode("latin-1"))
    richtext_text(content.decode("latin-1"))


@few
@given(octets)
def test_any_field_is_read(value):
    text = decode(value)
    assert not any(ord(letter) < 32 for letter in text)
    text.encode()
    assert all(isinstance(each, Address) for each in addresses(value))
    assert all(message_ids(value))
    assert all("\x00" not in parameter for parameter in read_parameters(value)[1].values())
    found = date(value)
    assert found is None or found.astimezone(UTC).year >= 1899


@few
@given(
    octets,
    st.sampled_from(
        ["", "utf-8", "iso-2022-jp", "shift_jis", "gb2312", "big5", "utf-7", "utf-16", "euc-kr", "x", "hz", "utf-32"]
    ),
)
def test_any_octets_are_text(value, label):
    decode_text(value, label).encode()
    assert "\x00" not in decode_text(value, label)


@settings(max_examples=400, deadline=None)
@given(markup)
def test_sanitising_twice_is_sanitising_once(html):
    once = sanitize(html).html

    assert sanitize(once).html == once
    assert "<script" not in once
    assert "javascript:x" not in once or 'href="javascript' not in once


@few
@given(markup)
def test_cleaning_css_twice_is_cleaning_it_once(css):
    once = clean_sheet(css)
    assert clean_sheet(once) == once
    assert "<" not in once
    declarations = clean_declarations(css)
    assert clean_declarations(declarations) == declarations


@few
@given(markup | st.text(max_size=300))
def test_any_text_is_displayed(text):
    assert len(preview(text)) <= 200
    assert "\n" not in preview(text)
    html_text(text)
    unflow(text)
    quoted(text, "x")
    assert all(span.text for block in blocks(text) for line in block.lines for span in line)
    base_subject(text)
    assert reply_subject(reply_subject(text)) == reply_subject(text)


@few
@given(st.text(max_size=200))
def test_tokens_hold_nothing_the_databases_would_split_at(text):
    found = tokens(text)

    assert all(word and len(word) <= 64 for word in found)
    assert not any(letter.isascii() and not letter.isalnum() for word in found for letter in word)
    assert tokens(" ".join(word for word in found if word.isascii())) == [word for word in found if word.isascii()]
    assert all(term.tokens for term in query_terms(text))


@few
@given(
    sender=address,
    to=st.lists(address, min_size=1, max_size=5),
    subject=name,
    text=st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\ufeff"), max_size=300),
    content=st.binary(max_size=300),
)
def test_what_is_built_is_what_is_read(sender, to, subject, text, content):
    message = build(
        sender=sender,
        to=to,
        cc=(),
        subject=subject,
        text=text,
        date=datetime(2025, 2, 3, tzinfo=UTC),
        message_id="1@home.test",
        attachments=[File("a.bin", "application/octet-stream", content)],
    )

    parsed = parse(message)

    assert message.isascii()
    assert parsed.defects == ()
    assert parsed.header.from_ == (sender,)
    assert parsed.header.to == tuple(to)
    assert parsed.header.subject == subject.strip()
    assert parsed.plain.text().removesuffix("\n") == text.removesuffix("\n") if parsed.plain else not text
    assert parsed.attachments[0].content() == content
