"""What a browser may show: by the octets, and never what it could run."""

import pytest

from mailbox.mime.parse import Part, parse
from mailbox.mime.shown import shown_type

SIGNS = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff\xe0",
    "image/gif": b"GIF89a",
    "image/webp": b"RIFF\x10\x00\x00\x00WEBP",
    "application/pdf": b"%PDF-1.7",
}


def part_of(content: bytes, media_type: str, name: str = "file") -> Part:
    header = f'Content-Type: {media_type}; name="{name}"\nContent-Transfer-Encoding: binary\n\n'
    [part] = parse(header.encode() + content).parts
    return part


@pytest.mark.parametrize("label", ["text/html", "image/svg+xml", "application/octet-stream", "text/plain", "image/png"])
@pytest.mark.parametrize("true_type", SIGNS)
def test_the_octets_decide_over_the_label(label: str, true_type: str) -> None:
    assert shown_type(part_of(SIGNS[true_type] + bytes(20), label)) == true_type


@pytest.mark.parametrize("label", ["image/png", "image/jpeg", "application/pdf", "application/octet-stream"])
def test_what_only_claims_to_be_a_picture_is_not_shown(label: str) -> None:
    assert shown_type(part_of(b"<script>x()</script>", label, "picture.png")) == ""


@pytest.mark.parametrize(
    "label", ["text/html", "text/xml", "application/xml", "application/xhtml+xml", "image/svg+xml", "text/rtf"]
)
def test_what_a_browser_could_run_is_not_shown(label: str) -> None:
    assert shown_type(part_of(b"<svg onload=x()>", label, "note.txt")) == ""


@pytest.mark.parametrize("label", ["text/plain", "text/csv", "text/calendar", "text/javascript", "application/json"])
def test_text_is_shown_as_plain_text(label: str) -> None:
    assert shown_type(part_of(b"words", label)) == "text/plain"


def test_text_without_a_label_is_known_by_its_octets() -> None:
    assert shown_type(part_of(b"a,b", "application/octet-stream", "table.csv")) == "text/plain"
    assert shown_type(part_of(b"a\x01b\xff", "application/octet-stream", "table.csv")) == ""


def test_what_is_called_text_and_is_not_stays_a_file() -> None:
    assert shown_type(part_of(b"MZ\x00\x01", "text/plain", "note.txt")) == ""


def test_an_empty_file_is_empty_text_and_no_picture() -> None:
    assert shown_type(part_of(b"", "text/plain")) == "text/plain"
    assert shown_type(part_of(b"", "image/png")) == ""
