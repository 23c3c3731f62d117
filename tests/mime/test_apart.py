"""Messages that may hang are read in a process that can be killed."""

import subprocess

import pytest

from mailbox.mime import apart
from mailbox.mime.apart import UNREAD, is_suspicious, parse_again, parse_apart
from mailbox.mime.parse import parse
from tests.mime.hostile import HOSTILE

ORDINARY = b"Subject: Scan\nContent-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n"
SUSPICIOUS = b"Subject: Odd\nTo: bob@home.test\n" + b"X-A: " + b"y" * 200_000 + b"\n\nbody\n"


@pytest.fixture
def processes(monkeypatch):
    """How each process that was started to read ended."""
    codes = []
    run = subprocess.run

    def noting(*args, **kwargs):
        done = run(*args, **kwargs)
        codes.append(done.returncode)
        return done

    monkeypatch.setattr(apart.subprocess, "run", noting)
    return codes


def test_an_ordinary_message_starts_no_process(processes):
    octets = ORDINARY + b"QUJD" * 500_000

    assert parse_apart(octets) == parse(octets)
    assert processes == []


def test_a_suspicious_message_that_can_be_read_is_read(processes):
    assert parse_apart(SUSPICIOUS) == parse(SUSPICIOUS)
    assert processes == [0]


def test_what_cannot_be_read_in_time_is_its_header_and_a_file(processes):
    parsed = parse_apart(SUSPICIOUS, seconds=0)

    assert processes != [0]
    assert parsed.defects == (UNREAD,)
    assert parsed.header.subject == "Odd"
    assert parsed.header.to[0].address == "bob@home.test"
    assert parsed.text() == ""
    assert [(part.file_name, part.content()) for part in parsed.attachments] == [("message.eml", SUSPICIOUS)]


def test_what_took_too_long_is_not_tried_again():
    assert parse_again(SUSPICIOUS, [UNREAD]).defects == (UNREAD,)
    assert parse_again(SUSPICIOUS, ["no header"]) == parse(SUSPICIOUS)


@pytest.mark.parametrize("name", ["100,000 parts", "10 MB header", "a million addresses", "uuencode begins"])
def test_hostile_shapes_are_suspicious(name):
    assert is_suspicious(HOSTILE[name]())
