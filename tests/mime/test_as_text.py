"""HTML that a person wrote reads well as plain text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox.mime.as_html import as_html
from mailbox.mime.as_text import as_text
from mailbox.mime.outbound import clean


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("<div>one</div><div>two</div>", "one\ntwo\n"),
        ("<div>one<br></div><div><br></div><div>two</div>", "one\n\ntwo\n"),
        ("a<br><br>b", "a\n\nb\n"),
        ("<p>one</p><p>two</p>", "one\n\ntwo\n"),
        ("<h1>Title</h1>words", "Title\n\nwords\n"),
        ("<ul><li>bread</li><li>milk</li></ul>", "- bread\n- milk\n"),
        ("<ol><li>one</li><li>two</li></ol>", "1. one\n2. two\n"),
        ('<ol start="9"><li>one</li><li>two</li></ol>', "9. one\n10. two\n"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c\n"),
        ("<ul><li>a<br>b</li><li></li></ul>", "- a\n  b\n-\n"),
        ("<div>x:</div><blockquote><div>a</div><blockquote>b</blockquote></blockquote>y", "x:\n> a\n>> b\n\ny\n"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b\n"),
        ("<blockquote><ul><li>a</li></ul></blockquote>", "> - a\n"),
        ('<a href="https://a.test/x">here</a>.', "here <https://a.test/x>.\n"),
        ('<a href="https://a.test/">https://a.test</a>', "https://a.test\n"),
        ('<a href="https://a.test/">a.test</a>', "a.test\n"),
        ('<a href="mailto:bob@home.test">bob@home.test</a>', "bob@home.test\n"),
        ('<a href="https://a.test/"><img alt="Logo"></a>', "[Logo] <https://a.test/>\n"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a  b\nc\n"),
        ("<pre>a  b\n  c</pre>", "a  b\n  c\n"),
        ("a<hr>b", f"a\n\n{'-' * 30}\n\nb\n"),
        ("<div>-- <br>Alice</div>", "-- \nAlice\n"),
        ("a \n  b&nbsp; c &lt;d&gt;", "a b  c <d>\n"),
    ],
)
def test_html_reads_well_as_text(html, text):
    assert as_text(html) == text


@pytest.mark.parametrize(
    "text",
    [
        "one\n\ntwo\n",
        "two  spaces   three\n  indented\n",
        "see https://a.test/x?y=1&z=2 and www.b.test\n",
        '<b>no tag</b> & "quotes"\n',
        "words\n\n-- \nAlice\nHome\n",
        "On Monday, Bob wrote:\n> a\n>> b\n>\n> c\n\nanswer\n",
    ],
)
def test_text_comes_back_from_html_as_it_was(text):
    assert as_text(as_html(text)) == text


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00")))
def test_html_made_of_any_text_is_clean_already(text):
    made = as_html(text)

    assert clean(made, {}) == clean(clean(made, {}), {})
    assert "<script" not in made


@given(st.text(alphabet="<>/=\"' abdiloqrtupu\n", max_size=200))
def test_any_html_can_be_written_as_text(html):
    assert as_text(clean(html, {})).count("\x00") == 0
