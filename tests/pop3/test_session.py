"""What dialogue files cannot say about the session."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbox.pop3 import Listed, Session
from mailbox.pop3.session import Closed, Login, Retrieve, Send, StartTls
from tests.pop3.post_office import Driver, MemoryOffice

WORDS = [
    b"USER a",
    b"PASS secret",
    b"DELE 1",
    b"RETR 2",
    b"TOP 1 9",
    b"QUIT",
    b"STLS",
    b"LIST",
    b"UIDL 3",
    b"RSET",
    b"\xff",
]
ODD = [b"x" * 300, b"RETR 2\n", b"\r", b"\0\r\n"]
COMMANDS = st.one_of(st.sampled_from([word + b"\r\n" for word in WORDS]), st.sampled_from(ODD), st.binary(max_size=10))


def logged_in(*, sizes: tuple[int, ...] = (3, 4)) -> Session:
    session = Session(hostname="test")
    session.receive(b"USER alice\r\nPASS secret\r\n")
    assert session.next_event() == Login("alice", "secret")
    session.logged_in([Listed(number, size, f"id{number}") for number, size in enumerate(sizes, 1)])
    session.data_to_send()
    return session


def test_commands_behind_stls_are_refused() -> None:
    driver = Driver(has_stls=True)
    driver.say(b"STLS\r\nUSER alice\r\n")
    assert driver.answer().endswith(b"-ERR Nothing may follow STLS in the clear\r\n")
    assert driver.session.is_closed
    assert driver.notes == ["Closed()"]


def test_a_user_named_in_the_clear_is_forgotten_under_tls() -> None:
    session = Session(hostname="test", has_stls=True)
    session.receive(b"USER alice\r\n")
    assert session.next_event() is None
    session.receive(b"STLS\r\n")
    assert session.next_event() == StartTls()
    session.tls_started()
    session.receive(b"PASS secret\r\n")
    assert session.next_event() is None
    assert session.data_to_send().endswith(b"-ERR USER comes first\r\n")


def test_commands_wait_for_the_answer_before_them() -> None:
    session = logged_in()
    session.receive(b"RETR 1\r\nSTAT\r\n")
    assert session.next_event() == Retrieve(1)
    with pytest.raises(RuntimeError, match="Retrieve"):
        session.next_event()
    session.retrieved(b"a\r\n")
    assert session.next_event() is None
    assert session.data_to_send() == b"+OK 3 octets\r\na\r\n.\r\n+OK 2 7\r\n"


def test_an_answer_that_nobody_asked_for_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="Nobody asked"):
        logged_in().updated(True)


def test_a_message_that_cannot_be_read_is_refused_for_now() -> None:
    session = logged_in()
    session.receive(b"RETR 2\r\n")
    session.next_event()
    session.retrieve_failed()
    assert session.data_to_send() == b"-ERR [SYS/TEMP] The message cannot be read now\r\n"


def test_quit_says_when_something_was_not_deleted() -> None:
    session = logged_in()
    session.receive(b"DELE 1\r\nQUIT\r\n")
    session.next_event()
    session.updated(False)
    assert session.data_to_send().endswith(b"-ERR [SYS/TEMP] Some deleted messages were not removed\r\n")
    assert session.next_event() == Closed()


def test_nothing_is_read_after_quit() -> None:
    driver = Driver()
    driver.say(b"USER a\r\nPASS secret\r\nDELE 1\r\nQUIT\r\nSTAT\r\nNOOP\r\n")
    assert driver.answer().endswith(b"+OK Bye\r\n")
    assert driver.office.updates == [(1,)]


def test_a_locked_maildrop_is_said_to_be_locked() -> None:
    office = MemoryOffice()
    Driver(office).say(b"USER a\r\nPASS secret\r\n")
    second = Driver(office)
    second.say(b"USER a\r\nPASS secret\r\n")
    assert second.answer().endswith(b"-ERR [IN-USE] Another session has the maildrop\r\n")


def test_a_listing_of_a_hundred_thousand_messages() -> None:
    session = logged_in(sizes=(1,) * 100_000)
    session.receive(b"LIST\r\nUIDL\r\nSTAT\r\n")
    said = b""
    while session.next_event() == Send():
        said += session.data_to_send()
    lines = (said + session.data_to_send()).split(b"\r\n")
    assert len(lines) == 200_006
    assert lines[-3:] == [b".", b"+OK 100000 100000", b""]


def test_many_commands_with_large_answers_fill_no_memory() -> None:
    session = logged_in(sizes=(1,) * 5_000)
    session.receive(b"LIST\r\n" * 30)
    most = 0
    while session.next_event() == Send():
        most = max(most, len(session.data_to_send()))
    assert 2**18 <= most < 2**19


@settings(max_examples=200, deadline=None)
@given(words=st.lists(COMMANDS, max_size=30), size=st.integers(1, 50))
def test_whatever_a_client_says_is_answered_line_by_line(words: list[bytes], size: int) -> None:
    driver, said = Driver(has_stls=True), b"".join(words)
    for start in range(0, len(said), size):
        if not driver.session.is_closed:
            driver.say(said[start : start + size])
    answer = driver.answer()
    assert answer.startswith(b"+OK test POP3 server ready\r\n")
    assert answer.endswith(b"\r\n")
    assert len(driver.office.updates) <= 1
