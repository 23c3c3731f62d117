"""The same words find the same messages on both databases."""

import pytest

from accounts.models import MailAccount
from mailbox import search
from mailbox.models import Message
from tests.cast import deliver, octets_of


@pytest.fixture
def filled(account: MailAccount) -> MailAccount:
    deliver(
        account,
        octets_of("Invoice 2026-117", sender="Zoé Müller <zoe@shop.test>", text="Your café order of oranges."),
        octets_of("東京への出張", sender="田中 <tanaka@far.test>", text="来週の日本語の会議について。猫が好き"),
        octets_of("한국어 제목", sender="Kim <kim@far.test>", text="서울에서 만나요"),
        octets_of("Привет", sender="Ира <ira@far.test>", text="как дела don't panic"),
    )
    return account


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ("invoice", ["Invoice 2026-117"]),
        ("INVO", ["Invoice 2026-117"]),
        ("oranges cafe", ["Invoice 2026-117"]),
        ("CAFÉ", ["Invoice 2026-117"]),
        ("zoe", ["Invoice 2026-117"]),
        ("muller shop", ["Invoice 2026-117"]),
        ("2026-117", ["Invoice 2026-117"]),
        ("zoe@shop.test", ["Invoice 2026-117"]),
        ('"café order"', ["Invoice 2026-117"]),
        ('"order café"', []),
        ("日本語", ["東京への出張"]),
        ("日語", []),
        ("猫", ["東京への出張"]),
        ("き", ["東京への出張"]),
        ("出張 会議", ["東京への出張"]),
        ("田中", ["東京への出張"]),
        ("서울", ["한국어 제목"]),
        ("ПРИВЕТ", ["Привет"]),
        ("don't", ["Привет"]),
        ("far", ["東京への出張", "한국어 제목", "Привет"]),
        ("far invoice", []),
        ("nothing", []),
        ("", []),
        ("   ", []),
        ("'\"*()&|!:<->{}^~ \\ AND OR NOT NEAR", []),
        ("a1 a2", []),
        ("\x00", []),
    ],
)
def test_finds(filled: MailAccount, query: str, subjects: list[str]) -> None:
    found = search.find(query, [filled.pk])
    assert sorted(Message.objects.filter(pk__in=found).values_list("subject", flat=True)) == sorted(subjects)


def test_finds_nothing_of_other_accounts(filled: MailAccount) -> None:
    assert search.find("invoice", [filled.pk + 1]) == []
    assert search.find("invoice", []) == []


def test_newest_first_and_no_more_than_asked(account: MailAccount) -> None:
    messages = deliver(account, *(octets_of(f"word {number}") for number in range(5)))
    assert search.find("word", [account.pk], limit=3) == [each.pk for each in reversed(messages)][:3]


def test_a_phrase_does_not_reach_from_subject_to_body(account: MailAccount) -> None:
    deliver(account, octets_of("alpha", text="omega"))
    assert search.find('"alpha omega"', [account.pk]) == []


def test_a_removed_message_is_not_found(filled: MailAccount) -> None:
    search.remove(search.find("invoice", [filled.pk]))
    assert search.find("invoice", [filled.pk]) == []


def test_sweeping_keeps_the_words_of_messages_that_are_there(filled: MailAccount) -> None:
    search.index([(10**9, filled.pk, search.Words.of(people="", subject="stray", body=""))])
    search.sweep()
    assert search.find("stray", [filled.pk]) == []
    assert search.find("invoice", [filled.pk]) != []


def test_finds_the_names_of_files(account: MailAccount) -> None:
    octets = (
        b"Subject: x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=budget.pdf\r\n\r\n%"
    )
    (message,) = deliver(account, octets)
    assert search.find("budget", [account.pk]) == [message.pk]
