"""The demo shows what deceives and what invites, and raises no false alarm."""

from datetime import UTC, datetime

import pytest

from mailbox.mime.authentication import Authentication, authenticate
from mailbox.mime.parse import Header, parse
from mailbox.mime.sender import Known, Level, findings
from webmail.demo.letters import Letter, letters
from webmail.demo.octets import octets
from webmail.demo.people import PEOPLE, READERS

LETTERS = letters(datetime(2025, 11, 23, 9, 30, tzinfo=UTC))
HONEST = [letter for letter in LETTERS if letter.id != "not-the-bank"]
OWN = frozenset(person.address for person in READERS.values())


def header(letter: Letter) -> Header:
    return parse(octets(letter, READERS["alice"])).header


@pytest.mark.parametrize("letter", HONEST, ids=lambda letter: letter.id)
def test_honest_letters_raise_no_doubt(letter):
    known = Known(own_addresses=OWN, is_first=True, is_new=True)
    assert all(finding.level == Level.FACT for finding in findings(header(letter), Authentication(), known))


def test_the_readers_own_server_has_checked_every_letter():
    found = {
        letter.id: authenticate(
            header(letter).raw_fields, author=letter.author.address, trusted={f"mx.{READERS['alice'].domain}"}
        )
        for letter in LETTERS
    }
    assert {each for each, said in found.items() if not said.is_verified} == {"prize"}
    assert found["prize"].is_refuted


def test_the_one_that_is_not_from_the_bank_is_danger():
    letter = next(letter for letter in LETTERS if letter.id == "not-the-bank")
    known = Known(OWN, namesake=PEOPLE["bank"].address, is_first=True, is_new=True)
    assert findings(header(letter), Authentication(), known)[0].level == Level.DANGER
