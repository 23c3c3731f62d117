import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox.smtp.envelope import SLICE_OCTETS, Envelope, canonical, stuffed

LINES = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"..", b"a", b"\x00", b"\xe9"]), max_size=30).map(
    b"".join
)


@pytest.mark.parametrize(
    "path",
    [
        "bob@home.test\r\nRCPT TO:<charlie@home.test>",
        "bob\0@home.test",
        "bob @home.test",
        "<bob@home.test>",
        "bob\x7f@x",
    ],
)
def test_refuses_a_path_that_could_end_its_command(path: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        Envelope("alice@home.test", (path,), b"")
    with pytest.raises(ValueError, match="not an address"):
        Envelope(path, ("bob@home.test",), b"")


def test_refuses_a_lone_surrogate() -> None:
    with pytest.raises(ValueError, match="not an address"):
        Envelope("alice@home.test", ("bob\udce9@home.test",), b"")


def test_needs_recipients() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Envelope("alice@home.test", (), b"")
    with pytest.raises(ValueError, match="empty"):
        Envelope("alice@home.test", ("",), b"")


def test_allows_the_null_reverse_path() -> None:
    assert Envelope("", ("bob@home.test",), b"").paths == ("", "bob@home.test")


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"a\nb", b"a\r\nb\r\n"),
        (b"a\rb\r\n", b"a\r\nb\r\n"),
        (b"a\r\r\nb\r\n", b"a\r\n\r\nb\r\n"),
        (b"a\n\rb\r\n", b"a\r\n\r\nb\r\n"),
        (b"a\n.\nMAIL FROM:<x>\n", b"a\r\n.\r\nMAIL FROM:<x>\r\n"),
        (b"", b"\r\n"),
    ],
)
def test_makes_every_line_end_crlf(octets: bytes, expected: bytes) -> None:
    assert canonical(octets) == expected


@given(LINES)
def test_canonical_octets_hold_no_bare_line_end_and_stay_as_they_are(octets: bytes) -> None:
    result = canonical(octets)
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", result)
    assert result.endswith(b"\r\n")
    assert canonical(result) is result
    assert re.sub(rb"[\r\n]", b"", result) == re.sub(rb"[\r\n]", b"", octets)


def test_an_unpaired_cr_and_lf_do_not_pass_for_a_pair() -> None:
    assert canonical(b"\n\r\r\n") == b"\r\n\r\n\r\n"


@given(LINES)
def test_stuffing_can_be_undone_and_ends_only_once(octets: bytes) -> None:
    message = canonical(octets)
    sent = b"".join(stuffed(message))
    content = sent.removesuffix(b".\r\n")
    assert b"\r\n.\r\n" not in b"\r\n" + content
    assert re.sub(rb"^\.", b"", content, flags=re.MULTILINE) == message


@pytest.mark.parametrize("shift", range(-3, 4))
def test_stuffs_a_dot_wherever_a_slice_ends(shift: int) -> None:
    message = b"x" * (SLICE_OCTETS - 2 + shift) + b"\r\n.dot\r\n"
    assert b"".join(stuffed(message)) == message.replace(b"\n.", b"\n..") + b".\r\n"


def test_slices_stay_small() -> None:
    pieces = list(stuffed(b".\r\n" * SLICE_OCTETS))
    assert max(map(len, pieces)) < 2 * SLICE_OCTETS
    assert b"".join(pieces) == b"..\r\n" * SLICE_OCTETS + b".\r\n"
