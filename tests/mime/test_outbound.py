"""HTML that leaves is as harmless as what comes in, and carries nothing of this site."""

from pathlib import Path

import pytest

from mailbox.mime.outbound import clean, content, document, quotable, shown

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


@pytest.mark.parametrize("source", ["https://evil.test/p.png", "//evil.test/p", "/m/other/part/2/", "cid:unknown"])
def test_any_other_image_leaves_only_its_description(source):
    assert clean(f'<img src="{source}" alt="A map">', IMAGES) == "A map"


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
