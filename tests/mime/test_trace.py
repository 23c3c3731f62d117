"""Fields that servers add."""

from datetime import UTC, datetime, timedelta, timezone

from mailbox.mime.parse import parse
from mailbox.mime.trace import format_date, received, received_at, return_path, topmost_received

NOON = datetime(2025, 2, 3, 12, 0, 5, tzinfo=timezone(timedelta(hours=9)))


def test_a_received_field_names_both_ends():
    field = received(
        helo="mail.far.test",
        peer="192.0.2.7",
        by="home.test",
        protocol="ESMTPS",
        at=NOON,
        queue_id="q1",
        recipient="bob@home.test",
    )

    assert field == (
        b"Received: from mail.far.test ([192.0.2.7])\r\n"
        b"\tby home.test with ESMTPS id q1\r\n"
        b"\tfor <bob@home.test>;\r\n"
        b"\tMon, 03 Feb 2025 12:00:05 +0900\r\n"
    )


def test_a_client_cannot_add_fields_by_its_name():
    field = received(helo="x\r\nBcc: y", peer="::1", by="home.test", protocol="SMTP", at=NOON, recipient="a>\r\nX: y")

    assert [line[:1] for line in field.split(b"\r\n")] == [b"R", b"\t", b"\t", b"\t", b""]
    assert b"\tfor <aX:y>;" in field


def test_what_is_written_can_be_read():
    octets = received(helo="", peer="", by="", protocol="", at=NOON) + return_path("") + b"Subject: x\r\n\r\nbody"

    parsed = parse(octets)

    assert parsed.header.received_at == NOON
    assert topmost_received(parsed.header.fields).startswith("from unknown")
    assert parsed.header.field("Return-Path") == "<>"


def test_without_a_trace():
    assert topmost_received(()) == ""
    assert received_at(b"") is None
    assert received_at("from a by b") is None


def test_dates_are_english_and_in_their_own_zone():
    assert format_date(NOON) == "Mon, 03 Feb 2025 12:00:05 +0900"
    assert format_date(datetime(1, 1, 1, tzinfo=UTC)) == "Mon, 01 Jan 0001 00:00:00 +0000"
