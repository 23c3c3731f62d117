"""A part in slices is the part in one piece, whatever its encoding and its damage."""

from base64 import encodebytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox.mime.parse import parse
from mailbox.mime.part import Part
from mailbox.mime.slices import slices


def part_of(body: bytes, encoding: str) -> Part:
    header = f"Content-Type: application/pdf\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    [part] = parse(header.encode() + body).parts
    return part


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit", "binary", "x-uuencode", "unheard-of", ""])
@given(body=st.text(alphabet="Aa0+/=\r\n !\x00-_", max_size=120), size=st.integers(1, 40))
def test_the_slices_together_are_the_content(encoding: str, body: str, size: int) -> None:
    part = part_of(body.encode(), encoding)
    assert b"".join(slices(part, size)) == part.content()


@given(content=st.binary(max_size=300), size=st.integers(1, 100))
def test_base64_comes_back_whole(content: bytes, size: int) -> None:
    part = part_of(encodebytes(content), "base64")
    assert b"".join(slices(part, size)) == content


def test_no_slice_of_a_large_file_is_much_larger_than_asked_for() -> None:
    part = part_of(encodebytes(bytes(500_000)), "base64")
    assert max(map(len, slices(part, 10_000))) <= 10_000
