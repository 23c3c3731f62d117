"""What a person may have forgotten: the words that promise a file, and those that do not."""

import pytest

from mailbox.mime.reminders import Reminder, own_words, reminders, speaks_of_file

QUOTED = "Thanks.\n\nOn Mon 3 Nov 2025, Dana wrote:\n> The plan is attached.\n> 添付します。\n"
FORWARDED = "Have a look.\n\n---------- Forwarded message ----------\nFrom: Dana\n\nThe plan is attached.\n"
SIGNED = "Thanks.\n\n-- \nAlice\nattached to no party\n"


@pytest.mark.parametrize(
    "text",
    [
        "The plan is attached.",
        "See the attachment.",
        "I ATTACH the bill.",
        "Please find enclosed our offer.",
        "I'm attaching two photos.",
        "Here is the file.",
        "資料を添付します。",
        "添付のとおりです。",
        "添付ファイルをご覧ください。",
        "見積書を同封しました。",
        "詳細は別紙をご覧ください。",
        "ファイルをお送りします。",
        "No attachment yesterday, sorry; it is attached now.",
        "> was it attached?\nYes, attached.",
    ],
)
def test_hears_that_a_file_is_promised(text: str) -> None:
    assert speaks_of_file(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Shall we have tea?",
        "No attachment needed.",
        "I sent it without the attachment.",
        "Thanks for the attachment.",
        "I am very attached to them.",
        "An unattached garage.",
        "添付ファイルはありません。",
        "添付いただいた資料を読みました。",
        "お茶はいかがですか。",
        QUOTED,
        FORWARDED,
        SIGNED,
    ],
)
def test_hears_no_promise_where_there_is_none(text: str) -> None:
    assert not speaks_of_file(text)


def test_own_words_are_those_around_quotations() -> None:
    assert own_words("Yes.\n> Tea?\nAt four.\n> Where?\nHere.") == "Yes.\nAt four.\nHere."


def test_asks_about_the_file_first() -> None:
    assert reminders(subject=" ", text="It is attached.", has_files=False) == (Reminder.NO_FILE, Reminder.NO_SUBJECT)


def test_asks_nothing_of_a_finished_message() -> None:
    assert reminders(subject="The plan", text="It is attached.", has_files=True) == ()


def test_the_subject_may_promise_the_file() -> None:
    assert reminders(subject="Plan attached", text="Hello", has_files=False) == (Reminder.NO_FILE,)


@pytest.mark.parametrize("text", ["attach " * 60_000, "-" * 400_000, "> " * 300_000, "no " * 100_000, "添付" * 100_000])
def test_stays_quick_whatever_was_typed(text: str) -> None:
    assert isinstance(speaks_of_file(text), bool)
