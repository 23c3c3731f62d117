"""The demo's letters are mail as real mail is, and say what they were meant to say."""

import struct
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from mailbox.mime import calendar, unsubscribe
from mailbox.mime.parse import Parsed, parse
from mailbox.mime.plain import blocks
from webmail.demo.files import file
from webmail.demo.letters import Letter, letters
from webmail.demo.octets import octets
from webmail.demo.people import PEOPLE, READERS

NOW = datetime(2025, 11, 23, 9, 30, tzinfo=UTC)
LETTERS = letters(NOW)


def parsed(letter: Letter) -> Parsed:
    return parse(octets(letter, READERS["alice"]))


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter.id)
def test_every_letter_is_read_as_it_was_meant(letter):
    found = parsed(letter)
    assert found.defects == ()
    assert found.header.subject == letter.subject
    assert found.header.date == letter.written_at
    assert found.header.received_at == letter.written_at
    assert found.header.from_[0].name == letter.author.name
    assert found.header.from_[0].address == letter.author.address
    assert len(found.header.to) == len(letter.to)
    assert {each.file_name for each in found.attachments} >= set(letter.files)
    assert found.plain
    assert found.plain.text().split() == letter.plain.split()


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter.id)
def test_every_letter_keeps_to_the_wire(letter):
    raw = octets(letter)
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_every_address_is_one_that_cannot_exist():
    assert all(person.domain.endswith((".example", ".test")) for person in PEOPLE.values())
    for letter in LETTERS:
        hosts = [link.split("/")[0] for link in parsed(letter).text().split("https://")[1:]]
        assert all(host.endswith(".example") for host in hosts)


def test_letters_are_spread_over_two_months_and_never_lie_ahead():
    dates = [letter.written_at for letter in LETTERS]
    assert dates == sorted(dates)
    assert NOW - timedelta(days=60) < dates[0] < NOW - timedelta(days=45)
    assert sum(NOW - date < timedelta(hours=24) for date in dates) >= 8
    assert max(dates) <= NOW


@pytest.mark.parametrize("hour", [0, 1, 7, 15, 22, 23])
def test_answers_follow_what_they_answer_at_any_hour(hour):
    for letter in letters(NOW.replace(hour=hour)):
        assert letter.parent is None or letter.parent.written_at < letter.written_at


def test_a_letter_is_the_same_every_time():
    again = {letter.id: octets(letter, READERS["bob"]) for letter in letters(NOW)}
    assert again == {letter.id: octets(letter, READERS["bob"]) for letter in LETTERS}


def test_letters_come_in_the_charsets_of_real_mail():
    kinds = {part.charset for letter in LETTERS for part in parsed(letter).parts if part.media_type == "text/plain"}
    assert {"us-ascii", "utf-8", "iso-2022-jp", "windows-1252", "iso-8859-1"} <= kinds


def test_no_slot_is_left_in_a_letter():
    for letter in LETTERS:
        html = parsed(letter).html
        assert "{" not in letter.text + letter.subject
        assert "$" not in (html.text() if html else "")


def test_weekends_fall_on_weekends():
    first = next(letter for letter in LETTERS if letter.id == "birthday-1")
    assert "from Friday 26 December to Sunday 28 December" in " ".join(first.text.split())


def test_newsletters_are_tables_with_pictures():
    html = parsed(next(letter for letter in LETTERS if letter.id == "kitchen-2")).html
    assert html
    text = html.text()
    assert text.count("<table") == text.count("</table>") >= 4
    assert text.count("<td") == text.count("</td>") >= 15
    assert "cid:kitchen.kitchen-2@slow-kitchen.example" in text
    assert "<td align" in text


def test_no_mark_up_is_seen_in_the_text():
    marks = ("# ", "| ", "&& ", "![", "> ![", "**")
    for letter in LETTERS:
        assert not [line for line in letter.plain.splitlines() if line.startswith(marks)]
    order = next(letter for letter in LETTERS if letter.id == "order")
    assert "Total, with VAT   84.40" in order.plain


def test_text_cannot_break_out_of_the_html():
    html = parsed(next(letter for letter in LETTERS if letter.id == "paper-news")).html
    assert html
    assert "Pine &amp; Paper" in html.text()
    assert "Pine & Paper" not in html.text()


def test_pictures_are_whole_png_files():
    letter = LETTERS[0]
    media_type, octets_of_file = file("lake.png", letter)
    assert media_type == "image/png"
    assert octets_of_file[:8] == b"\x89PNG\r\n\x1a\n"
    place, kinds, pixels = 8, [], b""
    while place < len(octets_of_file):
        (size,) = struct.unpack(">I", octets_of_file[place : place + 4])
        kind, content = octets_of_file[place + 4 : place + 8], octets_of_file[place + 8 : place + 8 + size]
        (checksum,) = struct.unpack(">I", octets_of_file[place + 8 + size : place + 12 + size])
        assert checksum == zlib.crc32(kind + content)
        pixels += content if kind == b"IDAT" else b""
        kinds.append(kind)
        place += 12 + size
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]
    assert len(zlib.decompress(pixels)) == 250 * (1 + 3 * 400)


def test_papers_are_pdf_files_whose_table_points_at_their_objects():
    letter = next(letter for letter in LETTERS if letter.id == "energy-2")
    media_type, pdf = file("invoice-4127.pdf", letter)
    assert media_type == "application/pdf"
    assert b"(Invoice 4127) Tj" in pdf
    start = int(pdf.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    assert pdf[start : start + 4] == b"xref"
    places = [int(line.split()[0]) for line in pdf[start:].split(b"\n")[3:8]]
    assert all(pdf[place:].startswith(b"%d 0 obj" % number) for number, place in enumerate(places, start=1))


def test_one_letter_is_signed_and_one_holds_a_table():
    by_id = {letter.id: parsed(letter) for letter in LETTERS}
    assert by_id["workshop-keys"].protection.is_signed
    assert any(block.is_fixed for block in blocks(by_id["hours"].text()))


def test_one_letter_invites_and_one_list_is_left_by_one_click():
    by_id = {letter.id: parsed(letter) for letter in LETTERS}
    invitation = next(part for part in by_id["lighthouse"].parts if part.media_type == "text/calendar")
    found = calendar.read_calendar(invitation.text())
    assert found
    assert found.method == calendar.Method.REQUEST
    assert "Alice Moreau" in {guest.name for guest in found.events[0].attendees}
    way = unsubscribe.way_out(by_id["kitchen-2"].header, is_signed=True)
    assert way
    assert way.method == unsubscribe.Method.ONE_CLICK
