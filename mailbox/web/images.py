"""Which octets are an image that a browser may show: told by the octets, never by what a server says of them."""

MEDIA_TYPES = "image/png, image/jpeg, image/gif, image/webp"
# Not SVG: it is a document that can hold scripts.
_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
# What servers say of files whose type they do not know.
_UNKNOWN = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/binary"})


def may_be_image(media_type: str) -> bool:
    """Whether content of that type is worth reading."""
    return media_type in _UNKNOWN or (media_type.startswith("image/") and "svg" not in media_type)


def image_type(content: bytes) -> str:
    """Return the media type of an image, by its first octets; "" for everything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for mark, kind in _BEGINNINGS.items() if content.startswith(mark)), "")
