"""Makes a small picture of a large one: octets on stdin, a WebP on stdout, status 1 where none can be made.

A program of its own (`python -m mailbox.picture`), because what strangers send may be a bomb or hit a fault in the
decoder: the process knows no secrets, may use only so much memory and time, and dies alone.
"""

import io
import resource
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 64_000_000
MEMORY_OCTETS = 512 * 2**20
PROCESSOR_SECONDS = 10
WIDTH, HEIGHT = 480, 360
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
# What decoders raise for damage; Pillow's own errors are OSErrors.
_FAULTS = (OSError, ValueError, SyntaxError, EOFError, MemoryError)


class Unfit(Exception):
    """The octets are no picture, or too large a one."""


def shrink(octets: bytes) -> bytes:
    """Return the first frame of a picture as a WebP of at most WIDTH x HEIGHT pixels, upright, without metadata.

    Raises Unfit for more than MOST_PIXELS, another format than PNG, JPEG, GIF or WebP, and for damage.
    """
    # Imported late: `main` bounds the process before a decoder is loaded.
    from PIL import Image, ImageOps

    # The bound below is ours, and no mere warning.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(io.BytesIO(octets), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Unfit("too many pixels")
            # A JPEG is decoded at a fraction of its size.
            image.draft("RGB", (2 * WIDTH, 2 * HEIGHT))
            small = ImageOps.exif_transpose(image)
            small.thumbnail((WIDTH, HEIGHT), reducing_gap=2)
            return _webp(small.convert("RGBA" if small.has_transparency_data else "RGB"))
    except _FAULTS as error:
        raise Unfit(str(error)) from error


def _webp(image: "Image.Image") -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=75)
    return out.getvalue()


def main() -> int:
    """Shrink what is on stdin within the bounds."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_OCTETS, MEMORY_OCTETS))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sys.stdout.buffer.write(shrink(sys.stdin.buffer.read()))
    except Unfit:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
