"""By which ids a message joins a thread."""

from mailbox.mime.parse import Header
from mailbox.mime.references import thread_ids


def test_references_come_first_and_the_parent_last():
    assert thread_ids(Header(references=("root", "middle"), in_reply_to=("parent", "other"))) == (
        "root",
        "middle",
        "parent",
    )


def test_an_id_counts_once_and_its_own_never():
    assert thread_ids(Header(message_id="me", references=("a", "b", "a", "me"), in_reply_to=("b",))) == ("a", "b")


def test_without_any():
    assert thread_ids(Header(message_id="me")) == ()


def test_the_root_and_the_latest_are_kept():
    ids = tuple(str(number) for number in range(1_000))

    assert thread_ids(Header(references=ids), limit=3) == ("0", "998", "999")


def test_ids_that_no_line_can_hold_are_passed_over():
    assert thread_ids(Header(references=("x" * 999, "ok"))) == ("ok",)
