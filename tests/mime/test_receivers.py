"""At which address a message reached its reader."""

from mailbox.mime.parse import Header, parse
from mailbox.mime.receivers import receivers


def header(*lines: str) -> Header:
    return parse("".join(f"{line}\r\n" for line in lines).encode() + b"\r\nWords.\r\n").header


def test_the_recipient_on_the_envelope_comes_first_and_the_maildrop_last() -> None:
    found = header(
        "Delivered-To: box17@home.test",
        "X-Original-To: shop@home.test",
        "To: club@far.test, Alice <Alice@Home.test>",
        "Cc: info@home.test",
    )
    expected = ("shop@home.test", "club@far.test", "alice@home.test", "info@home.test", "box17@home.test")
    assert receivers(found) == expected


def test_each_stands_once() -> None:
    found = header(
        "Envelope-To: a@home.test", "To: A@home.test", "Delivered-To: <a@home.test>", "Delivered-To: b@home.test"
    )
    assert receivers(found) == ("a@home.test", "b@home.test")


def test_nobody_is_named() -> None:
    assert receivers(header("Subject: Hello")) == ()


def test_a_long_list_is_cut() -> None:
    many = ", ".join(f"a{number}@far.test" for number in range(900))
    assert len(receivers(header(f"To: {many}"))) == 500
