"""Lines that a program broke are told from lines that somebody meant."""

from mailbox.mime.filled import soft_ends

LETTER = """\
we have seen an unusual payment and limited your card. Answer this
message with your card number and its code, and it is free again within
the hour.

Commonfield Bank
12 High Street"""


def joined(text: str) -> str:
    """The text as a narrow screen shows it."""
    lines = text.split("\n")
    return "".join(line + (" " if soft else "\n") for line, soft in zip(lines, soft_ends(lines), strict=True))[:-1]


def test_joins_what_was_filled_and_keeps_what_was_meant():
    paragraph, end = LETTER.split("\n\n")
    assert joined(LETTER) == f"{paragraph.replace('\n', ' ')}\n\n{end}"


def test_keeps_a_line_that_the_next_word_would_have_fitted_in():
    text = f"{'word ' * 14}word.\n\nIt ends here although there was room.\nAnd this begins anew."
    assert joined(text) == text


def test_keeps_lists_and_indents():
    text = f"{'long ' * 14}\n- one {'thing ' * 11}\n2. two {'thing ' * 10}\n  {'indented ' * 7}\n\nend"
    assert joined(text) == text


def test_keeps_short_lines_and_japanese():
    poem = "roses are red\nviolets are blue"
    letter = "\n".join(["今日はとても良い天気でしたので、庭に出て花の手入れをしてから" * 2] * 3)
    assert joined(poem) == poem
    assert joined(letter) == letter


def test_keeps_all_of_a_log_and_of_nothing():
    assert not any(soft_ends([f"{'word ' * 14}word"] * 3_000))
    assert soft_ends([]) == []
    assert soft_ends([""]) == [False]
