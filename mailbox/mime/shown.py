"""Which attached files may be shown by a browser, and as what: the octets decide, not the label (threat 17)."""

from mailbox.mime.part import Part

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
PDF = "application/pdf"
TEXT = "text/plain"
SHOWN = PICTURES | {PDF, TEXT}
_LOOKED_AT = 512
# Types whose file is text to its reader; none that a browser gives a meaning of its own.
_TEXT_TYPES = frozenset({"application/json", "application/x-yaml", "application/yaml", "application/toml"})
_NO_TEXT = frozenset({"text/html", "text/xml", "text/rtf"})
_TEXT_NAMES = (".txt", ".csv", ".tsv", ".md", ".log", ".json", ".yaml", ".yml", ".toml", ".ini", ".diff", ".patch")


def shown_type(part: Part) -> str:
    """Return the media type as which `part` may be shown, "" where it can only be downloaded.

    A picture or a PDF is one by its first octets, whatever it is called. Text has no such mark: it must be called text
    and hold no NUL. HTML, SVG and XML are never shown, for a browser might run what is in them.
    """
    octets = part.head(_LOOKED_AT)
    if found := _by_octets(octets):
        return found
    return TEXT if _is_called_text(part) and b"\x00" not in octets else ""


def _by_octets(octets: bytes) -> str:
    if octets[:4] == b"RIFF" and octets[8:12] == b"WEBP":
        return "image/webp"
    return next((media_type for mark, media_type in _MARKS if octets.startswith(mark)), "")


_MARKS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", PDF),
)


def _is_called_text(part: Part) -> bool:
    if part.media_type in _TEXT_TYPES or (part.media_type.startswith("text/") and part.media_type not in _NO_TEXT):
        return True
    return part.media_type == "application/octet-stream" and part.file_name.lower().endswith(_TEXT_NAMES)
