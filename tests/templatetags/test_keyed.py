"""Parts of a page that are rendered once, and filled in for every message."""

from django.utils.html import format_html
from django.utils.translation import override

from mailbox.templatetags.keyed import _shape, keyed

ACTS = "mailbox/conversation/_acts.html"
AUTHOR = "mailbox/conversation/_author.html"


def acts(key: str, name: str, *, has_frame: bool = False) -> str:
    texts = {"key": key, "name": name, "iso_time": "2026-11-25", "time": "Noon", "short_time": "12:00"}
    return keyed(ACTS, texts, has_frame=has_frame, has_paper=False, may_answer=True)


def author(**texts: str) -> str:
    return keyed(AUTHOR, {"name": "Dana", "address": "", "trust": ""} | texts)


def test_fills_in_what_differs_from_one_message_to_the_next() -> None:
    first, second = acts("abc", "Dana"), acts("def", "Eve")

    assert "/m/abc/source/" in first
    assert second == first.replace("abc", "def").replace("Dana", "Eve")


def test_escapes_what_a_stranger_wrote() -> None:
    assert 'aria-label="Reply to &quot;&gt;&lt;script&gt;"' in acts("abc", '"><script>')


def test_leaves_html_as_it_is() -> None:
    assert "<b>&amp;</b>" in author(trust=format_html("<b>{}</b>", "&"))


def test_tells_html_from_a_text_that_is_written_alike() -> None:
    html = format_html("<b>{}</b>", "x")
    for _ in range(2):
        assert "<b>x</b>" in author(trust=html)
        assert "&lt;b&gt;x&lt;/b&gt;" in author(trust=str(html) + "")


def test_takes_braces_and_stand_ins_in_a_text_for_text() -> None:
    assert "{name} {0} stand-in-name-ends" in author(name="{name} {0} stand-in-name-ends")


def test_tells_a_text_from_none() -> None:
    assert "message__address" in author(address="dana@far.test")
    assert "message__address" not in author(address="")


def test_keeps_one_shape_for_each_choice_and_language() -> None:
    _shape.cache_clear()

    framed, plain = acts("abc", "Dana", has_frame=True), acts("abc", "Dana")
    with override("ja"):
        translated = acts("abc", "Dana")

    assert "message__fixed" in plain
    assert "message__fixed" not in framed
    assert translated != plain
    assert acts("def", "Eve") != plain
    assert _shape.cache_info().currsize == 3
