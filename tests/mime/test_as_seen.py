"""HTML as its reader saw it: without sheets, without what was hidden, in simple words."""

import pytest

from mailbox.mime.as_seen import as_seen
from mailbox.mime.sanitize import sanitize

HIDDEN = (
    "display:none",
    "DISPLAY:None",
    "visibility:hidden",
    "opacity:0",
    "opacity:0.0",
    "max-height:0;overflow:hidden",
    "height:0px;overflow-y:hidden",
)
SEEN = (
    *("opacity:0.5", "max-height:0", "overflow:hidden", "height:10px;overflow:hidden", "font-size:0", "display:block"),
    *("max-width:0;overflow:hidden", "height:0;min-height:1em;overflow:hidden"),
)


def seen(html: str) -> str:
    return as_seen(sanitize(html).html)


@pytest.mark.parametrize("style", HIDDEN)
def test_what_is_hidden_goes_with_all_that_stands_in_it(style):
    assert seen(f'<p>one</p><div style="{style}">x <b>y<br><img src="cid:a"></b></div><p>two</p>') == (
        "<p>one</p><p>two</p>"
    )


@pytest.mark.parametrize("style", SEEN)
def test_what_only_looks_hidden_stays(style):
    assert seen(f'<div style="{style}">x</div>') == f'<div style="{style}">x</div>'


def test_a_cell_is_seen_however_low_it_should_be():
    row = '<table><tbody><tr><td style="height:0;overflow:hidden">x</td></tr></tbody></table>'

    assert seen(row) == row


def test_what_a_sheet_hides_goes_too():
    sheet = "<style>.pre,.other{display:none !important}</style>"

    assert seen(f'{sheet}<div class="pre" style="display:block">x</div>a') == "a"


def test_what_is_hidden_on_narrow_windows_only_was_seen():
    assert seen("<style>@media (max-width:600px){p{display:none}}</style><p>a</p>") == "<p>a</p>"


def test_what_is_hidden_until_the_window_is_wide_was_seen():
    sheet = "<style>.wide{display:none;color:red}@media (min-width:600px){.wide{display:block !important}}</style>"

    assert 'style="color:red"' in seen(f'{sheet}<p class="wide">a</p>')


def test_a_sheet_becomes_styles_of_the_elements_that_it_meets():
    sheet = "<style>p.MsoNormal,li.MsoNormal{margin:0;color:red}td{padding:3px}#one{color:blue}</style>"

    assert 'style="margin:0;color:red"' in seen(f'{sheet}<p class="MsoNormal">a</p>')
    assert seen(f"{sheet}<p>a</p>") == "<p>a</p>"
    assert '<td style="padding:3px"' in seen(f"{sheet}<table><tr><td>a</td></tr></table>")
    assert 'style="color:blue"' in seen(f'{sheet}<div id="one">a</div>')


def test_the_more_particular_rule_wins_then_the_later_then_the_elements_own_word():
    sheet = "<style>#i{color:red}p.a{color:green}.a{color:blue}p{color:black;margin:0}p{margin:1px}</style>"

    assert 'style="margin:1px;color:red"' in seen(f'{sheet}<p class="a" id="i">x</p>')
    assert 'style="margin:1px;color:green"' in seen(f'{sheet}<p class="a">x</p>')
    assert 'style="margin:1px;color:tan"' in seen(f'{sheet}<p class="a" style="color:tan">x</p>')


def test_an_important_rule_stands_against_the_elements_own_word():
    assert 'style="color:red"' in seen('<style>p{color:red !important}</style><p style="color:tan">x</p>')


@pytest.mark.parametrize(
    ("font", "style"),
    [
        ('color="#c00"', "color:#c00"),
        ('color="CC0000"', "color:#CC0000"),
        ('color="red" style="color:blue"', "color:blue"),
        ('face="Arial, Yu Gothic"', "font-family:Arial, Yu Gothic"),
        ('size="5"', "font-size:x-large"),
        ('size="+1"', "font-size:large"),
        ('size="-9"', "font-size:x-small"),
    ],
)
def test_a_font_becomes_a_span_of_the_same_look(font, style):
    assert seen(f"<font {font}>x</font>") == f'<span style="{style}">x</span>'


@pytest.mark.parametrize("font", ["", 'size="big"', 'color="url(x)"', 'color="red;position:fixed"'])
def test_a_font_says_nothing_else(font):
    assert "position" not in seen(f"<font {font}>x</font>")
    assert "url" not in seen(f"<font {font}>x</font>")


def test_blocks_stay_blocks_under_a_simpler_name():
    assert seen("<section>a</section><article>b</article>") == "<div>a</div><div>b</div>"


def test_quotes_in_styles_stay_what_they_are():
    html = seen("""<style>p{font-family:"Yu Gothic"}</style><p style='color:red'>a &lt;b&gt;</p>""")

    assert html == """<p style="font-family:&#x27;Yu Gothic&#x27;;color:red">a &lt;b&gt;</p>"""


def test_looking_twice_changes_nothing():
    html = seen('<style>p{color:red}</style><p class="a">x <font color="red">y</font></p><div hidden>z</div>')

    assert as_seen(html) == html


def test_a_sheet_that_meets_everything_has_an_end():
    rules = "".join(f".c{number}{{margin-top:{number}px;padding-left:{number}px}}" for number in range(500))
    cells = "".join(f'<td class="{" ".join(f"c{number}" for number in range(40))}">{at}</td>' for at in range(5_000))
    html = seen(f"<style>{rules}p,td{{color:red;font-family:Arial}}</style><table><tr>{cells}</tr></table>")

    assert html.count("color:red") < 5_000
    assert ">4999<" in html
