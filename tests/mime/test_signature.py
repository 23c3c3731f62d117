"""A signature follows the sender while nobody has touched it."""

import pytest

from mailbox.mime.signature import html_block, swap_html, swap_text, text_block

OLD, NEW = text_block("Alice"), text_block("Alice\nWork")
QUOTE = "On Monday, Bob wrote:\n> a\n"


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        (f"\n\n{OLD}", OLD, NEW, f"\n\n{NEW}"),
        (f"Hi\n\n{OLD}\n{QUOTE}", OLD, NEW, f"Hi\n\n{NEW}\n{QUOTE}"),
        (f"Hi\n\n{OLD}\n{QUOTE}", OLD, "", f"Hi\n\n{QUOTE}"),
        ("Hi\n\n-- \nAlice B.\n", OLD, NEW, "Hi\n\n-- \nAlice B.\n"),
        ("Hi", "", NEW, f"Hi\n\n{NEW}"),
        (f"Hi\n\n{QUOTE}", "", NEW, f"Hi\n\n{NEW}\n{QUOTE}"),
        ("Hi", "", "", "Hi"),
    ],
)
def test_changes_in_text_what_is_as_it_was(text, old, new, expected):
    assert swap_text(text, old, new) == expected


def test_changes_in_html_what_says_the_same_in_other_tags():
    html = '<div>Hi</div><div class="signature"><div>--&nbsp;<br></div><div><div>Alice</div></div></div><div>x</div>'

    assert swap_html(html, html_block("Alice"), html_block("Bob")) == (
        '<div>Hi</div><div class="signature">-- <br><div>Bob</div></div><div>x</div>'
    )


def test_leaves_in_html_what_was_edited():
    html = '<div class="signature">-- <br><div>Alice, on holiday</div></div>'

    assert swap_html(html, html_block("Alice"), html_block("Bob")) == html


def test_puts_a_signature_above_the_quotation_where_there_was_none():
    html = '<div>Hi</div><div class="moz-cite-prefix">Bob wrote:</div><blockquote type="cite">a</blockquote>'

    assert swap_html(html, "", html_block("Al")).startswith('<div>Hi</div><div class="signature">-- <br><div>Al</div>')


def test_an_empty_signature_makes_no_block():
    assert text_block(" \n") == html_block(" \n") == ""
