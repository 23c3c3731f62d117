"""Where the history of a reply begins, by the program that wrote it."""

import pytest

from mailbox.mime.quotes import fold_quotes
from mailbox.mime.sanitize import sanitize

FIELDS = "<p><b>From:</b> Bob<br><b>Sent:</b> Monday</p>"


def folded(html: str) -> tuple[str, str, str]:
    """What stands before, inside and after the folded history; the latter two empty where nothing is folded."""
    before, _, rest = fold_quotes(sanitize(html).html, "Show").partition('<details class="lb-quote">')
    inside, _, after = rest.partition("</details>")
    return before, inside.partition("</summary>")[2], after


@pytest.mark.parametrize(
    "history",
    [
        '<div class="gmail_quote"><div class="gmail_attr">On Monday Bob wrote:</div><blockquote>Old</blockquote></div>',
        '<div class="gmail_quote gmail_quote_container"><blockquote>Old</blockquote></div>',
        '<blockquote type="cite">Old <blockquote type="cite">Older</blockquote></blockquote>',
        '<div class="moz-cite-prefix">Bob wrote:<br></div>\n<blockquote type="cite" cite="mid:1@x">Old</blockquote>',
        '<div id="yahoo_quoted_123" class="yahoo_quoted"><div>On Monday Bob wrote: Old</div></div>',
        '<div class="protonmail_quote">On Monday Bob wrote:<blockquote class="protonmail_quote">Old</blockquote></div>',
        f'<div id="appendonsend"></div><hr><div id="divRplyFwdMsg">{FIELDS}</div><div>Old</div>',
        f'<hr><div id="divRplyFwdMsg">{FIELDS}</div><div>Old</div>',
        f'<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in">{FIELDS}</div><p>Old</p>',
        f'<div><div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm">{FIELDS}</div></div>Old',
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt"><p>差出人: Bob</p></div><p>Old</p>',
    ],
)
def test_history_is_folded(history):
    before, inside, after = folded(f"<div><p>New</p>{history}</div>")

    assert "New" in before
    assert "Old" not in before
    assert "Old" in inside
    assert "Old" not in after


def test_what_is_answered_below_stays_open():
    before, inside, after = folded(
        '<div class="moz-cite-prefix">Bob:</div><blockquote type="cite">Old</blockquote><p>New'
    )

    assert "Old" in inside
    assert "New" in after
    assert before == ""


def test_what_is_answered_between_the_lines_stays_open():
    html = '<blockquote type="cite">One?</blockquote><p>Yes</p><blockquote type="cite">Two?</blockquote><p>No</p>'

    assert folded(html)[1] == ""


def test_a_forwarded_message_stays_open():
    assert folded('<br><div class="gmail_quote">Forwarded message: Old</div>')[1] == ""
    assert folded(f'<div id="divRplyFwdMsg">{FIELDS}</div>Old')[1] == ""


def test_a_rule_without_header_fields_is_no_history():
    assert folded('<p>New</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt">Bye</div>')[1] == ""


def test_the_tree_stays_balanced():
    html = sanitize('<table><tr><td>New<div class="gmail_quote"><p>Old<ul><li>x</div></table>').html

    assert fold_quotes(html, "Show").replace("</details>", "").count("<div") == html.count("<div")
    assert sanitize(fold_quotes(html, "Show")).html.count("<li>") == 1


def test_the_label_is_escaped():
    html = sanitize('New<blockquote type="cite">Old</blockquote>').html

    assert 'aria-label="&quot;&gt;&lt;b&gt;"' in fold_quotes(html, '"><b>')


@pytest.mark.parametrize(
    "mark", ['<blockquote type="cite">', '<div class="gmail_quote">', '<div class="moz-cite-prefix">']
)
def test_hostile_lengths_end(mark):
    assert "x" in fold_quotes(sanitize("x" + mark * 5_000).html, "Show")
