"""Kinds of files, by name first: the name decides on the reader's machine."""

import pytest

from mailbox.mime.kinds import Kind, kind_of, word_of


@pytest.mark.parametrize(
    ("name", "media_type", "kind", "word"),
    [
        ("harbour.JPG", "application/octet-stream", Kind.PICTURE, "JPG"),
        ("invoice.pdf", "application/octet-stream", Kind.PDF, "PDF"),
        ("invoice.pdf.exe", "application/pdf", Kind.PROGRAM, "EXE"),
        ("photo.jpg", "application/vnd.microsoft.portable-executable", Kind.PROGRAM, "JPG"),
        ("rota.csv", "text/csv", Kind.SHEET, "CSV"),
        ("notes", "text/plain", Kind.TEXT, ""),
        ("voice", "audio/mpeg", Kind.SOUND, "MPEG"),
        ("page.html", "text/html", Kind.CODE, "HTML"),
        ("key.asc", "application/pgp-keys", Kind.SIGNATURE, "ASC"),
        ("smime.p7s", "application/pkcs7-signature", Kind.SIGNATURE, "P7S"),
        ("who knows", "x/y", Kind.OTHER, "Y"),
        ("v1.2 of the plan", "application/octet-stream", Kind.OTHER, ""),
        ("", "", Kind.OTHER, ""),
    ],
)
def test_kind_and_word(name: str, media_type: str, kind: Kind, word: str) -> None:
    assert kind_of(name, media_type) == kind
    assert word_of(name, media_type) == word
