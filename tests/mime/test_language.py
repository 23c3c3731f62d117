import pytest

from mailbox.mime.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("庭のりんどうが咲きました", "ja"),
        ("ﾄﾞｳﾓｱﾘｶﾞﾄｳ", "ja"),
        ("Lighthouse の図面を送ります。ご確認ください。", "ja"),
        ("내일 만나요", "ko"),
        ("ขอบคุณครับ", "th"),
        ("שלום לכולם", "he"),
        ("Καλημέρα σε όλους", "el"),
    ],
)
def test_hears_a_language_by_its_letters(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text", ["", "Dear Rose, the plums are ripe.", "東京大学", "Äpfel für alle", "1234 ", "\ud800"]
)
def test_says_nothing_where_letters_leave_it_open(text: str) -> None:
    assert language_of(text) == ""


def test_takes_no_name_for_the_language_of_a_letter() -> None:
    assert language_of("Dear Alice, this is a letter about the garden. Best wishes from Haruko, はるこ") == ""


def test_looks_at_the_beginning_alone() -> None:
    assert language_of("plain words " * 100 + "かな" * 1000) == ""
