"""What is added to, and taken from, a message that somebody else's program wrote."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox.mime.parse import parse
from mailbox.mime.submission import complete, redated, without_bcc

DATE = datetime(2025, 11, 24, 9, 0, tzinfo=UTC)
HEADER = b"Date: Mon, 24 Nov 2025 09:00:00 +0000\r\nFrom: a@b.test\r\nMessage-ID: <1@b.test>\r\nTo: c@d.test\r\n"
WHOLE = HEADER + b"\r\nHello\r\n"
LINES = st.lists(st.sampled_from([b"Bcc: x@y", b"To: x@y", b" z", b"\n", b"\r\n", b"a"])).map(b"".join)


def completed(octets: bytes) -> bytes:
    return complete(octets, sender="alice@home.test", domain="home.test", date=DATE)


def test_changes_nothing_that_is_whole() -> None:
    assert completed(WHOLE) == WHOLE
    assert without_bcc(WHOLE) == WHOLE


def test_adds_what_is_missing_on_top() -> None:
    lines = completed(b"Subject: x\r\n\r\nHello\r\n").split(b"\r\n")
    assert lines[:2] == [b"Date: Mon, 24 Nov 2025 09:00:00 +0000", b"From: alice@home.test"]
    assert lines[2].startswith(b"Message-ID: <")
    assert lines[2].endswith(b"@home.test>")
    assert lines[3:] == [b"Subject: x", b"", b"Hello", b""]


@pytest.mark.parametrize("name", [b"date", b"DATE", b"Date "])
def test_knows_a_field_in_any_writing(name: bytes) -> None:
    assert completed(name + b": then\r\n\r\n").lower().count(b"date") == 1


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_line_ends_become_crlf(end: bytes) -> None:
    assert completed(WHOLE.replace(b"\r\n", end)) == WHOLE


def test_text_without_a_header_is_a_body() -> None:
    octets = completed(b"just text\nand: more\n")
    parsed = parse(octets)
    assert parsed.text() == "just text\nand: more\n"
    assert [each.address for each in parsed.header.from_] == ["alice@home.test"]


def test_nothing_at_all_is_a_header_alone() -> None:
    assert completed(b"").endswith(b"@home.test>\r\n")


@pytest.mark.parametrize("start", [b"From dana@far.test Mon Nov 24 09:00:00 2025\n", b">From dana\r\n"])
def test_the_line_that_begins_a_message_in_an_mbox_goes(start: bytes) -> None:
    assert completed(start + WHOLE) == WHOLE


@pytest.mark.parametrize(
    "field",
    [
        b"Bcc: grace@far.test\r\n",
        b"BCC : grace@far.test\r\n",
        b"Bcc: erin@far.test,\r\n\tgrace@far.test,\r\n frank@far.test\r\n",
        b"Resent-Bcc: grace@far.test\r\n",
        b"Bcc:\r\n grace@far.test\r\nBcc: grace@far.test\r\n",
    ],
)
def test_blind_copies_go_with_all_their_lines(field: bytes) -> None:
    assert without_bcc(field + WHOLE) == WHOLE
    assert without_bcc(WHOLE.replace(b"To:", field + b"To:")) == WHOLE


def test_the_body_is_nobodys_business() -> None:
    octets = WHOLE + b"Bcc: this is text\r\n\r\nFrom here on\r\n"
    assert without_bcc(completed(octets)) == octets


def test_a_line_that_is_no_field_begins_the_body() -> None:
    octets = without_bcc(completed(b"To: c@d.test\r\nnonsense\r\nBcc: grace@far.test\r\n\r\n"))
    header = parse(octets).header
    assert [each.address for each in header.to] == ["c@d.test"]
    assert header.bcc == ()


@given(st.binary(max_size=200) | LINES)
def test_whatever_comes_is_complete_and_shows_no_blind_copy(octets: bytes) -> None:
    whole = completed(octets)
    assert completed(whole) == whole
    header = parse(without_bcc(whole)).header
    assert header.message_id
    assert header.bcc == ()


def test_another_date_takes_the_place_of_the_first_whole_field() -> None:
    octets = b"From: a@b.test\r\nDATE : Mon,\r\n 24 Nov 2025 09:00:00 +0000\r\nSubject: Tea\r\n\r\nDate: text\r\n"
    again = redated(octets, datetime(2026, 11, 30, 8, 0, tzinfo=timezone(timedelta(hours=9))))
    assert again == (b"From: a@b.test\r\nDate: Mon, 30 Nov 2026 08:00:00 +0900\r\nSubject: Tea\r\n\r\nDate: text\r\n")
