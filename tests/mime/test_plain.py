"""Plain text as blocks of lines and links."""

import pytest

from mailbox.mime.plain import Span, blocks, spans


def test_text_quotes_and_signature_are_blocks():
    found = blocks("Yes.\n> Shall we?\n>> Who?\n> Me.\n\nBye\n-- \nBob\nhome.test")

    assert [(block.kind, block.depth, block.text) for block in found] == [
        ("text", 0, "Yes."),
        ("quote", 1, "Shall we?"),
        ("quote", 2, "Who?"),
        ("quote", 1, "Me."),
        ("text", 0, "\nBye"),
        ("signature", 0, "-- \nBob\nhome.test"),
    ]


def test_spaced_quote_marks_count():
    assert [(block.depth, block.text) for block in blocks("> > > deep")] == [(3, "deep")]


def test_empty_text_has_no_blocks():
    assert blocks("\n\n") == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", ()),
        ("no link: here.", (Span("no link: here."),)),
        ("https://x.test", (Span("https://x.test", "https://x.test"),)),
        ("see https://x.test/a.", (Span("see "), Span("https://x.test/a", "https://x.test/a"), Span("."))),
        ("(http://x.test/a_(b))", (Span("("), Span("http://x.test/a_(b)", "http://x.test/a_(b)"), Span(")"))),
        ("<https://x.test>", (Span("<"), Span("https://x.test", "https://x.test"), Span(">"))),
        ("www.x.testです", (Span("www.x.test", "https://www.x.test"), Span("です"))),
        ("mailto:bob@x.test", (Span("mailto:bob@x.test", "mailto:bob@x.test"),)),
        ("javascript:alert(1)", (Span("javascript:alert(1)"),)),
        ("https:// x", (Span("https:// x"),)),
        ("https://p\u0430ypal.test", (Span("https://p\u0430ypal.test"),)),
        ("https://x.test/é", (Span("https://x.test/", "https://x.test/"), Span("é"))),
        ("xhttp://x.test", (Span("xhttp://x.test"),)),
        ('http://x.test/"onclick=', (Span("http://x.test/", "http://x.test/"), Span('"onclick='))),
        ("HTTPS://X.TEST/?a=1&b=2!", (Span("HTTPS://X.TEST/?a=1&b=2", "HTTPS://X.TEST/?a=1&b=2"), Span("!"))),
    ],
)
def test_links(line, found):
    assert spans(line) == found


@pytest.mark.parametrize(
    "text", ["> " * 100_000, "http://" + ")" * 100_000, "(" * 100_000 + ")" * 100_000, "www." * 50_000]
)
def test_hostile_lines_end(text):
    assert len(blocks(text)) <= 1


def test_columns_are_a_block_of_their_own():
    found = blocks("Hello\n\nArticle   Price\nRope      24.00\n\nBye")

    assert [(block.is_fixed, block.text.strip("\n")) for block in found] == [
        (False, "Hello"),
        (True, "Article   Price\nRope      24.00"),
        (False, "Bye"),
    ]


def test_a_quoted_table_keeps_its_columns():
    assert [block.is_fixed for block in blocks("> a      b\n> c      d")] == [True]


@pytest.mark.parametrize("control", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
def test_what_turns_the_direction_of_text_is_left_out(control):
    assert blocks(f"a{control}b")[0].text == "ab"


@pytest.mark.parametrize(
    ("line", "host"),
    [("https://bank.test@evil.test/", "evil.test"), ("https://x.test/@eve", ""), ("mailto:a@x.test", "")],
)
def test_a_link_with_a_login_names_its_host(line, host):
    assert spans(line)[0].host == host
