"""8-bit messages made fit for servers that take 7-bit octets only, without a word of them changed."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbox.mime.parse import parse
from mailbox.mime.seven_bit import Signed, in_seven_bits

HEADER = "From: Alice <alice@home.test>\r\nMessage-ID: <1@home.test>\r\n"
UTF8 = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
GERMAN = "Grüße aus Köln.\r\nWie geht es? Uns geht es gut.\r\n"


def mixed(*parts: str, kind: str = "mixed") -> bytes:
    entities = "".join(f"--b\r\n{part}\r\n" for part in parts)
    return (
        f"{HEADER}MIME-Version: 1.0\r\nContent-Type: multipart/{kind}; boundary=b\r\n\r\n{entities}--b--\r\n".encode()
    )


def test_text_becomes_quoted_printable() -> None:
    octets = (HEADER + UTF8 + "\r\n" + GERMAN).encode()

    converted = in_seven_bits(octets)

    assert b"Gr=C3=BC=C3=9Fe aus K=C3=B6ln.\r\n" in converted
    assert b"Content-Transfer-Encoding: quoted-printable\r\n" in converted
    assert b"8bit" not in converted
    assert parse(converted).text() == parse(octets).text()


def test_text_that_is_mostly_other_letters_becomes_base64() -> None:
    octets = (HEADER + UTF8 + "\r\n" + "会議の資料を送ります。\r\n").encode()

    converted = in_seven_bits(octets)

    assert b"Content-Transfer-Encoding: base64\r\n" in converted
    assert parse(converted).text() == "会議の資料を送ります。\n"


@pytest.mark.parametrize(
    ("body", "charset"), [(GERMAN.encode(), b"utf-8"), (GERMAN.encode("latin-1"), b"unknown-8bit")]
)
def test_text_that_does_not_say_what_it_is_is_told_as_far_as_anybody_can(body: bytes, charset: bytes) -> None:
    converted = in_seven_bits(HEADER.encode() + b"\r\n" + body)

    assert b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=" + charset + b"\r\n" in converted
    assert parse(converted).text() == GERMAN.replace("\r\n", "\n")


def test_raw_letters_of_the_header_become_encoded_words() -> None:
    header = "Subject: Grüße\r\nTo: Jörg Müller <joerg@far.test>,\r\n bob@far.test\r\nX-Note: schön\r\n"
    octets = (header + HEADER + UTF8 + "\r\nx\r\n").encode()

    converted = in_seven_bits(octets)

    found = parse(converted).header
    assert converted.isascii()
    assert (found.subject, found.to, found.message_id) == ("Grüße", parse(octets).header.to, "1@home.test")
    assert found.field("X-Note") == "schön"
    assert converted.endswith(b"\r\n\r\nx\r\n")


def test_raw_letters_in_the_charset_of_the_text_keep_their_meaning() -> None:
    octets = "Subject: Zażółć\r\nContent-Type: text/plain; charset=iso-8859-2\r\n\r\ngęślą jaźń\r\n".encode("latin2")

    assert parse(in_seven_bits(octets)).header.subject == "Zażółć"


def test_only_the_parts_that_need_it_are_encoded() -> None:
    text = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{GERMAN}"
    plain = "Content-Type: text/plain\r\nContent-Transfer-Encoding: 7bit\r\nX-Own: 1\r\n\r\nAs it is.\r\n"
    file = 'Content-Type: a/b; name="für.bin"\r\nContent-Transfer-Encoding: binary\r\n\r\n\x00ÿ\r\nÿ'
    octets = mixed(text, plain, file)

    converted = in_seven_bits(octets)

    assert converted.isascii()
    assert plain.encode() in converted
    assert [part.content() for part in parse(converted).parts] == [part.content() for part in parse(octets).parts]
    assert [part.encoding for part in parse(converted).parts] == ["quoted-printable", "7bit", "base64"]
    assert parse(converted).attachments[0].file_name == "für.bin"


def test_a_message_inside_is_converted_and_not_encoded() -> None:
    inner = HEADER + UTF8 + "\r\n" + GERMAN
    octets = mixed(f"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{inner}")

    converted = in_seven_bits(octets)

    parsed = parse(converted)
    nested = parsed.nested(parsed.parts[0])
    assert nested
    assert converted.isascii()
    assert nested.text() == "Grüße aus Köln.\nWie geht es? Uns geht es gut.\n"
    assert parsed.parts[0].encoding in ("", "7bit")


def test_a_line_end_at_the_end_of_a_part_neither_comes_nor_goes() -> None:
    head = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    for text in ("é", "é\r\n", "é\r\n\r\n", "\r\né"):
        [part] = parse(in_seven_bits(mixed(head + text))).parts
        assert part.content() == text.encode()


def test_what_was_signed_is_not_touched() -> None:
    text = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{GERMAN}"
    signature = "Content-Type: application/pgp-signature\r\n\r\nx\r\n"
    with pytest.raises(Signed):
        in_seven_bits(mixed(text, signature, kind="signed"))
    armour = f"-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\r\n\r\n{GERMAN}"
    with pytest.raises(Signed):
        in_seven_bits((HEADER + UTF8 + "\r\n" + armour).encode())


def test_only_the_header_above_a_7_bit_signature_changes() -> None:
    parts = mixed("Content-Type: text/plain\r\n\r\nHello.\r\n", "Content-Type: a/b\r\n\r\nx\r\n", kind="signed")
    octets = "Subject: Grüße\r\n".encode() + parts

    converted = in_seven_bits(octets)

    assert converted.isascii()
    assert converted.partition(b"\r\n\r\n")[2] == octets.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize(
    "octets",
    [
        "To: 用户@例子.test\r\n\r\nx\r\n".encode(),
        b"Subject: a\r\n\xe9 not a field\r\nTo: b\r\n\r\nx\r\n",
    ],
)
def test_what_cannot_be_said_in_seven_bits_comes_back_as_it_is(octets: bytes) -> None:
    assert in_seven_bits(octets) == octets


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200), st.sampled_from(["text/plain", "a/b", "message/rfc822", "multipart/mixed; boundary=x"]))
def test_any_octets_keep_what_they_say(body: bytes, media_type: str) -> None:
    body = body.replace(b"\r", b"").replace(b"\n", b"\r\n")
    octets = f"{HEADER}Content-Type: {media_type}\r\n\r\n".encode() + body

    converted = in_seven_bits(octets)

    assert converted == octets or converted.isascii()
    assert parse(converted).header.message_id == "1@home.test"
    if media_type in ("text/plain", "a/b"):
        assert converted.isascii()
        assert parse(converted).parts[0].content() == parse(octets).parts[0].content()
