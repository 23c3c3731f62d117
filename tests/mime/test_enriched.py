"""text/enriched and text/richtext as plain text."""

import pytest

from mailbox.mime.enriched import enriched_text, richtext_text
from mailbox.mime.parse import parse


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<bold>Now</bold> is\nthe time", "Now is the time"),
        ("one\n\ntwo\n\n\nthree", "one\ntwo\n\nthree"),
        ("a << b <<c> > d", "a < b <c> > d"),
        ("<color><param>red</param>seen</color>", "seen"),
        ("<param>never closed", ""),
        ("1 < 2", "1 < 2"),
        ("\r\nx", " x"),
    ],
)
def test_enriched(markup, text):
    assert enriched_text(markup) == text


def test_richtext_has_its_own_line_ends_and_signs():
    markup = "<bold>Now</bold> is\nthe time<nl>2 <lt> 3<comment>no<nl></comment><paragraph>p</paragraph>q"

    assert richtext_text(markup) == "Now is the time\n2 < 3p\n\nq"


def test_enriched_text_is_a_body():
    parsed = parse(b"Content-Type: text/enriched; charset=iso-8859-1\n\n<bold>caf\xe9</bold>\n\nnext\n")

    assert [part.media_type for part in parsed.bodies] == ["text/enriched"]
    assert parsed.text() == "café\nnext "


def test_plain_text_is_better_than_enriched():
    octets = (
        b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n"
        b"--b\nContent-Type: text/enriched\n\n<bold>rich</bold>\n--b--\n"
    )

    assert parse(octets).text() == "plain"
    assert parse(octets).attachments == ()
