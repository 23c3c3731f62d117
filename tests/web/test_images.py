"""What is an image is told by its octets."""

import pytest

from mailbox.web import image_type, may_be_image
from tests.web.odd_web import PNG


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0...", "image/jpeg"),
        (b"GIF89a...", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVE", ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", ""),
        (b"<html>", ""),
        (b"BM...", ""),
        (b"", ""),
    ],
)
def test_tells_an_image_by_its_octets(content, media_type):
    assert image_type(content) == media_type


@pytest.mark.parametrize("media_type", ["image/png", "image/x-odd", "", "application/octet-stream"])
def test_reads_what_may_be_an_image(media_type):
    assert may_be_image(media_type)


@pytest.mark.parametrize("media_type", ["image/svg+xml", "text/html", "application/xml"])
def test_leaves_the_rest(media_type):
    assert not may_be_image(media_type)
