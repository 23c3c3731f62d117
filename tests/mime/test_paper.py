"""What a dark reading room may do to a message."""

import pytest

from mailbox.mime.paper import Paper, has_dark_rules, in_scheme, paper_of
from mailbox.mime.sanitize import sanitize

DARK = (
    "<style>@media (prefers-color-scheme: dark){p{color:#fff}}"
    "@media (prefers-color-scheme:light){p{color:#000}}</style>"
)


@pytest.mark.parametrize(
    ("html", "paper"),
    [
        ("<p>Hello <b>you</b> <a href='https://x.test'>there</a>", Paper.OURS),
        ("<p style='background:#fff'>Hello", Paper.OURS),
        ("<div style='background-color: rgb(255, 255, 255)'>Hello", Paper.OURS),
        ("<p><img src='cid:x'>Hello", Paper.OURS),
        ("<p style='margin:0;color:#1F497D'>Hello", Paper.INKED),
        ("<font color=red>Hello</font>", Paper.INKED),
        ("<style>a{color:#00f}</style>Hello", Paper.INKED),
        ("<body bgcolor='#eeeeee'>Hello", Paper.WHITE),
        ("<p style='background:linear-gradient(#fff,#000)'>Hello", Paper.WHITE),
        ("<style>.a{background:#123456}</style>Hello", Paper.WHITE),
        ("<table><tr><td><img alt=x>", Paper.WHITE),
        (DARK + "<p>Hello", Paper.WHITE),
    ],
)
def test_the_paper_of_a_message(html, paper):
    assert paper_of(sanitize(html).html) == paper


def test_the_senders_dark_rules_answer_the_reader():
    html = sanitize(DARK + "<p>(prefers-color-scheme: dark)").html

    assert has_dark_rules(html)
    assert "@media (min-width:0){p{color:#fff}}@media (max-width:0){p{color:#000}}" in in_scheme(html, "dark")
    assert "@media (max-width:0){p{color:#fff}}@media (min-width:0){p{color:#000}}" in in_scheme(html, "light")
    assert "<p>(prefers-color-scheme: dark)" in in_scheme(html, "dark")


def test_without_rules_nothing_changes():
    assert in_scheme("<p>Hello", "dark") == "<p>Hello"
