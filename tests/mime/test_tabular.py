"""Which lines stand in columns."""

import pytest

from mailbox.mime.tabular import is_tabular


@pytest.mark.parametrize(
    "lines",
    [
        "Article      Price\nRope         24.00\nVarnish      18.50",
        "品名　　　価格\nみかん　　２９８\nねぎ　　　１６５",
        "a\tb\nc\td",
        "+----+----+\n| a  | b  |\n+----+----+",
        "┌──┬──┐\n│あ│い│\n└──┴──┘",
        "name  size\n----  ----\nrope    20",
        " /\\_/\\\n( o.o )\\___/\\\n \\__/\\__/",
    ],
)
def test_tables_and_drawings_are(lines):
    assert is_tabular(lines.split("\n"))


@pytest.mark.parametrize(
    "lines",
    [
        "Hello Alice,\nthe boat is dry.",
        "One line  with a gap",
        "Two spaces.  After a full stop.\nAs some people  type them, anywhere.\nAnd here.",
        "　　お世話になっております。\n　　明日の会議の件です。",
        "- bread\n- milk\n- tea",
        "see a|b",
        "",
    ],
)
def test_prose_is_not(lines):
    assert not is_tabular(lines.split("\n"))


@pytest.mark.parametrize("line", ["  a" * 50_000, "|" * 100_000, "/_" * 50_000, "\t" * 100_000, "　a" * 50_000])
def test_hostile_lines_end(line):
    assert is_tabular([line, line]) in (True, False)
