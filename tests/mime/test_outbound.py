"""HTML that leaves is as harmless as what comes in, and carries nothing of this site."""

from pathlib import Path

import pytest

from mailbox.mime.outbound import clean, content, document, quotable, quotable_text, shown
from mailbox.mime.parse import parse

PAYLOADS = (Path(__file__).parent / "payloads.txt").read_text().splitlines()
IMAGES = {"1@home.test": "/compose/abc/pictures/def/"}


def test_formatting_stays_as_it_was_written():
    html = '<div>Come <b>soon</b>, <i>all</i>:</div><ul><li>one</li></ul><blockquote type="cite">so</blockquote>'

    assert clean(html, {}) == html


def test_links_leave_without_the_marks_of_our_reading_room():
    assert clean('<a href="https://a.test/" target="x" class="y">a</a>', {}) == '<a href="https://a.test/">a</a>'


def test_own_pictures_are_named_by_content_id_and_shown_again():
    html = '<div><img src="/compose/abc/pictures/def/" alt="Map"></div>'
    sent = clean(html, IMAGES)

    assert sent == '<div><img src="cid:1@home.test" alt="Map"></div>'
    assert shown(sent, IMAGES) == html
    assert clean(sent, IMAGES) == sent


@pytest.mark.parametrize("source", ["/m/other/part/2/", "/elsewhere/0", "cid:unknown", "ftp://a.test/p", "data:x"])
def test_an_image_that_nobody_can_load_leaves_its_description(source):
    assert clean(f'<img src="{source}" alt="A map">', IMAGES) == "A map"


@pytest.mark.parametrize("address", ["https://a.test/p.png?a=1&amp;b=;2|3#x", "http://a.test"])
def test_an_image_from_elsewhere_keeps_its_address(address):
    assert clean(f'<img src="{address}" alt="A">', {}) == f'<img src="{address}" alt="A">'
    assert quotable(f'<img src="{address}" alt="A">', {}) == f'<img src="{address}" alt="A">'


def test_an_image_behind_the_text_keeps_its_address():
    html = '<div style="background:url(https://a.test/b.png) no-repeat">a</div>'

    assert quotable(html, {}) == html
    assert clean(html, {}) == html


@pytest.mark.parametrize(
    "image",
    [
        '<img src="https://a.test/o.gif" width="1" height="1">',
        '<img src="https://a.test/o.gif" style="display:none">',
        '<img src="https://mailtrack.io/trace/1">',
    ],
)
def test_what_would_report_the_receivers_reading_does_not_travel(image):
    assert quotable(f"<p>a</p>{image}", {}) == "<p>a</p>"
    assert clean(f"<p>a</p>{image}", {}) == "<p>a</p>"


def test_a_message_cannot_name_the_place_of_another_image():
    html = (
        '<img src="https://a.test/1"><img src="/elsewhere/0" alt="x"><div style="background:url(/elsewhere/0)">y</div>'
    )

    assert quotable(html, {}) == '<img src="https://a.test/1">x<div style="background:none">y</div>'


def test_a_quotation_looks_as_the_message_did():
    html = """<style>.pre{display:none}.MsoNormal{margin:0}</style><div class="pre">Only for the list</div>
<p class="MsoNormal">Dear <font color="#c00">Alice</font></p>"""

    assert quotable(html, {}) == '\n<p style="margin:0">Dear <span style="color:#c00">Alice</span></p>'


def test_html_without_a_text_is_quoted_in_plain_text_as_it_was_seen():
    html = '<div style="display:none">Only for the list</div><ul><li>one</li></ul><a href="https://a.test/">here</a>'
    octets = f"Content-Type: text/html\r\n\r\n{html}".encode()

    assert quotable_text(parse(octets)) == "- one\nhere <https://a.test/>\n"


def test_only_the_classes_that_other_programs_know_stay():
    html = '<div class="moz-cite-prefix">a</div><div class="signature shell">b</div><div id="main" class="x">c</div>'

    assert clean(html, {}) == '<div class="moz-cite-prefix">a</div><div class="signature">b</div><div>c</div>'


def test_sheets_and_scripts_leave_nothing():
    assert clean("<style>p{color:red}</style><script>x</script><p>a</p>", {}) == "<p>a</p>"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_cleaning_again_changes_nothing(payload):
    once = clean(payload, IMAGES)

    assert clean(once, IMAGES) == once
    assert "javascript:" not in once.lower()
    assert "<script" not in once.lower()


def test_a_quoted_signature_is_not_ours_to_change():
    assert quotable('<div class="signature">Bob</div>', {}) == "<div>Bob</div>"


def test_a_quoted_picture_lies_where_it_was():
    images = {"logo": "/m/abc/part/2/?inline"}

    assert quotable('<img src="cid:logo">', images) == '<img src="/m/abc/part/2/?inline">'


def test_a_document_gives_its_content_back():
    assert content(document("<div>a</div>")) == "<div>a</div>"
    assert content("<p>foreign</p>") == "<p>foreign</p>"
