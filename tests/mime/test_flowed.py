"""Long paragraphs leave as flowed lines, and come back as they were written."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbox.mime.encode import body
from mailbox.mime.flowed import flow, unflow
from mailbox.mime.parse import parse
from mailbox.mime.part import Part

LONG = "This paragraph was typed without a single line end, as people do, and it is longer than any terminal is wide."
QUOTED = f"> {LONG}"


def sent(text: str) -> Part:
    """Return the text part of a message that holds nothing else."""
    plain = parse(b"MIME-Version: 1.0\r\n" + body("text/plain", text)).plain
    assert plain
    return plain


def lines_of(part: Part) -> list[str]:
    return part.content().decode().removesuffix("\r\n").split("\r\n")


@pytest.mark.parametrize(
    ("text", "delsp", "unwrapped"),
    [
        ("one \ntwo\nthree", False, "one two\nthree"),
        ("日本 \n語", True, "日本語"),
        ("> a \n> b\nc", False, "> a b\nc"),
        (">> a \n> b", False, ">> a \n> b"),
        ("-- \nBob", False, "-- \nBob"),
        ("a \n-- \nBob", False, "a \n-- \nBob"),
        (" From here", False, "From here"),
        (" > no quote", False, "> no quote"),
        ("open \n", False, "open "),
        ("> a\n>\n> b", False, "> a\n>\n> b"),
    ],
)
def test_unflow(text, delsp, unwrapped):
    assert unflow(text, delsp) == unwrapped


def test_a_long_paragraph_leaves_as_short_lines_that_can_be_read_as_they_are() -> None:
    part = sent(f"Dear Bob,\n\n{LONG}\n\nAlice\n")

    assert (part.encoding, part.is_flowed, part.is_delsp) == ("7bit", True, False)
    lines = lines_of(part)
    assert max(map(len, lines)) <= 78
    assert [line.endswith(" ") for line in lines] == [False, False, True, False, False, False]
    assert part.text() == f"Dear Bob,\n\n{LONG}\n\nAlice\n"


def test_a_quotation_stays_one_with_its_mark_on_every_line() -> None:
    part = sent(f"Bob wrote:\n{QUOTED}\n>\n>{QUOTED}\n\nYes.\n")

    assert all(line.startswith(">") for line in lines_of(part)[1:-2])
    assert part.text() == f"Bob wrote:\n{QUOTED}\n>\n>{QUOTED}\n\nYes.\n"


def test_the_line_above_a_signature_keeps_its_space_and_nothing_flows_into_it() -> None:
    part = sent(f"{LONG}\n-- \nAlice\n")

    assert lines_of(part)[-2:] == ["-- ", "Alice"]
    assert part.text() == f"{LONG}\n-- \nAlice\n"


def test_dashes_within_a_paragraph_begin_no_signature() -> None:
    text = f"{'a' * 73} -- {'b' * 73} -- {'c' * 73}\n"

    assert "-- " not in lines_of(sent(text))
    assert sent(text).text() == text


@pytest.mark.parametrize("start", ["From ", "> ", " ", ">From "])
def test_what_a_line_begins_with_comes_back(start: str) -> None:
    text = f"{LONG}\n{start}here\n"

    if flow(text):
        assert not re.search(r"^From ", flow(text) or "", re.M)
    assert sent(text).text() == text


def test_spaces_at_line_ends_would_join_lines_and_go() -> None:
    assert sent(f"one  \ntwo \n{LONG}\n").text() == f"one\ntwo\n{LONG}\n"


@pytest.mark.parametrize(
    "text",
    [
        "Short lines.\nNothing to wrap.\n",
        "会議の資料を送ります。" * 20 + "\n",
        f"{LONG} 東京\n",
        "x" * 400 + "\n",
        f"https://far.test/{'a' * 90}\n",
        f"    {LONG}\n",
        f"{LONG.replace(' ', '   ')}\n",
        f"{LONG}\tand a column\n",
        f"{LONG}\n>close to its mark\n",
    ],
)
def test_what_would_not_come_back_or_stands_in_columns_is_left_alone(text: str) -> None:
    assert not sent(text).is_flowed
    assert sent(text).text() == text


def test_columns_beside_a_paragraph_are_not_broken() -> None:
    table = "  ".join(f"column {number:4}" for number in range(12))
    part = sent(f"{LONG}\n\n{table}\n")

    assert part.is_flowed
    assert table in lines_of(part)
    assert part.text() == f"{LONG}\n\n{table}\n"


def test_other_letters_flow_too() -> None:
    text = "Grüße aus Köln, wo es schöne Straßen gibt, die länger sind als achtzig Zeichen und mehr; Größe zählt.\n"
    part = sent(text)

    assert (part.encoding, part.is_flowed) == ("quoted-printable", True)
    assert part.text() == text


_PIECES = ["a", "word", "-- ", "--", " ", "  ", ">", "> ", "From ", "\n", "\n\n", ".", "x" * 70, "é", "日本", "\t"]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(_PIECES), max_size=60).map("".join))
def test_every_text_comes_back_but_for_spaces_at_line_ends(text: str) -> None:
    came = sent(f"{LONG}\n{text}\n").text()

    assert [_trimmed(line) for line in came.split("\n")] == [_trimmed(line) for line in f"{LONG}\n{text}\n".split("\n")]


def _trimmed(line: str) -> str:
    return line if re.fullmatch(">* ?-- ", line) else line.rstrip(" ")
