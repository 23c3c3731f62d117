"""The line under a subject, and text from HTML."""

from pathlib import Path

import pytest

from mailbox.mime.preview import html_text, preview


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        ("Hello Bob,\n\n  see you\tat noon.\n", "Hello Bob, see you at noon."),
        ("> old\n> words\nNew words", "New words"),
        ("On Thu, 13 Feb 2025, Alice wrote:\n> old\n\nNew words", "New words"),
        ("On Thu, 13 Feb 2025 at 10:01, Alice <alice@home.test>\nwrote:\n> old\n\nNew words", "New words"),
        ("Am 13.02.2025 um 10:01 schrieb Alice:\n> alt\n\nNeu", "Neu"),
        ("2025年2月13日(木) 10:01 Alice <alice@home.test>:\n> 古い\n\n新しい", "新しい"),
        ("Yes.\n-- \nBob Baker\nLetterbox Ltd", "Yes."),
        ("See below\n----- Original Message -----\nFrom: Alice", "See below"),
        ("> only\n> quotes", "> only > quotes"),
        ("-- \nonly a signature", "-- only a signature"),
        ("Sale\u200b\u034f\u00ad\u200c \u2007\ufeff today", "Sale today"),
        ("=====\nNews\n*****", "News"),
        ("x" * 300, "x" * 200),
    ],
)
def test_preview(text, line):
    assert preview(text) == line


def test_preview_is_as_long_as_asked():
    assert preview("one two three", length=7) == "one two"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("one<br>two<BR/>three", "one\ntwo\nthree"),
        ("<td>a</td><td>b</td>", "a b"),
        ("a\nb   c", "a b c"),
        ("<style>p{}</style><script>x</script>y", "y"),
        ("<head><title>t</title></head><body>b", "b"),
        ("<!-- no --><!-->yes", "yes"),
        ("<a href='x'>link</a> &lt;b&gt; &amp; &nbsp; c", "link <b> & c"),
        ("3 < 4 and <b>5</b>", "3 < 4 and 5"),
        ("<STYLE>never closed", "never closed"),
        ("İ<style>x</style>y", "İ y"),
        ("a<ſcript>b</ſcript>", "a<ſcript>b</ſcript>"),
        ("<style/>x</style >y", "y"),
        ("a\x00b", "ab"),
    ],
)
def test_html_text(html, text):
    assert html_text(html) == text


def test_a_letter_that_only_looks_like_one_begins_no_element():
    assert html_text("<\u017fcript>Hello</\u017fcript> <SCRIPT>x()</SCRIPT>") == "<\u017fcript>Hello</\u017fcript>"


def test_html_text_reads_past_every_payload():
    for payload in (Path(__file__).parent / "payloads.txt").read_text().splitlines():
        assert html_text(f"<p>before</p>{payload}").startswith("before")


def test_html_text_is_bounded():
    assert len(html_text("word " * 100_000, limit=50)) <= 50


@pytest.mark.parametrize(
    "html", ["<" * 200_000, "<style>" * 50_000, "<!--" * 50_000, "<p" * 100_000, "&" * 200_000, " \n" * 200_000]
)
def test_hostile_html_ends(html):
    assert len(html_text(html)) <= len(html)
