"""What Takeout writes above a message is read and taken off; what stands below it is the message's own."""

import pytest

from mailbox.mime.takeout import Taken, read_taken

PLAIN = b"From: eve@example.org\r\nSubject: Boats\r\n\r\nHello\r\n"


def taken(labels: str, rest: bytes = PLAIN) -> Taken:
    return read_taken(f"X-GM-THRID: 1849\r\nX-Gmail-Labels: {labels}\r\n".encode() + rest)


def test_gives_the_message_back_as_it_was_received():
    assert taken("Inbox").octets == PLAIN


def test_lines_end_as_on_the_wire_again():
    lf = b"X-GM-THRID: 1\nX-Gmail-Labels: Inbox\n" + PLAIN.replace(b"\r\n", b"\n")
    assert read_taken(lf).octets == PLAIN


def test_mixed_lines_stay_as_they_are():
    mixed = b"Subject: x\r\n\r\none\ntwo\r\n"
    assert taken("Inbox", mixed).octets == mixed


@pytest.mark.parametrize(
    ("labels", "place"),
    [
        ("Inbox,Opened", "inbox"),
        ("Sent", "sent"),
        ("Sent,Inbox", "inbox"),
        ("Archived", "archive"),
        ("Trash,Inbox", "trash"),
        ("Spam", "spam"),
        ("=?UTF-8?Q?=E5=8F=97=E4=BF=A1=E3=83=88=E3=83=AC=E3=82=A4?=", "inbox"),
        ("Gesendet", "sent"),
    ],
)
def test_finds_the_place(labels, place):
    assert taken(labels).place == place


def test_knows_what_was_unread_and_starred():
    assert not taken("Inbox,Unread").is_read
    assert taken("Inbox,Opened").is_read
    assert taken("Inbox,Starred").is_starred


def test_keeps_the_labels_that_a_person_made():
    found = taken('Inbox,Important,Category Promotions,Travel/Japan,"Bills, paid",Opened')
    assert found.labels == ("Travel/Japan", "Bills, paid")


def test_reads_folded_and_encoded_labels():
    found = taken("=?UTF-8?Q?Caf=C3=A9?=,\r\n Boats")
    assert found.labels == ("Café", "Boats")


def test_a_message_without_such_fields_stays_as_it_is():
    octets = PLAIN.replace(b"\r\n", b"\n")
    assert read_taken(octets) == Taken(octets)


def test_fields_further_down_are_a_strangers():
    octets = PLAIN.replace(b"Subject", b"X-Gmail-Labels: Trash,Evil\r\nSubject")
    found = read_taken(octets)
    assert found.place == "archive"
    assert found.labels == ()
    assert found.octets == octets


def test_labels_without_end_are_cut():
    assert len(taken(",".join(f"l{number}" for number in range(5000))).labels) == 100
