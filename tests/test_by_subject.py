"""Answers that name no message join what they answer, and nothing else."""

import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import MailAccount
from mailbox.models import Entry, Folder, Message, Thread
from tests.cast import deliver, octets_of

ALICE, DANA, ERIK = "Alice <alice@home.test>", "Dana <dana@far.test>", "Erik <erik@far.test>"


def letter(subject: str, sender: str, to: str, *, day: int = 24, number: int = 0, more: str = "") -> bytes:
    """Return a message of a day in November 2025, with these fields more."""
    date = f"Date: Mon, {day} Nov 2025 09:00:00 +0000\r\n"
    name = f"Message-ID: <{number or abs(hash((subject, sender, day)))}@far.test>\r\n"
    return f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\n{date}{name}{more}\r\nA few words.\r\n".encode()


ASKED = letter("Lunch", ALICE, DANA, number=1)
ANSWER = letter("Re: Lunch", DANA, ALICE, day=25, number=2)


@pytest.mark.parametrize("is_one_batch", [True, False], ids=["at once", "one by one"])
def test_an_answer_that_names_nothing_joins_what_it_answers(account: MailAccount, is_one_batch: bool) -> None:
    deliver(account, letter("Lunch", ERIK, ALICE, day=23))
    if is_one_batch:
        deliver(account, ASKED, ANSWER)
    else:
        deliver(account, ASKED, folder=Folder.SENT)
        deliver(account, ANSWER)
    first, second = Message.objects.filter(message_id__in=["1@far.test", "2@far.test"])
    assert first.thread_id == second.thread_id
    assert Thread.objects.count() == 2
    assert Entry.objects.get(thread=first.thread, folder=Folder.INBOX).message_count == 2


def test_its_own_answers_come_along(account: MailAccount) -> None:
    deliver(account, ASKED)
    deliver(account, ANSWER)
    deliver(account, octets_of("Re: Lunch", message_id="3@home.test", references=["2@far.test"]))
    deliver(account, letter("RE: Lunch", DANA, ALICE, day=26, number=4))
    assert Thread.objects.count() == 1


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("Lunch", "AW: lunch"),
        ("[family] Lunch", "Re: [family] Lunch"),
        ("ＡＢＣ会議", "返信：ＡＢＣ会議"),
        ("Re: Lunch", "Re: Re: Lunch"),
        ("100% of _it_", "Re: 100% of _it_"),
    ],
)
def test_the_subject_is_compared_without_its_marks(account: MailAccount, asked: str, answer: str) -> None:
    deliver(account, letter(asked, ALICE, DANA))
    deliver(account, letter(answer, DANA, ALICE, day=25))
    assert Thread.objects.count() == 1


@pytest.mark.parametrize(
    "other",
    [
        letter("Lunch", DANA, ALICE, day=25),
        letter("Fwd: Lunch", DANA, ALICE, day=25),
        letter("Re: Lunches", DANA, ALICE, day=25),
        letter("Re: Lunch", ERIK, ALICE, day=25),
        letter("Re: Lunch", DANA, ERIK, day=25),
        letter("Re: Lunch", DANA, ALICE, day=25, more="In-Reply-To: <other@far.test>\r\n"),
        letter("Re: Lunch", DANA, ALICE, day=25).replace(b"Nov 2025", b"Feb 2026"),
    ],
    ids=["no answer", "forwarded", "another subject", "a stranger", "to others", "names another", "much later"],
)
def test_what_only_looks_alike_stays_alone(account: MailAccount, other: bytes) -> None:
    deliver(account, ASKED)
    deliver(account, other)
    assert Thread.objects.count() == 2


def test_an_answer_without_a_subject_stays_alone(account: MailAccount) -> None:
    deliver(account, letter("", ALICE, DANA))
    deliver(account, letter("Re:", DANA, ALICE))
    assert Thread.objects.count() == 2


def test_what_was_thrown_away_is_no_conversation_to_join(account: MailAccount) -> None:
    deliver(account, ASKED, folder=Folder.SPAM)
    deliver(account, ANSWER)
    assert Thread.objects.count() == 2


def test_other_accounts_are_not_looked_into(account: MailAccount) -> None:
    other = MailAccount.objects.create(owner=account.owner, name="Work", address="alice@work.test")
    deliver(other, ASKED)
    deliver(account, ANSWER)
    assert Thread.objects.count() == 2


def test_only_such_answers_cost_a_question(account: MailAccount) -> None:
    def count(*octets: bytes) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            deliver(account, *octets)
        return len(queries)

    deliver(account, letter("Warm", DANA, ALICE))
    plain = count(letter("Lunch", DANA, ALICE))
    assert count(letter("Re: Tea", DANA, ALICE)) == plain + 1
    assert count(*(letter(f"Tea {number}", DANA, ALICE) for number in range(20))) == plain


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_whichever_comes_first_in_a_batch(account: MailAccount, order: tuple[int, ...]) -> None:
    subjects = ["Lunch", "Re: Lunch", "Re: Re: Lunch"]
    deliver(account, *(letter(subjects[at], DANA, f"{ALICE}, {DANA}", day=24 + at) for at in order))
    assert Thread.objects.count() == 1
